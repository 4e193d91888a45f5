// The second version of transactions (KIP-890) as clients speak it: Produce 12 and 13, TxnOffsetCommit 5, EndTxn 5.

import { afterEach, beforeEach, expect, it } from 'vitest'
import { buildBatch } from '../../log/record/builder.ts'
import { kafkaErrors } from './errors.ts'
import { Scene } from './verbs/asking.contract.ts'
import { ApiVersions, EndTxn, InitProducerId, Produce, TxnOffsetCommit } from './wire/index.ts'

const id = 'payments'
const group = 'billing'

let scene: Scene
let producer: { producerId: number; producerEpoch: number }
beforeEach(async () => {
  scene = await Scene.open()
  await scene.broker.topics.create({ name: 'orders', partitions: 1 })
  const { producerId, producerEpoch } = await scene.ask(InitProducerId, {
    transactionalId: id,
    transactionTimeoutMs: 60_000,
  })
  producer = { producerId, producerEpoch }
})
afterEach(() => scene.close())

function partition() {
  const found = scene.broker.topics.partition('orders', 0)
  if (found === undefined) throw new Error('there is no such partition')
  return found
}

async function write(version: number, { transactionalId = id as string | null, topicId = '' } = {}) {
  const batch = buildBatch([{ timestamp: 0, value: Buffer.from('x') }], {
    ...{ ...producer, baseSequence: 0, transactional: true },
  })
  const answer = await scene.ask(
    Produce,
    {
      ...{ transactionalId, acks: -1, timeoutMs: 1000 },
      topicData: [
        {
          name: 'orders',
          topicId: topicId || scene.broker.topics.require('orders').id,
          partitionData: [{ index: 0, records: [batch.buffer] }],
        },
      ],
    },
    { version },
  )
  return answer.responses[0]
}

async function writeCode(...of: Parameters<typeof write>): Promise<number | undefined> {
  return (await write(...of))?.partitionResponses[0]?.errorCode
}

function end(committed: boolean, of = producer, version = 5) {
  return scene.ask(EndTxn, { transactionalId: id, ...of, committed }, { version })
}

async function commitOffset(version: number): Promise<number | undefined> {
  const { topics } = await scene.ask(
    TxnOffsetCommit,
    {
      ...{ transactionalId: id, groupId: group, ...producer, memberId: '' },
      topics: [
        {
          name: 'orders',
          partitions: [{ partitionIndex: 0, committedOffset: 7, committedMetadata: null }],
        },
      ],
    },
    { version },
  )
  return topics[0]?.partitions[0]?.errorCode
}

it('clients are told that it is there', async () => {
  const { supportedFeatures, finalizedFeatures } = await scene.ask(ApiVersions, {
    clientSoftwareName: 'x',
    clientSoftwareVersion: '1',
  })
  expect(supportedFeatures).toContainEqual({ name: 'transaction.version', minVersion: 2, maxVersion: 2 })
  expect(finalizedFeatures).toContainEqual(
    expect.objectContaining({ name: 'transaction.version', maxVersionLevel: 2 }),
  )
})

it.each([
  [10, 'INVALID_TXN_STATE'],
  [11, 'TRANSACTION_ABORTABLE'],
  [12, 'NONE'],
  [13, 'NONE'],
] as const)('Produce %d to a partition that was not added is answered %s', async (version, error) => {
  expect(await writeCode(version)).toBe(kafkaErrors[error])
})

it('carries a transaction with offsets to its end, and the producer to its next epoch', async () => {
  expect(await writeCode(13)).toBe(0)
  expect(await commitOffset(5)).toBe(0)
  expect(partition().lastStableOffset).toBe(0)
  const { producerId, producerEpoch } = producer
  const next = { producerId, producerEpoch: producerEpoch + 1 }
  expect(await end(true)).toMatchObject({ errorCode: 0, ...next })
  expect(partition().lastStableOffset).toBe(2)
  const [committed] = scene.broker.groups.fetchOffsets({
    ...{ groupId: group, memberId: null, memberEpoch: -1, requireStable: true },
    topics: [{ topic: 'orders', partitions: [0] }],
  })
  expect(committed).toMatchObject({ offset: 7 })
  expect(await writeCode(13)).toBe(kafkaErrors.INVALID_PRODUCER_EPOCH)
  expect(await end(true)).toMatchObject({ errorCode: 0, ...next })
  producer = next
  expect(await writeCode(13)).toBe(0)
})

it('an older client keeps its epoch, and adds its group itself', async () => {
  expect(await commitOffset(3)).toBe(kafkaErrors.INVALID_TXN_STATE)
  expect(await commitOffset(4)).toBe(kafkaErrors.TRANSACTION_ABORTABLE)
  expect(await writeCode(12)).toBe(0)
  expect(await end(true, producer, 4)).toMatchObject({ errorCode: 0 })
  expect(await end(true, producer, 4)).toMatchObject({ errorCode: 0 })
})

it('an end that is refused names no identity', async () => {
  const answer = await end(true)
  expect(answer).toMatchObject({
    errorCode: kafkaErrors.INVALID_TXN_STATE,
    producerId: -1,
    producerEpoch: -1,
  })
  const other = { ...producer, producerEpoch: 9 }
  expect(await end(true, other)).toMatchObject({ errorCode: kafkaErrors.PRODUCER_FENCED })
})

it('topics go by id from Produce 13 on', async () => {
  const nowhere = 'AAAAAAAAQACAAAAAAAAAAQ'
  expect(await writeCode(13, { topicId: nowhere })).toBe(kafkaErrors.UNKNOWN_TOPIC_ID)
  expect(await write(13)).toMatchObject({ name: '', topicId: scene.broker.topics.require('orders').id })
  expect(await write(12)).toMatchObject({ name: 'orders' })
})

it('who hides the transactional id gets past nothing', async () => {
  expect(await writeCode(13, { transactionalId: null })).toBe(
    kafkaErrors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  )
})
