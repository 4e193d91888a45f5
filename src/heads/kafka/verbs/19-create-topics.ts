// CreateTopics: many at once, each with an outcome of its own. -1 partitions or replicas stand for the broker's default
// (KIP-464); since version 5 the answer shows what was made (KIP-525). Topics are there when the answer comes, so the
// request's timeout has nothing to end.

import { BrokerError, type NewTopic, plainValue, type Replicas, settingRow } from '../../../broker/index.ts'
import { checkAssignments, checkReplication, replicasFrom } from '../assignments.ts'
import { type ConfigEntry, topicEntries } from '../configs.ts'
import { KafkaRefusal, kafkaErrors } from '../errors.ts'
import { demand, failed, type Outcome, refused, repeatedIn, succeeded } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { CreateTopics } from '../wire/index.ts'
import { ZERO_UUID } from '../wire/kinds.ts'

type Wanted = RequestOf<typeof CreateTopics>['topics'][number]
type Specified = Required<Omit<NewTopic, 'isQueue' | 'isTransient' | 'replicas'>> & Pick<NewTopic, 'replicas'>

const BY_DEFAULT = -1

export const createTopics = verb(CreateTopics, {
  async handle({ topics, validateOnly }, call) {
    const repeated = repeatedIn(topics.map(({ name }) => name))
    const once = topics.filter(({ name }) => !repeated.has(name))
    const rows = await Promise.all(once.map(topic => create(topic, validateOnly, call)))
    const refusal = refused('INVALID_REQUEST', 'Duplicate topic name.')
    return { topics: [...rows, ...[...repeated].map(name => failure(name, refusal))] }
  },
  refuse: ({ topics }, errorCode, errorMessage) => ({
    topics: topics.map(({ name }) => failure(name, { errorCode, errorMessage })),
  }),
})

async function create(wanted: Wanted, validateOnly: boolean, call: Call) {
  const { topics } = call.kafka.broker
  try {
    const topic = specified(wanted, call)
    topics.check(topic)
    if (wanted.assignments.length === 0) checkReplication(topic.replication, call.kafka.cluster)
    const topicId = validateOnly ? ZERO_UUID : (await topics.create(topic)).id
    return { name: topic.name, topicId, ...succeeded, ...shown(topic, call) }
  } catch (error) {
    return failure(wanted.name, failed(call, error))
  }
}

/** What is to be made, defaults filled in. */
function specified(wanted: Wanted, call: Call): Specified {
  const { name } = wanted
  if (!call.allows('create', 'cluster', 'kafka-cluster')) demand(call, 'create', 'topic', name)
  return { name, ...layout(wanted, call), configs: configsOf(wanted) }
}

function layout({ numPartitions, replicationFactor, assignments }: Wanted, { kafka }: Call) {
  const { settings } = kafka.broker
  if (assignments.length === 0)
    return {
      partitions: numPartitions === BY_DEFAULT ? settings.number('num.partitions') : numPartitions,
      replication:
        replicationFactor === BY_DEFAULT ? settings.number('default.replication.factor') : replicationFactor,
    }
  if (replicationFactor !== BY_DEFAULT || numPartitions !== BY_DEFAULT)
    throw new BrokerError(
      'REQUEST_INVALID',
      'A manual partition assignment was specified, so partitions and replication factor must both be -1.',
    )
  return assignedLayout(assignments, kafka.cluster)
}

function assignedLayout(
  assignments: Wanted['assignments'],
  cluster: Call['kafka']['cluster'],
): { partitions: number; replication: number; replicas: Replicas } {
  const sorted = [...assignments].sort((a, b) => a.partitionIndex - b.partitionIndex)
  if (!sorted.every(({ partitionIndex }, index) => partitionIndex === index))
    throw new KafkaRefusal(
      'INVALID_REPLICA_ASSIGNMENT',
      'partitions should be a consecutive 0-based integer sequence',
    )
  const lists = sorted.map(({ brokerIds }) => brokerIds)
  checkAssignments(lists, cluster)
  return {
    partitions: lists.length,
    replication: lists[0]?.length ?? 1,
    replicas: replicasFrom(0, lists),
  }
}

function configsOf({ configs }: Wanted): Record<string, string> {
  return Object.fromEntries(
    configs.map(({ name, value }) => {
      if (value === null)
        throw new BrokerError('CONFIG_INVALID', `Null value not supported for topic configs: ${name}`)
      return [name, plainValue(settingRow(name)?.kind, value)]
    }),
  )
}

/** What the topic looks like, as far as the client may see it. */
function shown({ name, partitions, replication, configs }: Specified, call: Call) {
  if (!call.allows('describe_configs', 'topic', name))
    return {
      topicConfigErrorCode: kafkaErrors.TOPIC_AUTHORIZATION_FAILED,
      numPartitions: -1,
      replicationFactor: -1,
      configs: [],
    }
  return {
    topicConfigErrorCode: kafkaErrors.NONE,
    numPartitions: partitions,
    replicationFactor: replication,
    configs: topicEntries(configs, call.kafka.broker.settings).map(brief),
  }
}

function brief({ name, value, readOnly, configSource, isSensitive }: ConfigEntry) {
  return { name, value, readOnly, configSource, isSensitive }
}

function failure(name: string, outcome: Outcome) {
  return {
    name,
    topicId: ZERO_UUID,
    ...outcome,
    topicConfigErrorCode: kafkaErrors.NONE,
    numPartitions: -1,
    replicationFactor: -1,
    configs: [],
  }
}
