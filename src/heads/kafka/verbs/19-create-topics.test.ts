// CreateTopics as a client meets it: the table holds each way in which one row can fail, with Kafka 4.1's code.

import { describe, expect, it } from 'vitest'
import { type KafkaErrorName, kafkaErrors } from '../errors.ts'
import type { RequestInput } from '../wire/api.ts'
import { CreateTopics } from '../wire/index.ts'
import { ZERO_UUID } from '../wire/kinds.ts'
import { Scene } from './asking.contract.ts'

type Wanted = RequestInput<typeof CreateTopics>['topics'][number]

function wanted(change: Partial<Wanted> = {}): Wanted {
  return { name: 't', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [], ...change }
}

function assigned(...brokerIds: readonly number[][]): Partial<Wanted> {
  return {
    numPartitions: -1,
    replicationFactor: -1,
    assignments: brokerIds.map((ids, partitionIndex) => ({ partitionIndex, brokerIds: ids })),
  }
}

function config(name: string, value: string | null): Partial<Wanted> {
  return { configs: [{ name, value }] }
}

const gap = { ...assigned([0], [0]), assignments: [{ partitionIndex: 1, brokerIds: [0] }] }

const refusals: readonly [why: string, change: Partial<Wanted>, error: KafkaErrorName][] = [
  ['it is there already', { name: 'old' }, 'TOPIC_ALREADY_EXISTS'],
  ['its name has a space', { name: 'a b' }, 'INVALID_TOPIC_EXCEPTION'],
  ['its name is empty', { name: '' }, 'INVALID_TOPIC_EXCEPTION'],
  ['it has no partitions', { numPartitions: 0 }, 'INVALID_PARTITIONS'],
  ['it has fewer partitions than the word for the default', { numPartitions: -2 }, 'INVALID_PARTITIONS'],
  ['it has no replicas', { replicationFactor: 0 }, 'INVALID_REPLICATION_FACTOR'],
  ['there are fewer brokers than replicas', { replicationFactor: 3 }, 'INVALID_REPLICATION_FACTOR'],
  ['a setting is unknown', config('nonsense', '1'), 'INVALID_CONFIG'],
  ['a setting has no value', config('cleanup.policy', null), 'INVALID_CONFIG'],
  ['a setting is out of bounds', config('retention.ms', '-2'), 'INVALID_CONFIG'],
  ['a level of gzip is none', config('compression.gzip.level', '0'), 'INVALID_CONFIG'],
  ['a throttled replica is no pair', config('leader.replication.throttled.replicas', '3'), 'INVALID_CONFIG'],
  [
    'its lags contradict each other',
    {
      configs: [
        { name: 'min.compaction.lag.ms', value: '10' },
        { name: 'max.compaction.lag.ms', value: '5' },
      ],
    },
    'INVALID_CONFIG',
  ],
  ['it asks for tiered storage', config('remote.storage.enable', 'true'), 'INVALID_CONFIG'],
  ['an assigned broker is not there', assigned([2]), 'INVALID_REPLICA_ASSIGNMENT'],
  ['a broker is assigned twice', assigned([0, 0]), 'INVALID_REPLICA_ASSIGNMENT'],
  ['a partition is assigned to nobody', assigned([]), 'INVALID_REPLICA_ASSIGNMENT'],
  ['partitions are assigned unevenly', assigned([0, 1], [0]), 'INVALID_REPLICA_ASSIGNMENT'],
  ['partitions are left out of the assignment', gap, 'INVALID_REPLICA_ASSIGNMENT'],
  ['an assignment also gives a count', { ...assigned([0]), numPartitions: 1 }, 'INVALID_REQUEST'],
]

