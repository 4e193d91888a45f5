// Fetch without sessions (KIP-227): what a client gets that speaks of one.

import { expect, it } from 'vitest'
import { buildBatch } from '../../../log/record/builder.ts'
import { kafkaErrors } from '../errors.ts'
import { Fetch } from '../wire/index.ts'
import { Scene } from './asking.contract.ts'

it.each([
  ['asks for a session', 0, 0, 'NONE'],
  ['asks for a session in place of another', 77, 0, 'NONE'],
  ['wants none', 0, -1, 'NONE'],
  ['ends one', 77, -1, 'NONE'],
  ['goes on with one that is not here', 77, 3, 'FETCH_SESSION_ID_NOT_FOUND'],
] as const)('a client that %s is answered so', async (_what, sessionId, sessionEpoch, error) => {
  const scene = await Scene.open()
  await scene.broker.topics.create({ name: 't', partitions: 1 })
  const answer = await scene.ask(
    Fetch,
    {
      ...{
        replicaId: -1,
        maxWaitMs: 0,
        minBytes: 0,
        maxBytes: 100,
        isolationLevel: 0,
        sessionId,
        sessionEpoch,
      },
      topics: [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 100 }] }],
      forgottenTopicsData: [],
    },
    { version: 12 },
  )
  expect(answer).toMatchObject({ errorCode: kafkaErrors[error], sessionId: 0 })
  expect(answer.responses).toHaveLength(error === 'NONE' ? 1 : 0)
})

it.each([
  ['has more than it may give, though whole batches are somewhat less than was asked for', 3, true],
  ['has less', 2, false],
] as const)('a fetch with min.bytes from a partition that %s', async (_what, batches, isAnswered) => {
  const scene = await Scene.open()
  await scene.broker.topics.create({ name: 't', partitions: 1 })
  const partition = scene.broker.topics.get('t')?.partitions[0]
  for (let n = 0; n < batches; n++)
    await partition?.append(buildBatch([{ timestamp: 0, value: Buffer.alloc(400_000) }]))
  let answered: number | undefined
  const asking = scene
    .ask(
      Fetch,
      {
        ...{ maxWaitMs: 60_000, minBytes: 900_000, maxBytes: 10_000_000, forgottenTopicsData: [] },
        topics: [
          { topic: 't', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }] },
        ],
      },
      { version: 12 },
    )
    .then(({ responses }) => {
      answered = responses[0]?.partitions[0]?.records?.length
    })
  for (let n = 0; n < 20; n++) await new Promise(resolve => setImmediate(resolve))
  expect(answered !== undefined).toBe(isAnswered)
  ;(scene.kafka.world as unknown as { advance(by: string): void }).advance('60s')
  await asking
  expect(answered).toBeGreaterThan(800_000)
  expect(answered).toBeLessThan(900_000)
})
