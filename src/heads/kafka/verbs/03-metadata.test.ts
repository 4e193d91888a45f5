import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { kafkaErrors } from '../errors.ts'
import { Metadata } from '../wire/index.ts'
import { Scene } from './asking.contract.ts'

const ID = Buffer.alloc(16, 7).toString('base64url')

describe('Metadata', () => {
  let scene: Scene
  beforeEach(async () => {
    scene = await Scene.open()
  })
  afterEach(() => scene.close())

  it.each([
    [10, kafkaErrors.INVALID_REQUEST, ''],
    [11, kafkaErrors.INVALID_REQUEST, ''],
    [12, kafkaErrors.UNKNOWN_TOPIC_ID, null],
  ])(
    'v%i answers a topic named by an id alone with %i (found by the fuzzer)',
    async (version, errorCode, name) => {
      const { topics } = await scene.ask(Metadata, { topics: [{ topicId: ID, name: null }] }, { version })
      expect(topics).toMatchObject([{ errorCode, name, topicId: ID }])
    },
  )

  it('goes by the id of a topic, whatever name stands beside it', async () => {
    await scene.broker.topics.create({ name: 't', partitions: 1 })
    const { topics } = await scene.ask(Metadata, { topics: [{ topicId: ID, name: 't' }] })
    expect(topics).toMatchObject([{ errorCode: kafkaErrors.UNKNOWN_TOPIC_ID, name: null }])
  })

  it.each(['', 'a b', '..'])("says of '%s' that no topic is named so", async name => {
    for (const allowAutoTopicCreation of [true, false]) {
      const { topics } = await scene.ask(Metadata, { topics: [{ name }], allowAutoTopicCreation })
      expect(topics).toMatchObject([{ errorCode: kafkaErrors.INVALID_TOPIC_EXCEPTION, name }])
    }
  })
})
