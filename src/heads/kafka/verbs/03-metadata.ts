// Metadata: topics, their partitions and leaders, and the brokers to connect to. A client that names a topic which is
// not there may thereby make it (auto.create.topics.enable, and its own wish).

import type { Topic } from '../../../broker/index.ts'
import { BrokerError } from '../../../broker/index.ts'
import { kafkaErrors, refusalOf } from '../errors.ts'
import { clusterOperations, topicOperations } from '../operations.ts'
import { topicNamed } from '../place.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { Metadata } from '../wire/index.ts'
import { ZERO_UUID } from '../wire/kinds.ts'

export const metadata = verb(Metadata, {
  async handle(request, call) {
    const { kafka, version } = call
    const found =
      request.topics === null || (version === 0 && request.topics.length === 0)
        ? everyTopic(call)
        : await namedTopics(request, call)
    return {
      brokers: kafka.cluster.nodes(call.listener).map(({ id, host, port }) => ({ nodeId: id, host, port })),
      clusterId: kafka.cluster.id,
      controllerId: kafka.cluster.controllerId,
      topics: request.includeTopicAuthorizedOperations ? found.map(one => withOperations(one, call)) : found,
      ...(request.includeClusterAuthorizedOperations && {
        clusterAuthorizedOperations: clusterOperations(call),
      }),
    }
  },
  refuse: (_request, errorCode) => ({ brokers: [], topics: [], errorCode }),
})

/** Topics may be named by id from this version on; the two before have the field and do not take it. */
const TOPIC_IDS_SINCE = 12

type Wanted = NonNullable<RequestOf<typeof Metadata>['topics']>[number]

function everyTopic(call: Call) {
  return call.kafka.broker.topics
    .list()
    .filter(({ name }) => call.allows('describe', 'topic', name))
    .map(topic => describe(topic, call))
}

function namedTopics({ topics, allowAutoTopicCreation }: RequestOf<typeof Metadata>, call: Call) {
  return Promise.all((topics ?? []).map(one => namedTopic(one, allowAutoTopicCreation, call)))
}

async function namedTopic({ name, topicId }: Wanted, mayCreate: boolean, call: Call) {
  if (name === null && call.version < TOPIC_IDS_SINCE)
    return failure('', topicId, kafkaErrors.INVALID_REQUEST)
  // An id counts, whatever name stands beside it.
  if (topicId !== ZERO_UUID && call.version >= TOPIC_IDS_SINCE) return topicById(topicId, call)
  const wanted = name ?? ''
  if (!call.allows('describe', 'topic', wanted))
    return failure(wanted, ZERO_UUID, kafkaErrors.TOPIC_AUTHORIZATION_FAILED)
  try {
    const topic = mayCreate ? await findOrCreate(wanted, call) : topicNamed(wanted, call)
    return topic === undefined
      ? failure(wanted, ZERO_UUID, kafkaErrors.TOPIC_AUTHORIZATION_FAILED)
      : describe(topic, call)
  } catch (error) {
    return failure(wanted, ZERO_UUID, refusalOf(error).code)
  }
}

function topicById(topicId: string, call: Call) {
  const topic = call.kafka.broker.topics.byId(topicId)
  if (topic === undefined) return failure(null, topicId, kafkaErrors.UNKNOWN_TOPIC_ID)
  // Whoever may not see the topic must not learn that the id exists.
  if (!call.allows('describe', 'topic', topic.name))
    return failure(null, topicId, kafkaErrors.UNKNOWN_TOPIC_ID)
  return describe(topic, call)
}

/** Undefined when this client may not make topics. */
async function findOrCreate(name: string, call: Call): Promise<Topic | undefined> {
  const { broker } = call.kafka
  if (
    broker.topics.get(name) === undefined &&
    !(call.allows('create', 'cluster', 'kafka-cluster') || call.allows('create', 'topic', name))
  )
    return undefined
  const topic = await broker.topicOnDemand(name)
  if (topic === undefined) throw new BrokerError('TOPIC_UNKNOWN', `there is no topic '${name}'`)
  return topic
}

function describe(topic: Topic, { kafka }: Call) {
  const { cluster } = kafka
  const partitions = topic.partitions.map(({ index, log }) => {
    const replicaNodes = cluster.replicasOf(topic, index)
    return {
      errorCode: kafkaErrors.NONE,
      partitionIndex: index,
      leaderId: cluster.leaderOf(topic, index),
      leaderEpoch: log.epoch,
      replicaNodes,
      isrNodes: replicaNodes,
    }
  })
  const ready = partitions.length === topic.definition.partitions
  return {
    errorCode: ready ? kafkaErrors.NONE : kafkaErrors.LEADER_NOT_AVAILABLE,
    name: topic.name,
    topicId: topic.id,
    isInternal: topic.isInternal,
    partitions,
  }
}

function failure(name: string | null, topicId: string, errorCode: number) {
  return { errorCode, name, topicId, isInternal: false, partitions: [] }
}

function withOperations<T extends { readonly name: string | null; readonly errorCode: number }>(
  topic: T,
  call: Call,
) {
  if (topic.name === null || topic.errorCode !== kafkaErrors.NONE) return topic
  return { ...topic, topicAuthorizedOperations: topicOperations(topic.name, call) }
}
