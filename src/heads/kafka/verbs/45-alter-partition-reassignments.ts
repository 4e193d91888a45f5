// AlterPartitionReassignments (KIP-455): done at once, because every virtual broker serves the same partitions: there is
// nothing to copy. The first of the new replicas leads; Kafka leaves that to an election.

import { checkReplicas } from '../assignments.ts'
import { KafkaRefusal } from '../errors.ts'
import { demandOfCluster, type Outcome, outcomeOf, succeeded } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { AlterPartitionReassignments } from '../wire/index.ts'

type Request = RequestOf<typeof AlterPartitionReassignments>
type Wanted = Request['topics'][number]['partitions'][number]

export const alterPartitionReassignments = verb(AlterPartitionReassignments, {
  async handle({ topics, allowReplicationFactorChange }, call) {
    demandOfCluster(call, 'alter')
    const responses = topics.map(({ name, partitions }) =>
      reassign(name, partitions, allowReplicationFactorChange, call),
    )
    return { ...succeeded, allowReplicationFactorChange, responses: await Promise.all(responses) }
  },
  refuse: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage, responses: [] }),
})

/** One change of the topic for all partitions for which nothing speaks against it. */
async function reassign(name: string, partitions: readonly Wanted[], mayResize: boolean, call: Call) {
  const moved: Record<string, readonly number[]> = {}
  const checked = await Promise.all(
    partitions.map(wanted =>
      outcomeOf(call, () => {
        moved[wanted.partitionIndex] = checkedReplicas(name, wanted, mayResize, call)
      }),
    ),
  )
  const stored: Outcome =
    Object.keys(moved).length === 0
      ? succeeded
      : await outcomeOf(call, () => call.kafka.broker.topics.assign(name, moved))
  const rows = partitions.map(({ partitionIndex }, at) => ({
    partitionIndex,
    ...(moved[partitionIndex] === undefined ? (checked[at] ?? stored) : stored),
  }))
  return { name, partitions: rows }
}

function checkedReplicas(
  name: string,
  { partitionIndex, replicas }: Wanted,
  mayResize: boolean,
  { kafka }: Call,
): readonly number[] {
  const topic = kafka.broker.topics.get(name)
  if (topic === undefined)
    throw new KafkaRefusal('UNKNOWN_TOPIC_OR_PARTITION', `Unable to find a topic named ${name}.`)
  if (topic.partitions[partitionIndex] === undefined)
    throw new KafkaRefusal(
      'UNKNOWN_TOPIC_OR_PARTITION',
      `Unable to find partition ${name}:${partitionIndex}.`,
    )
  if (replicas === null)
    throw new KafkaRefusal('NO_REASSIGNMENT_IN_PROGRESS', 'No partition reassignment is in progress.')
  checkReplicas(replicas, kafka.cluster)
  const { length } = kafka.cluster.replicasOf(topic, partitionIndex)
  if (!mayResize && replicas.length !== length)
    throw new KafkaRefusal(
      'INVALID_REPLICATION_FACTOR',
      `The replication factor is changed from ${length} to ${replicas.length}.`,
    )
  return replicas
}
