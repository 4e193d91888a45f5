// Fetch sessions (KIP-227): what they tell and keep to themselves, held against fetches without one.

import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import { buildBatch } from '../../log/record/builder.ts'
import { kafkaErrors } from './errors.ts'
import { Scene } from './verbs/asking.contract.ts'
import type { RequestInput, ResponseOutput } from './wire/api.ts'
import { Fetch } from './wire/index.ts'

type Request = RequestInput<typeof Fetch>
type Row = ResponseOutput<typeof Fetch>['responses'][number]['partitions'][number]

const BY_NAME = 12
const BY_ID = 17

let scene: Scene
afterEach(() => scene.close())

async function open(partitions: number, options: Parameters<typeof Scene.open>[0] = {}): Promise<void> {
  scene = await Scene.open(options)
  await scene.broker.topics.create({ name: 't', partitions })
}

async function append(index: number, bytes = 10): Promise<void> {
  const partition = scene.broker.topics.require('t').partitions[index]
  await partition?.append(buildBatch([{ timestamp: 0, value: Buffer.alloc(bytes) }]))
}

interface Wish {
  readonly session?: readonly [id: number, epoch: number]
  /** Offsets to fetch from, by partition. */
  readonly from?: Readonly<Record<number, number>>
  readonly forget?: readonly number[]
  readonly version?: number
  readonly maxBytes?: number
  readonly topic?: string
}

function ask({ session: [sessionId, sessionEpoch] = [0, -1], from = {}, forget = [], ...rest }: Wish) {
  const { version = BY_NAME, maxBytes = 1e6, topic = 't' } = rest
  const topicId = scene.broker.topics.require('t').id
  const partitions = Object.entries(from).map(([index, fetchOffset]) => ({
    partition: Number(index),
    fetchOffset,
    partitionMaxBytes: maxBytes,
  }))
  const request: Request = {
    ...{ maxWaitMs: 0, minBytes: 0, maxBytes, sessionId, sessionEpoch },
    topics: partitions.length === 0 ? [] : [{ topic, topicId, partitions }],
    forgottenTopicsData: forget.length === 0 ? [] : [{ topic, topicId, partitions: [...forget] }],
  }
  return scene.ask(Fetch, request, { version })
}

function rowsOf({ responses }: Awaited<ReturnType<typeof ask>>): Row[] {
  return responses.flatMap(({ partitions }) => partitions)
}
const toldOf = (answer: Awaited<ReturnType<typeof ask>>) => rowsOf(answer).map(one => one.partitionIndex)

async function opened(wish: Omit<Wish, 'session'>): Promise<number> {
  const { sessionId, errorCode } = await ask({ ...wish, session: [0, 0] })
  expect(errorCode).toBe(0)
  expect(sessionId).toBeGreaterThan(0)
  return sessionId
}

it.each([BY_NAME, BY_ID])('only what changed is told (version %d)', async version => {
  await open(3)
  const id = await opened({ from: { 0: 0, 1: 0, 2: 0 }, version })
  expect(toldOf(await ask({ session: [id, 1], version }))).toEqual([])
  await append(1)
  const grown = await ask({ session: [id, 2], version })
  expect(grown.sessionId).toBe(id)
  expect(rowsOf(grown)).toMatchObject([{ partitionIndex: 1, highWatermark: 1 }])
  expect(rowsOf(grown)[0]?.records?.length).toBeGreaterThan(0)
  expect(toldOf(await ask({ session: [id, 3], from: { 1: 1 }, version }))).toEqual([])
})

it('a high watermark and a log start that moved are told without records', async () => {
  await open(2)
  const id = await opened({ from: { 0: 0, 1: 1 } })
  await append(1)
  expect(rowsOf(await ask({ session: [id, 1] }))).toMatchObject([{ partitionIndex: 1, highWatermark: 1 }])
  await scene.broker.topics.require('t').partitions[1]?.trim(1)
  expect(rowsOf(await ask({ session: [id, 2] }))).toMatchObject([{ partitionIndex: 1, logStartOffset: 1 }])
  expect(toldOf(await ask({ session: [id, 3] }))).toEqual([])
})

it('an error is told each time, and what follows it is news', async () => {
  await open(1)
  const id = await opened({ from: { 0: 5 } })
  for (const epoch of [1, 2])
    expect(rowsOf(await ask({ session: [id, epoch] }))).toMatchObject([
      { errorCode: kafkaErrors.OFFSET_OUT_OF_RANGE },
    ])
  expect(rowsOf(await ask({ session: [id, 3], from: { 0: 0 } }))).toMatchObject([
    { errorCode: 0, highWatermark: 0 },
  ])
})

it('partitions join and leave', async () => {
  await open(3)
  const id = await opened({ from: { 0: 0 } })
  for (const index of [0, 1, 2]) await append(index)
  expect(toldOf(await ask({ session: [id, 1], from: { 1: 0 }, forget: [0] }))).toEqual([1])
  expect(toldOf(await ask({ session: [id, 2], from: { 0: 0, 1: 1 } }))).toEqual([0])
})

it('a session that has no partition left is over', async () => {
  await open(1)
  const id = await opened({ from: { 0: 0 } })
  const last = await ask({ session: [id, 1], forget: [0] })
  expect(last).toMatchObject({ errorCode: 0, sessionId: 0, responses: [] })
  expect((await ask({ session: [id, 2] })).errorCode).toBe(kafkaErrors.FETCH_SESSION_ID_NOT_FOUND)
  expect(scene.kafka.remember(0)).toBe(0)
})

