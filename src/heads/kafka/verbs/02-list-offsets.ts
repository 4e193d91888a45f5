// ListOffsets: the offset at a point in time. Negative times are words: -1 the end, -2 the start, -3 the record of the
// largest time (KIP-734), -4 the start of what is local (KIP-405: all is local), -5 the end of what is tiered (nothing is).

import type { Partition } from '../../../broker/index.ts'
import { firstAtOrAfter, latestByTime } from '../../../broker/index.ts'
import { kafkaErrors, refusalOf } from '../errors.ts'
import { repeatedIn } from '../outcome.ts'
import { checkLeaderEpoch, leadPartition } from '../place.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { ListOffsets } from '../wire/index.ts'

const LATEST = -1
const EARLIEST = -2
const MAX_TIMESTAMP = -3
const EARLIEST_LOCAL = -4
const LATEST_TIERED = -5
const READ_COMMITTED = 1

/** The first version that knows each word (KIP-734, KIP-405, KIP-1005). */
const wordsSince: ReadonlyMap<number, number> = new Map([
  [LATEST, 1],
  [EARLIEST, 1],
  [MAX_TIMESTAMP, 7],
  [EARLIEST_LOCAL, 8],
  [LATEST_TIERED, 9],
])

type Request = RequestOf<typeof ListOffsets>
type Entry = Request['topics'][number]['partitions'][number]

export const listOffsets = verb(ListOffsets, {
  async handle(request, call) {
    const topics = request.topics.map(async ({ name, partitions }) => {
      const allowed = call.allows('describe', 'topic', name)
      const repeated = repeatedIn(partitions.map(({ partitionIndex }) => String(partitionIndex)))
      const rows = partitions.map(entry => {
        if (!allowed) return failure(entry, kafkaErrors.TOPIC_AUTHORIZATION_FAILED)
        return repeated.has(String(entry.partitionIndex))
          ? failure(entry, kafkaErrors.INVALID_REQUEST)
          : locate(name, entry, request, call)
      })
      return { name, partitions: await Promise.all(rows) }
    })
    return { topics: await Promise.all(topics) }
  },
  refuse: ({ topics }, code) => ({
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(entry => failure(entry, code)),
    })),
  }),
})

async function locate(name: string, entry: Entry, { isolationLevel }: Request, call: Call) {
  if (entry.timestamp < 0 && call.version < (wordsSince.get(entry.timestamp) ?? Number.POSITIVE_INFINITY))
    return failure(entry, kafkaErrors.UNSUPPORTED_VERSION)
  const partition = leadPartition(call.kafka.broker.topics.get(name), entry.partitionIndex, call)
  if (typeof partition === 'number') return failure(entry, partition)
  try {
    checkLeaderEpoch(partition, entry.currentLeaderEpoch)
    if (isolationLevel === READ_COMMITTED) await partition.warm()
    const { offset, timestamp } = await find(partition, entry.timestamp, isolationLevel === READ_COMMITTED)
    const leaderEpoch = offset < 0 ? -1 : epochAt(partition, offset)
    return {
      partitionIndex: entry.partitionIndex,
      errorCode: kafkaErrors.NONE,
      timestamp,
      offset,
      leaderEpoch,
    }
  } catch (error) {
    return failure(entry, refusalOf(error).code)
  }
}

async function find(
  partition: Partition,
  timestamp: number,
  committed: boolean,
): Promise<{ offset: number; timestamp: number }> {
  const nowhere = { offset: -1, timestamp: -1 }
  const end = committed ? partition.lastStableOffset : partition.highWatermark
  if (timestamp === LATEST) return { offset: end, timestamp: -1 }
  if (timestamp === EARLIEST || timestamp === EARLIEST_LOCAL)
    return { offset: partition.start, timestamp: -1 }
  if (timestamp === LATEST_TIERED) return nowhere
  if (timestamp === MAX_TIMESTAMP) return (await latestByTime(partition)) ?? nowhere
  const found = await firstAtOrAfter(partition, timestamp)
  return found !== undefined && found.offset < end ? found : nowhere
}

/** The epoch under which the record at this offset was written. */
function epochAt(partition: Partition, offset: number): number {
  return partition.log.epochs.findLast(one => one.start <= offset)?.epoch ?? partition.log.epoch
}

function failure({ partitionIndex }: Entry, errorCode: number) {
  return { partitionIndex, errorCode, timestamp: -1, offset: -1, leaderEpoch: -1 }
}
