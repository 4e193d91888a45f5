// DeleteTopics and CreatePartitions: what becomes of topics that are there.

import { describe, expect, it } from 'vitest'
import { type KafkaErrorName, kafkaErrors } from '../errors.ts'
import { CreatePartitions, DeleteTopics } from '../wire/index.ts'
import { ZERO_UUID } from '../wire/kinds.ts'
import { Scene } from './asking.contract.ts'

const UNKNOWN_ID = 'AAAAAAAAAAEAAAAAAAAAAg'

async function withTopics(options: Parameters<typeof Scene.open>[0] = {}): Promise<Scene> {
  const scene = await Scene.open(options)
  await scene.broker.topics.create({ name: 't', partitions: 2 })
  await scene.broker.topics.create({ name: 'u', partitions: 1 })
  return scene
}

describe('DeleteTopics', () => {
  it.each([1, 5])('deletes by name (version %i)', async version => {
    const scene = await withTopics()
    const { responses } = await scene.ask(
      DeleteTopics,
      { topics: [], topicNames: ['t', 'nope'], timeoutMs: 1 },
      { version },
    )
    expect(responses.map(({ name, errorCode }) => [name, errorCode])).toEqual([
      ['t', 0],
      ['nope', kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION],
    ])
    expect(scene.broker.topics.list().map(({ name }) => name)).toEqual(['u'])
  })

  it('refuses a name that stands twice, in one row', async () => {
    const scene = await withTopics()
    const topics = [
      { name: 't', topicId: ZERO_UUID },
      { name: 't', topicId: ZERO_UUID },
    ]
    const { responses } = await scene.ask(DeleteTopics, { topics, topicNames: [], timeoutMs: 1 })
    expect(responses).toMatchObject([{ name: 't', errorCode: kafkaErrors.INVALID_REQUEST }])
    expect(responses).toHaveLength(1)
    expect(scene.broker.topics.get('t')).toBeDefined()
  })

  it('deletes by id, and says the name (KIP-516)', async () => {
    const scene = await withTopics()
    const topicId = scene.broker.topics.require('t').id
    const { responses } = await scene.ask(DeleteTopics, {
      topics: [{ name: null, topicId }],
      topicNames: [],
      timeoutMs: 1,
    })
    expect(responses).toMatchObject([{ name: 't', topicId, errorCode: 0 }])
    expect(scene.broker.topics.get('t')).toBeUndefined()
  })

  const refusals: readonly [why: string, name: string | null, topicId: string, error: KafkaErrorName][] = [
    ['the id is unknown', null, UNKNOWN_ID, 'UNKNOWN_TOPIC_ID'],
    ['it has a name and an id', 't', UNKNOWN_ID, 'INVALID_REQUEST'],
    ['it has neither name nor id', null, ZERO_UUID, 'INVALID_REQUEST'],
  ]
  it.each(refusals)('refuses a row because %s', async (_why, name, topicId, error) => {
    const scene = await withTopics()
    const { responses } = await scene.ask(DeleteTopics, {
      topics: [{ name, topicId }],
      topicNames: [],
      timeoutMs: 1,
    })
    expect(responses).toMatchObject([{ errorCode: kafkaErrors[error] }])
    expect(scene.broker.topics.get('t')).toBeDefined()
  })

  it.each([
    [2, 'INVALID_REQUEST'],
    [5, 'TOPIC_DELETION_DISABLED'],
  ] as const)('deletes nothing when deletion is off (version %i: %s)', async (version, error) => {
    const scene = await withTopics({ settings: { 'delete.topic.enable': false } })
    const request = { topics: [], topicNames: ['t'], timeoutMs: 1 }
    const { responses } = await scene.ask(DeleteTopics, request, { version })
    expect(responses).toMatchObject([{ name: 't', errorCode: kafkaErrors[error] }])
    expect(scene.broker.topics.get('t')).toBeDefined()
  })

  it('does not tell who may not see a topic that its id exists', async () => {
    const scene = await withTopics({ access: { allowIfNone: false, superUsers: ['User:root'] } })
    const topicId = scene.broker.topics.require('t').id
    const request = { topics: [{ name: null, topicId }], topicNames: [], timeoutMs: 1 }
    const { responses } = await scene.ask(DeleteTopics, request, { as: 'ann' })
    expect(responses).toMatchObject([{ name: null, errorCode: kafkaErrors.UNKNOWN_TOPIC_ID }])
  })
})

describe('CreatePartitions', () => {
  const cases: readonly [
    what: string,
    count: number,
    assignments: number[][] | null,
    error: KafkaErrorName,
    after: number,
  ][] = [
    ['adds partitions', 4, null, 'NONE', 4],
    ['adds as many as are assigned', 3, [[0]], 'NONE', 3],
    ['refuses as many as there are', 2, null, 'INVALID_PARTITIONS', 2],
    ['refuses fewer', 1, null, 'INVALID_PARTITIONS', 2],
    ['refuses more than the limit', 10_001, null, 'INVALID_PARTITIONS', 2],
    ['refuses fewer assignments than new partitions', 4, [[0]], 'INVALID_REPLICA_ASSIGNMENT', 2],
    ['refuses brokers that are not there', 3, [[5]], 'INVALID_REPLICA_ASSIGNMENT', 2],
    ['refuses more replicas than the topic has', 3, [[0, 1]], 'INVALID_REPLICA_ASSIGNMENT', 2],
  ]
  it.each(cases)('%s', async (_what, count, assignments, error, after) => {
    const scene = await withTopics({ brokers: 2 })
    const given = assignments?.map(brokerIds => ({ brokerIds })) ?? null
    const request = { topics: [{ name: 't', count, assignments: given }], timeoutMs: 1, validateOnly: false }
    const { results } = await scene.ask(CreatePartitions, request)
    expect(results).toMatchObject([{ name: 't', errorCode: kafkaErrors[error] }])
    expect(scene.broker.topics.get('t')?.partitions).toHaveLength(after)
  })

  it('checks all and changes nothing when it only validates; refuses unknown and repeated names', async () => {
    const scene = await withTopics()
    const grown = (name: string) => ({ name, count: 5, assignments: null })
    const { results } = await scene.ask(CreatePartitions, {
      topics: [grown('t'), grown('nope'), grown('u'), grown('u')],
      timeoutMs: 1,
      validateOnly: true,
    })
    expect(results.map(({ name, errorCode }) => [name, errorCode])).toEqual([
      ['t', 0],
      ['nope', kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION],
      ['u', kafkaErrors.INVALID_REQUEST],
    ])
    expect(scene.broker.topics.get('t')?.partitions).toHaveLength(2)
  })
})