it('what gave records is read last the next time', async () => {
  await open(3)
  const id = await opened({ from: { 0: 0, 1: 0, 2: 0 } })
  for (const index of [0, 1, 2]) for (let n = 0; n < 4; n++) await append(index, 1000)
  const next = { 0: 0, 1: 0, 2: 0 }
  const order: number[] = []
  for (let epoch = 1; epoch <= 6; epoch++) {
    const rows = rowsOf(await ask({ session: [id, epoch], from: next, maxBytes: 1 }))
    const [row] = rows.filter(one => (one.records ?? []).length > 0)
    const index = row?.partitionIndex as 0 | 1 | 2
    order.push(index)
    next[index]++
  }
  expect(order).toEqual([0, 1, 2, 0, 1, 2])
})

it.each([
  ['of another id', 1, 1, BY_NAME, 'FETCH_SESSION_ID_NOT_FOUND'],
  ['of an epoch that is over', 0, 4, BY_NAME, 'INVALID_FETCH_SESSION_EPOCH'],
  ['with topics by id in place of names', 0, 1, BY_ID, 'FETCH_SESSION_TOPIC_ID_ERROR'],
] as const)('a request %s is refused, and the session stays', async (_what, other, epoch, version, error) => {
  await open(1)
  const id = await opened({ from: { 0: 0 } })
  const answer = await ask({ session: [id + other, epoch], version })
  expect(answer).toMatchObject({ errorCode: kafkaErrors[error], sessionId: 0, responses: [] })
  expect((await ask({ session: [id, 1] })).errorCode).toBe(0)
})

it.each([
  ['ends', -1, 0],
  ['opens another session in the place of', 0, 1],
] as const)('a request with epoch %#: %s the old one', async (_what, epoch, kept) => {
  await open(1)
  const id = await opened({ from: { 0: 0 } })
  const answer = await ask({ session: [id, epoch], from: { 0: 0 } })
  expect(answer.sessionId > 0).toBe(kept === 1)
  expect(answer.sessionId).not.toBe(id)
  expect(toldOf(answer)).toEqual([0])
  expect((await ask({ session: [id, 1] })).errorCode).toBe(kafkaErrors.FETCH_SESSION_ID_NOT_FOUND)
  expect(scene.kafka.remember(0)).toBe(kept)
})

it('who opens one session after the other has one', async () => {
  await open(2)
  for (let n = 0; n < 50; n++) await opened({ from: { 0: 0, 1: 0 } })
  expect(scene.kafka.remember(0)).toBe(2)
})

it('there is no session beyond the partitions that all may have, nor for names that are too long', async () => {
  await open(4, { limits: { fetchSessionPartitionsMax: 3 }, brokers: 1 })
  const full = await ask({ session: [0, 0], from: { 0: 0, 1: 0, 2: 0, 3: 0 } })
  expect([full.errorCode, full.sessionId, toldOf(full).length]).toEqual([0, 0, 4])
  const named = await ask({ session: [0, 0], from: { 0: 0 }, topic: 'x'.repeat(250) })
  expect([named.sessionId, toldOf(named)]).toEqual([0, [0]])
  const id = await opened({ from: { 0: 0, 1: 0 } })
  const grown = await ask({ session: [id, 1], from: { 2: 0, 3: 0 } })
  expect(grown.errorCode).toBe(kafkaErrors.FETCH_SESSION_ID_NOT_FOUND)
  expect(scene.kafka.remember(0)).toBe(0)
})

it('after any changes the client knows what a fetch without a session would tell', async () => {
  const index = fc.integer({ min: 0, max: 3 })
  const step = fc.record({
    grow: fc.uniqueArray(index),
    fetch: fc.dictionary(index.map(String), fc.integer({ min: 0, max: 4 })),
    forget: fc.uniqueArray(index),
    trim: fc.option(index),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async steps => {
      await open(4)
      let from: Record<string, number> = { 0: 0 }
      const known = new Map<number, Row>()
      const first = await ask({ session: [0, 0], from })
      for (const row of rowsOf(first)) known.set(row.partitionIndex, row)
      let { sessionId } = first
      let epoch = 1
      for (const { grow, fetch, forget, trim } of steps) {
        for (const one of grow) await append(one)
        if (trim !== null) {
          const partition = scene.broker.topics.require('t').partitions[trim]
          await partition?.trim(partition.highWatermark)
        }
        from = { ...from, ...fetch }
        for (const one of forget) delete from[one]
        const isOpen = sessionId !== 0
        const answer = await ask({
          session: isOpen ? [sessionId, epoch++] : [0, 0],
          ...(isOpen ? { from: fetch, forget } : { from }),
        })
        if (!isOpen) epoch = 1
        sessionId = answer.sessionId
        for (const row of rowsOf(answer)) known.set(row.partitionIndex, row)
        for (const truth of rowsOf(await whole(from))) {
          const row = known.get(truth.partitionIndex)
          const isNew = rowsOf(answer).includes(row as Row)
          const { records, ...facts } = truth
          expect(row).toMatchObject(facts)
          if ((records ?? []).length > 0 || truth.errorCode !== 0) expect(isNew).toBe(true)
          if (isNew) expect(row?.records).toEqual(records)
        }
      }
      await scene.close()
    }),
  )
  await open(1)
})

/** What a connection of its own is told, without a session. */
function whole(from: Readonly<Record<number, number>>) {
  return ask({ from })
}
