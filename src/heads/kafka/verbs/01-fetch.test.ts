// The long poll of Fetch.

import { expect, it } from 'vitest'
import { buildBatch } from '../../../log/record/builder.ts'
import { Fetch } from '../wire/index.ts'
import { Scene } from './asking.contract.ts'

it('a fetch of nothing is answered at once', async () => {
  const scene = await Scene.open()
  const answer = await scene.ask(Fetch, {
    ...{ maxWaitMs: 60_000, minBytes: 1, topics: [], forgottenTopicsData: [] },
  })
  expect(answer).toMatchObject({ errorCode: 0, responses: [] })
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
