// AlterPartitionReassignments (KIP-455): replicas stay where the cluster's rule puts them. Asking for the brokers that
// have the partition already succeeds, so that tools which state the whole plan can be run again.

import { checkReplicas } from '../assignments.ts'
import { KafkaRefusal } from '../errors.ts'
import { demandOfCluster, outcomeOf, succeeded } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { AlterPartitionReassignments } from '../wire/index.ts'

type Wanted = RequestOf<typeof AlterPartitionReassignments>['topics'][number]['partitions'][number]

export const alterPartitionReassignments = verb(AlterPartitionReassignments, {
  async handle({ topics, allowReplicationFactorChange }, call) {
    demandOfCluster(call, 'alter')
    const responses = topics.map(async ({ name, partitions }) => {
      const rows = partitions.map(async wanted => ({
        partitionIndex: wanted.partitionIndex,
        ...(await outcomeOf(call, () => check(name, wanted, call))),
      }))
      return { name, partitions: await Promise.all(rows) }
    })
    return { ...succeeded, allowReplicationFactorChange, responses: await Promise.all(responses) }
  },
  refuse: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage, responses: [] }),
})

function check(name: string, { partitionIndex, replicas }: Wanted, { kafka }: Call): void {
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
  const now = kafka.cluster.replicasOf(topic, partitionIndex)
  if (replicas.length !== now.length || !now.every(id => replicas.includes(id)))
    throw new KafkaRefusal(
      'INVALID_REPLICA_ASSIGNMENT',
      `The replicas of ${name}-${partitionIndex} are ${now.join(', ')} and cannot be moved.`,
    )
}
