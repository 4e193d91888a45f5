// Settings seen and changed: DescribeConfigs, AlterConfigs and IncrementalAlterConfigs over the same things.

import { describe, expect, it } from 'vitest'
import { openMemoryStore } from '../../../log/index.ts'
import { type KafkaErrorName, kafkaErrors } from '../errors.ts'
import { AlterConfigs, DescribeConfigs, IncrementalAlterConfigs, ListConfigResources } from '../wire/index.ts'
import { Scene } from './asking.contract.ts'

const TOPIC = 2
const BROKER = 4
const LOGGER = 8
const METRICS = 16
const GROUP = 32
const SET = 0
const DELETE = 1
const APPEND = 2
const SUBTRACT = 3

type Step = readonly [name: string, operation: number, value: string | null]

async function withTopic(own: Readonly<Record<string, string>> = {}): Promise<Scene> {
  const scene = await Scene.open({ brokers: 2, settings: { 'log.segment.bytes': 4096 } })
  await scene.broker.topics.create({ name: 't', partitions: 1, configs: own })
  return scene
}

async function step(scene: Scene, type: number, name: string, steps: readonly Step[], validateOnly = false) {
  const configs = steps.map(([key, configOperation, value]) => ({ name: key, configOperation, value }))
  const { responses } = await scene.ask(IncrementalAlterConfigs, {
    resources: [{ resourceType: type, resourceName: name, configs }],
    validateOnly,
  })
  return responses[0]
}

async function described(scene: Scene, type: number, name: string, keys: string[] | null = null) {
  const { results } = await scene.ask(DescribeConfigs, {
    resources: [{ resourceType: type, resourceName: name, configurationKeys: keys }],
    includeSynonyms: true,
    includeDocumentation: true,
  })
  return results[0]
}

describe('settings', () => {
  it("says of 'a b' that no topic is named so", async () => {
    const scene = await withTopic()
    const error = { errorCode: kafkaErrors.INVALID_TOPIC_EXCEPTION }
    expect(await described(scene, TOPIC, 'a b')).toMatchObject(error)
    expect(await described(scene, TOPIC, '')).toMatchObject(error)
    expect(await step(scene, TOPIC, 'a b', [['retention.ms', SET, '1']])).toMatchObject(error)
  })

  it('refuses compaction lags that contradict each other', async () => {
    const scene = await withTopic({ 'min.compaction.lag.ms': '10' })
    expect(await step(scene, TOPIC, 't', [['max.compaction.lag.ms', SET, '5']])).toMatchObject({
      errorCode: kafkaErrors.INVALID_CONFIG,
    })
  })
})

