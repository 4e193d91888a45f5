// Asks the leaders where partitions begin and end, and which offset belongs to a time (ListOffsets).

import type { ResponseOutput } from '../../heads/kafka/wire/api.ts'
import { ListOffsets } from '../../heads/kafka/wire/index.ts'
import type { Client } from './client.ts'
import { BrokerFault, check } from './faults.ts'

/** Offsets by partition. */
export type Offsets = ReadonlyMap<number, number>

/** Places that are asked for like times, by the protocol's numbers. */
export const places = { end: -1, start: -2 } as const

/** What a consumer may see: all records, or only those of transactions that were committed. */
export type Isolation = 'uncommitted' | 'committed'

/** Kafka's number of an isolation level. */
export function isolationLevel(isolation: Isolation): number {
  return isolation === 'committed' ? 1 : 0
}

type PartitionAnswer = ResponseOutput<typeof ListOffsets>['topics'][number]['partitions'][number]

/**
 * The offset of the first record at or after a time (ms), or of a place, in each of the partitions; -1 where no record
 * is that young; in the order of the partitions. Errors: BrokerFault.
 */
export async function offsetsAt(
  client: Client,
  topic: string,
  partitions: readonly number[],
  time: number,
  isolation: Isolation = 'committed',
): Promise<Offsets> {
  return client.routed(topic, async () => {
    const found = new Map<number, number>()
    const byLeader = await leadersOf(client, topic, partitions)
    const ask = async ([leader, indexes]: readonly [number, readonly number[]]): Promise<void> => {
      for (const row of await listOffsets(client, leader, topic, indexes, time, isolation)) {
        check(row.errorCode, `partition ${row.partitionIndex} of ${topic}`)
        found.set(row.partitionIndex, row.offset)
      }
    }
    await Promise.all([...byLeader].map(ask))
    return new Map([...found].sort(([a], [b]) => a - b)) // leaders answer in any order
  })
}

/** The partitions by the broker that leads them. Errors: BrokerFault. */
export async function leadersOf(
  client: Client,
  topic: string,
  partitions: readonly number[],
): Promise<Map<number, number[]>> {
  const byLeader = new Map<number, number[]>()
  for (const partition of partitions) {
    const leader = await client.cluster.leader(topic, partition)
    byLeader.set(leader, [...(byLeader.get(leader) ?? []), partition])
  }
  return byLeader
}

async function listOffsets(
  client: Client,
  leader: number,
  topic: string,
  partitions: readonly number[],
  time: number,
  isolation: Isolation,
): Promise<readonly PartitionAnswer[]> {
  const connection = await client.cluster.node(leader)
  const answer = await connection.request(ListOffsets, {
    replicaId: -1,
    isolationLevel: isolationLevel(isolation),
    timeoutMs: client.timeoutMs,
    topics: [
      { name: topic, partitions: partitions.map(partitionIndex => ({ partitionIndex, timestamp: time })) },
    ],
  })
  const [found] = answer.topics
  if (found === undefined) throw new BrokerFault(-1, `topic ${topic}`, 'the broker left it out of its answer')
  return found.partitions
}