describe('CreateTopics', () => {
  it.each(refusals)('refuses a topic because %s', async (_why, change, error) => {
    const scene = await Scene.open({ brokers: 2 })
    await scene.broker.topics.create({ name: 'old', partitions: 1 })
    const { topics } = await scene.ask(CreateTopics, { topics: [wanted(change)] })
    expect(topics).toMatchObject([{ errorCode: kafkaErrors[error], errorMessage: expect.any(String) }])
    expect(scene.broker.topics.list().map(({ name }) => name)).toEqual(['old'])
  })

  it('takes blanks around values, and true and false in any case', async () => {
    const scene = await Scene.open()
    const configs = [
      { name: 'retention.ms', value: ' 77 ' },
      { name: 'preallocate', value: 'True' },
    ]
    expect(await scene.ask(CreateTopics, { topics: [wanted({ configs })] })).toMatchObject({
      topics: [{ errorCode: 0 }],
    })
    expect(scene.broker.topics.get('t')?.definition.configs).toEqual({
      'retention.ms': '77',
      preallocate: 'true',
    })
  })

  it('answers with what was made, and where each setting comes from (KIP-525)', async () => {
    const scene = await Scene.open({ settings: { 'log.retention.ms': 5000 } })
    const { topics } = await scene.ask(CreateTopics, {
      topics: [wanted({ numPartitions: 3, ...config('cleanup.policy', 'compact') })],
    })
    const made = scene.broker.topics.get('t')
    expect(topics).toMatchObject([
      { errorCode: 0, topicId: made?.id, topicConfigErrorCode: 0, numPartitions: 3, replicationFactor: 1 },
    ])
    expect(topics[0]?.configs).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'cleanup.policy', value: 'compact', configSource: 1 }),
        expect.objectContaining({ name: 'retention.ms', value: '5000', configSource: 4 }),
        expect.objectContaining({ name: 'segment.ms', value: '604800000', configSource: 5 }),
      ]),
    )
    expect(made?.partitions).toHaveLength(3)
  })

  it('takes the broker’s defaults for -1 (KIP-464)', async () => {
    const settings = { 'num.partitions': 4, 'default.replication.factor': 2 }
    const scene = await Scene.open({ brokers: 2, settings })
    const { topics } = await scene.ask(CreateTopics, {
      topics: [wanted({ numPartitions: -1, replicationFactor: -1 })],
    })
    expect(topics).toMatchObject([{ errorCode: 0, numPartitions: 4, replicationFactor: 2 }])
  })

  it('counts partitions and replicas of an assignment', async () => {
    const scene = await Scene.open({ brokers: 3 })
    await scene.ask(CreateTopics, { topics: [wanted(assigned([0, 1], [1, 2], [2, 0]))] })
    expect(scene.broker.topics.get('t')?.definition).toMatchObject({ partitions: 3, replication: 2 })
  })

  it('takes the settings that do nothing here', async () => {
    const scene = await Scene.open()
    const configs = [
      { name: 'flush.ms', value: '10' },
      { name: 'unclean.leader.election.enable', value: 'true' },
      { name: 'remote.storage.enable', value: 'false' },
      { name: 'follower.replication.throttled.replicas', value: '0:1,2:3' },
      { name: 'compression.zstd.level', value: '-7' },
    ]
    const { topics } = await scene.ask(CreateTopics, { topics: [wanted({ configs })] })
    expect(topics).toMatchObject([{ errorCode: 0 }])
    expect(scene.broker.topics.get('t')?.definition.configs).toMatchObject({ 'flush.ms': '10' })
  })

  it('refuses a name that stands twice and makes the others', async () => {
    const scene = await Scene.open()
    const { topics } = await scene.ask(CreateTopics, {
      topics: [wanted({ name: 'a' }), wanted({ name: 'b' }), wanted({ name: 'b' })],
    })
    expect(topics.map(({ name, errorCode }) => [name, errorCode])).toEqual([
      ['a', 0],
      ['b', kafkaErrors.INVALID_REQUEST],
    ])
    expect(scene.broker.topics.get('b')).toBeUndefined()
  })

  it('makes nothing when it only validates', async () => {
    const scene = await Scene.open()
    const { topics } = await scene.ask(CreateTopics, { topics: [wanted()], validateOnly: true })
    expect(topics).toMatchObject([{ errorCode: 0, topicId: ZERO_UUID, numPartitions: 1 }])
    expect(scene.broker.topics.list()).toEqual([])
  })

  it('is open to who may create this topic or any, and hides settings from who may not see them', async () => {
    const scene = await Scene.open({ access: { allowIfNone: false, superUsers: ['User:root'] } })
    await scene.broker.access.addAcls([
      {
        resourceType: 'topic',
        patternType: 'literal',
        resourceName: 'hers',
        principal: 'User:ann',
        host: '*',
        operation: 'create',
        permission: 'allow',
      },
    ])
    const { topics } = await scene.ask(
      CreateTopics,
      { topics: [wanted({ name: 'hers' }), wanted({ name: 'other' })] },
      { as: 'ann' },
    )
    expect(topics).toMatchObject([
      {
        errorCode: 0,
        topicConfigErrorCode: kafkaErrors.TOPIC_AUTHORIZATION_FAILED,
        numPartitions: -1,
        configs: [],
      },
      { errorCode: kafkaErrors.TOPIC_AUTHORIZATION_FAILED },
    ])
  })
})
