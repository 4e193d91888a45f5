// Fetch without sessions (KIP-227): what a client gets that speaks of one.

import { expect, it } from 'vitest'
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
