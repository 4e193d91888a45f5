// DescribeTopicPartitions (KIP-966): topics and their partitions, in pages. The order is that of the names; the cursor
// says where the next page begins.

import type { Topic } from '../../../broker/index.ts'
import { BrokerError, checkTopicName } from '../../../broker/index.ts'
import { type KafkaErrorName, kafkaErrors } from '../errors.ts'
import { topicOperations } from '../operations.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { DescribeTopicPartitions } from '../wire/index.ts'
import { ZERO_UUID } from '../wire/kinds.ts'

type Request = RequestOf<typeof DescribeTopicPartitions>
type Row = ReturnType<typeof failure> | ReturnType<typeof page>

/** Partitions of one answer (Kafka: max.request.partition.size.limit). */
const PARTITIONS_PER_PAGE_MAX = 2000

export const describeTopicPartitions = verb(DescribeTopicPartitions, {
  handle(request, call) {
    const { cursor } = request
    if (cursor !== null && cursor.partitionIndex < 0)
      throw new BrokerError('REQUEST_INVALID', `a cursor at partition ${cursor.partitionIndex} is none`)
    let left = Math.max(1, Math.min(request.responsePartitionLimit, PARTITIONS_PER_PAGE_MAX))
    const topics: Row[] = []
    for (const name of namesIn(request, call)) {
      const topic = find(name, call)
      if (typeof topic === 'string') {
        topics.push(absent(name, topic, call))
        continue
      }
      const from = cursor?.topicName === name ? cursor.partitionIndex : 0
      if (left === 0) return { topics, nextCursor: { topicName: name, partitionIndex: from } }
      const row = page(topic, from, left, call)
      topics.push(row)
      left -= row.partitions.length
      const next = from + row.partitions.length
      if (next < topic.partitions.length)
        return { topics, nextCursor: { topicName: name, partitionIndex: next } }
    }
    return { topics, nextCursor: null }
  },
  refuse: (request, code) => ({
    topics: request.topics.map(({ name }) => ({ ...failure(name, 'NONE'), errorCode: code })),
    nextCursor: null,
  }),
})

/** Those asked for, or all that the client may see, from the cursor on. */
function namesIn({ topics, cursor }: Request, { kafka, allows }: Call): string[] {
  const names =
    topics.length > 0
      ? [...new Set(topics.map(({ name }) => name))]
      : kafka.broker.topics.list().flatMap(({ name }) => (allows('describe', 'topic', name) ? [name] : []))
  const from = cursor?.topicName ?? ''
  return names.filter(name => name >= from).sort()
}

function find(name: string, { kafka, allows }: Call): Topic | KafkaErrorName {
  if (!allows('describe', 'topic', name)) return 'TOPIC_AUTHORIZATION_FAILED'
  const topic = kafka.broker.topics.get(name)
  if (topic !== undefined) return topic
  try {
    checkTopicName(name)
    return 'UNKNOWN_TOPIC_OR_PARTITION'
  } catch {
    return 'INVALID_TOPIC_EXCEPTION'
  }
}

/** A row for a topic that is not there; what the client might do with it is shown, if it may see topics of that name. */
function absent(name: string, error: KafkaErrorName, call: Call) {
  const row = failure(name, error)
  return error === 'TOPIC_AUTHORIZATION_FAILED'
    ? row
    : { ...row, topicAuthorizedOperations: topicOperations(name, call) }
}

function page(topic: Topic, from: number, limit: number, call: Call) {
  const { cluster } = call.kafka
  const partitions = topic.partitions.slice(from, from + limit).map(({ index, log }) => {
    const replicaNodes = cluster.replicasOf(topic, index)
    return {
      errorCode: kafkaErrors.NONE,
      partitionIndex: index,
      leaderId: cluster.leaderOf(topic, index),
      leaderEpoch: log.epoch,
      replicaNodes,
      isrNodes: replicaNodes,
      eligibleLeaderReplicas: [],
      lastKnownElr: [],
      offlineReplicas: [],
    }
  })
  return {
    errorCode: kafkaErrors.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: topic.isInternal,
    partitions,
    topicAuthorizedOperations: topicOperations(topic.name, call),
  }
}

function failure(name: string, error: KafkaErrorName) {
  return { errorCode: kafkaErrors[error], name, topicId: ZERO_UUID, isInternal: false, partitions: [] }
}