describe('IncrementalAlterConfigs (KIP-339)', () => {
  const changes: readonly [
    what: string,
    own: Record<string, string>,
    steps: readonly Step[],
    after: Record<string, string>,
  ][] = [
    ['sets', {}, [['retention.ms', SET, '1']], { 'retention.ms': '1' }],
    [
      'keeps what it does not name',
      { 'segment.ms': '5' },
      [['retention.ms', SET, '1']],
      { 'segment.ms': '5', 'retention.ms': '1' },
    ],
    ['takes blanks around a value', {}, [['retention.ms', SET, ' 77 ']], { 'retention.ms': '77' }],
    ['takes true in any case', {}, [['preallocate', SET, 'TRUE']], { preallocate: 'true' }],
    ['takes away', { 'retention.ms': '1' }, [['retention.ms', DELETE, null]], {}],
    ['takes away what is not there', {}, [['nonsense', DELETE, null]], {}],
    [
      'appends to the default',
      {},
      [['cleanup.policy', APPEND, 'compact']],
      { 'cleanup.policy': 'delete,compact' },
    ],
    [
      'appends once',
      { 'cleanup.policy': 'compact' },
      [['cleanup.policy', APPEND, 'compact']],
      { 'cleanup.policy': 'compact' },
    ],
    [
      'subtracts',
      { 'cleanup.policy': 'compact,delete' },
      [['cleanup.policy', SUBTRACT, 'delete']],
      { 'cleanup.policy': 'compact' },
    ],
    ['does nothing without steps', { 'segment.ms': '5' }, [], { 'segment.ms': '5' }],
  ]
  it.each(changes)('%s', async (_what, own, steps, after) => {
    const scene = await withTopic(own)
    expect(await step(scene, TOPIC, 't', steps)).toMatchObject({ errorCode: 0, resourceName: 't' })
    expect(scene.broker.topics.require('t').definition.configs).toEqual(after)
  })

  const refusals: readonly [
    what: string,
    type: number,
    name: string,
    steps: readonly Step[],
    error: KafkaErrorName,
  ][] = [
    ['an unknown setting', TOPIC, 't', [['nonsense', SET, '1']], 'INVALID_CONFIG'],
    ['a bad value', TOPIC, 't', [['retention.ms', SET, 'x']], 'INVALID_CONFIG'],
    ['no value', TOPIC, 't', [['retention.ms', SET, null]], 'INVALID_REQUEST'],
    ['an append to what is no list', TOPIC, 't', [['retention.ms', APPEND, '1']], 'INVALID_CONFIG'],
    [
      'one setting twice',
      TOPIC,
      't',
      [
        ['retention.ms', SET, '1'],
        ['retention.ms', DELETE, null],
      ],
      'INVALID_REQUEST',
    ],
    ['an operation that is none', TOPIC, 't', [['retention.ms', 7, '1']], 'INVALID_REQUEST'],
    ['an unknown topic', TOPIC, 'nope', [['retention.ms', SET, '1']], 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['a topic without a name', TOPIC, '', [['retention.ms', SET, '1']], 'INVALID_REQUEST'],
    ['an unknown broker setting', BROKER, '', [['nonsense', SET, '1']], 'INVALID_CONFIG'],
    ['a setting of one broker', BROKER, '0', [['log.retention.ms', SET, '1']], 'INVALID_REQUEST'],
    ['loggers', LOGGER, '0', [['x', SET, 'INFO']], 'INVALID_REQUEST'],
    ['an unknown setting of a group', GROUP, 'g', [['retention.ms', SET, '1']], 'INVALID_CONFIG'],
    ['a bad value of a group', GROUP, 'g', [['share.isolation.level', SET, 'none']], 'INVALID_CONFIG'],
    ['a lock beyond the bounds', GROUP, 'g', [['share.record.lock.duration.ms', SET, '5']], 'INVALID_CONFIG'],
    ['a group without a name', GROUP, '', [['share.auto.offset.reset', SET, 'earliest']], 'INVALID_REQUEST'],
    ['a kind that is none', 99, 'x', [['x', SET, '1']], 'INVALID_REQUEST'],
  ]
  it('sets what a group has of its own, and takes it away', async () => {
    const scene = await withTopic()
    const value = () => scene.broker.groupSettings.get('g', 'share.auto.offset.reset')
    await step(scene, GROUP, 'g', [['share.auto.offset.reset', SET, 'earliest']])
    expect(value()).toBe('earliest')
    await step(scene, GROUP, 'g', [['share.auto.offset.reset', DELETE, null]])
    expect([value(), ...scene.broker.groupSettings.groups()]).toEqual(['latest'])
  })

  it.each(refusals)('refuses %s', async (_what, type, name, steps, error) => {
    const scene = await withTopic({ 'segment.ms': '5' })
    expect(await step(scene, type, name, steps)).toMatchObject({
      errorCode: kafkaErrors[error],
      errorMessage: expect.any(String),
    })
    expect(scene.broker.topics.require('t').definition.configs).toEqual({ 'segment.ms': '5' })
  })

  it('changes the default of all topics through the broker with no name', async () => {
    const scene = await withTopic()
    await step(scene, BROKER, '', [['log.retention.ms', SET, '77']])
    expect(scene.broker.topics.require('t').settings.retentionMs).toBe(77)
    await step(scene, BROKER, '', [['log.retention.ms', DELETE, null]])
    expect(scene.broker.topics.require('t').settings.retentionMs).toBe(604_800_000)
  })

  it('takes nothing away from one broker without complaint, as tools ask for', async () => {
    const scene = await withTopic()
    expect(await step(scene, BROKER, '1', [['log.retention.ms', DELETE, null]])).toMatchObject({
      errorCode: 0,
    })
  })

  it('keeps a throttle of one of several brokers, as tools that move replicas set it, until it is taken away', async () => {
    const scene = await withTopic()
    const name = 'leader.replication.throttled.rate'
    expect(await step(scene, BROKER, '1', [[name, SET, '1000']])).toMatchObject({ errorCode: 0 })
    expect(await described(scene, BROKER, '1', [name])).toMatchObject({ configs: [{ value: '1000' }] })
    expect(await step(scene, BROKER, '1', [[name, DELETE, null]])).toMatchObject({ errorCode: 0 })
    expect(await described(scene, BROKER, '1', [name])).toMatchObject({
      configs: [{ value: '9223372036854775807' }],
    })
    expect(await step(scene, BROKER, '1', [[name, SET, '-1']])).toMatchObject({
      errorCode: kafkaErrors.INVALID_CONFIG,
    })
  })

  it('changes nothing when it only validates', async () => {
    const scene = await withTopic()
    expect(await step(scene, TOPIC, 't', [['retention.ms', SET, '1']], true)).toMatchObject({ errorCode: 0 })
    expect(scene.broker.topics.require('t').definition.configs).toEqual({})
  })

  it('refuses a thing that is named twice', async () => {
    const scene = await withTopic()
    const resource = { resourceType: TOPIC, resourceName: 't', configs: [] }
    const { responses } = await scene.ask(IncrementalAlterConfigs, {
      resources: [resource, resource],
      validateOnly: false,
    })
    expect(responses.map(({ errorCode }) => errorCode)).toEqual([42, 42])
  })
})

describe('AlterConfigs', () => {
  it('replaces all settings that a topic has of its own', async () => {
    const scene = await withTopic({ 'segment.ms': '5', 'retention.ms': '1' })
    const configs = [{ name: 'retention.ms', value: '9' }]
    const resources = [{ resourceType: TOPIC, resourceName: 't', configs }]
    const { responses } = await scene.ask(AlterConfigs, { resources, validateOnly: false })
    expect(responses).toMatchObject([{ errorCode: 0 }])
    expect(scene.broker.topics.require('t').definition.configs).toEqual({ 'retention.ms': '9' })
  })

  it('replaces all settings that were changed for the brokers', async () => {
    const scene = await withTopic()
    await scene.broker.settings.change({ 'num.partitions': '4', 'log.retention.ms': '9' })
    const configs = [{ name: 'log.retention.ms', value: '10' }]
    const resources = [{ resourceType: BROKER, resourceName: '', configs }]
    await scene.ask(AlterConfigs, { resources, validateOnly: false })
    expect(scene.broker.settings.changed('all')).toEqual({ 'log.retention.ms': '10' })
    expect(scene.broker.settings.get('log.retention.ms')).toBe('10')
  })

  it('refuses a setting without a value', async () => {
    const scene = await withTopic()
    const configs = [{ name: 'retention.ms', value: null }]
    const resources = [{ resourceType: TOPIC, resourceName: 't', configs }]
    const { responses } = await scene.ask(AlterConfigs, { resources, validateOnly: false })
    expect(responses).toMatchObject([{ errorCode: kafkaErrors.INVALID_REQUEST }])
  })
})

describe('DescribeConfigs', () => {
  it('says of each setting where its value comes from (KIP-226)', async () => {
    const scene = await withTopic({ 'retention.ms': '1' })
    await scene.broker.settings.change({ 'log.roll.ms': '7' })
    const answer = await described(scene, TOPIC, 't')
    const sources = new Map(answer?.configs.map(one => [one.name, [one.value, one.configSource]]))
    expect(sources.get('retention.ms')).toEqual(['1', 1])
    expect(sources.get('segment.ms')).toEqual(['7', 3])
    expect(sources.get('segment.bytes')).toEqual(['4096', 4])
    expect(sources.get('flush.ms')).toEqual(['9223372036854775807', 5])
    expect(answer?.configs.find(({ name }) => name === 'retention.ms')).toMatchObject({
      configType: 5,
      documentation: expect.stringContaining('kept'),
      synonyms: [
        { name: 'retention.ms', value: '1', source: 1 },
        { name: 'log.retention.ms', value: '604800000', source: 5 },
      ],
    })
  })

  it('gives the settings that were asked for, in the order of their names, without details nobody wants', async () => {
    const scene = await withTopic()
    const keys = ['segment.ms', 'retention.ms', 'nonsense']
    const resources = [{ resourceType: TOPIC, resourceName: 't', configurationKeys: keys }]
    const { results } = await scene.ask(DescribeConfigs, { resources })
    expect(
      results[0]?.configs.map(({ name, synonyms, documentation }) => [name, synonyms, documentation]),
    ).toEqual([
      ['retention.ms', [], null],
      ['segment.ms', [], null],
    ])
  })

  it('gives a broker’s settings and what can only be read', async () => {
    const scene = await withTopic()
    const answer = await described(scene, BROKER, '0')
    const byName = new Map(answer?.configs.map(one => [one.name, one]))
    expect(byName.get('broker.id')).toMatchObject({ value: '0', readOnly: true, configSource: 4 })
    expect(byName.get('advertised.listeners')).toMatchObject({ value: 'KAFKA://here:9092' })
    expect(byName.get('num.partitions')).toMatchObject({ value: '1', readOnly: false, configSource: 5 })
  })

  it('gives only what was changed for the broker with no name', async () => {
    const scene = await withTopic()
    await scene.broker.settings.change({ 'num.partitions': '4' })
    const answer = await described(scene, BROKER, '')
    expect(answer?.configs.map(({ name, value, configSource }) => [name, value, configSource])).toEqual([
      ['num.partitions', '4', 3],
    ])
  })

  const answers: readonly [what: string, type: number, name: string, error: KafkaErrorName, count: number][] =
    [
      ['an unknown topic', TOPIC, 'nope', 'UNKNOWN_TOPIC_OR_PARTITION', 0],
      ['a broker that is not there', BROKER, '2', 'INVALID_REQUEST', 0],
      ['loggers of a broker', LOGGER, '1', 'NONE', 0],
      ['loggers of no broker', LOGGER, '', 'INVALID_REQUEST', 0],
      ['a group', GROUP, 'g', 'NONE', 10],
      ['a group without a name', GROUP, '', 'INVALID_REQUEST', 0],
      ['client metrics', METRICS, 'm', 'NONE', 0],
      ['client metrics without a name', METRICS, '', 'INVALID_REQUEST', 0],
      ['a kind that is none', 0, 'x', 'INVALID_REQUEST', 0],
    ]
  it.each(answers)('answers for %s', async (_what, type, name, error, count) => {
    const answer = await described(await withTopic(), type, name)
    expect(answer).toMatchObject({ errorCode: kafkaErrors[error], resourceName: name })
    expect(answer?.configs).toHaveLength(count)
  })
})

describe('ListConfigResources', () => {
  it('lists all kinds when none is named', async () => {
    const { configResources } = await (await withTopic()).ask(ListConfigResources, { resourceTypes: [] })
    expect(configResources.map(one => [one.resourceType, one.resourceName])).toEqual([
      [TOPIC, 't'],
      [BROKER, '0'],
      [BROKER, '1'],
      [LOGGER, '0'],
      [LOGGER, '1'],
    ])
  })

  it('lists client metrics alone in version 0, of which there are none (KIP-714)', async () => {
    const scene = await withTopic()
    const answer = await scene.ask(ListConfigResources, { resourceTypes: [] }, { version: 0 })
    expect(answer).toMatchObject({ errorCode: 0, configResources: [] })
  })

  it('refuses a kind that is none', async () => {
    const answer = await (await withTopic()).ask(ListConfigResources, { resourceTypes: [99] })
    expect(answer).toMatchObject({ errorCode: kafkaErrors.UNSUPPORTED_VERSION, configResources: [] })
  })
})

it('a broker shows its limits by the names of Kafka, and that they cannot be changed while it runs', async () => {
  const scene = await Scene.open()
  const names = ['connections.max.idle.ms', 'connections.max.reauth.ms', 'max.connections']
  expect((await described(scene, BROKER, '0', names))?.configs).toMatchObject([
    { name: names[0], value: '600000', readOnly: true, configType: 5 },
    { name: names[1], value: '0', readOnly: true, configType: 5 },
    { name: names[2], value: '10000', readOnly: true, configType: 3 },
  ])
  expect(await step(scene, BROKER, '0', [['max.connections', SET, '1']])).toMatchObject({
    errorCode: kafkaErrors.INVALID_CONFIG,
  })
})

it('a setting that only another version knows does not stand in the way of others', async () => {
  const scene = await Scene.open()
  scene.broker.settings.apply('num.unknown', '1')
  expect(await step(scene, BROKER, '', [['num.partitions', SET, '2']])).toMatchObject({ errorCode: 0 })
  expect((await described(scene, BROKER, ''))?.configs).toMatchObject([{ name: 'num.partitions' }])
})

describe('settings of the only broker', () => {
  const RETENTION = 'log.retention.ms'

  it('win over those of all brokers, and show as its own', async () => {
    const scene = await Scene.open({ settings: { [RETENTION]: 5 } })
    await scene.broker.topics.create({ name: 't', partitions: 1 })
    await step(scene, BROKER, '', [[RETENTION, SET, '6']])
    expect(await step(scene, BROKER, '0', [[RETENTION, SET, '7']])).toMatchObject({ errorCode: 0 })
    expect(scene.broker.topics.require('t').settings.retentionMs).toBe(7)
    expect((await described(scene, BROKER, '0', [RETENTION]))?.configs).toMatchObject([
      {
        value: '7',
        configSource: 2,
        synonyms: [
          { value: '7', source: 2 },
          { value: '6', source: 3 },
          { value: '5', source: 4 },
          { value: '604800000', source: 5 },
        ],
      },
    ])
    expect((await described(scene, BROKER, ''))?.configs).toMatchObject([{ value: '6', configSource: 3 }])
    await step(scene, BROKER, '0', [[RETENTION, DELETE, null]])
    expect(scene.broker.topics.require('t').settings.retentionMs).toBe(6)
  })

  it('are replaced without those of all brokers, checked, and there again after a restart', async () => {
    const store = openMemoryStore()
    const scene = await Scene.open({ store })
    await step(scene, BROKER, '', [['num.partitions', SET, '2']])
    await step(scene, BROKER, '0', [['group.max.size', SET, '9']])
    const alter = (value: string) => {
      const resources = [{ resourceType: BROKER, resourceName: '0', configs: [{ name: RETENTION, value }] }]
      return scene.ask(AlterConfigs, { resources, validateOnly: false })
    }
    expect((await alter('-7')).responses).toMatchObject([{ errorCode: kafkaErrors.INVALID_CONFIG }])
    expect((await alter('8')).responses).toMatchObject([{ errorCode: 0 }])
    await scene.close()
    const { settings } = (await Scene.open({ store: openMemoryStore({ from: store }) })).broker
    expect([settings.changed('one'), settings.changed('all')]).toEqual([
      { [RETENTION]: '8' },
      { 'num.partitions': '2' },
    ])
  })

  it('can be taken away, and not changed, when there are several brokers later', async () => {
    const store = openMemoryStore()
    const before = await Scene.open({ store })
    await step(before, BROKER, '0', [
      [RETENTION, SET, '7'],
      ['num.partitions', SET, '3'],
    ])
    await before.close()
    const scene = await Scene.open({ brokers: 2, store: openMemoryStore({ from: store }) })
    expect(await step(scene, BROKER, '0', [[RETENTION, SET, '8']])).toMatchObject({
      errorCode: kafkaErrors.INVALID_REQUEST,
    })
    expect(await step(scene, BROKER, '1', [[RETENTION, DELETE, null]])).toMatchObject({ errorCode: 0 })
    expect(scene.broker.settings.changed('one')).toEqual({ 'num.partitions': '3' })
  })

  it('are not those of another broker, nor of one among several', async () => {
    const refusal = { errorCode: kafkaErrors.INVALID_REQUEST }
    expect(await step(await Scene.open(), BROKER, '7', [[RETENTION, SET, '7']])).toMatchObject(refusal)
    expect(await step(await withTopic(), BROKER, '1', [[RETENTION, SET, '7']])).toMatchObject(refusal)
  })
})
