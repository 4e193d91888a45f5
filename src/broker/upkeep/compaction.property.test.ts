// Goal: whatever is written in whatever order, cleaned whenever, restarted whenever: a reader of committed records
// finds for each key what a reader without compaction would, every record that is left is one that was written, at its
// offset, and what is clean holds each key once at most. Stories are drawn by fast-check, which prints the seed of one
// that fails and shortens it.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Offset } from '../../log/index.ts'
import { Scene, type Seen } from './scene.contract.ts'

const KEYS = 5
const PRODUCERS = 3

type Step =
  | { readonly do: 'write'; readonly records: readonly (readonly [key: number, tombstone: boolean])[] }
  | { readonly do: 'transact'; readonly producer: number; readonly keys: readonly number[] }
  | { readonly do: 'end'; readonly producer: number; readonly outcome: 'commit' | 'abort' }
  | { readonly do: 'wait'; readonly minutes: number }
  | { readonly do: 'roll' | 'upkeep' | 'restart' | 'crash' | 'amnesia' }

const key = fc.nat({ max: KEYS - 1 })
const producer = fc.nat({ max: PRODUCERS - 1 })
const records = fc.array(fc.tuple(key, fc.boolean()), { minLength: 1, maxLength: 4 })
const keys = fc.array(key, { minLength: 1, maxLength: 3 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), records }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('transact' as const), producer, keys }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      producer,
      outcome: fc.constantFrom('commit' as const, 'abort' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.nat({ max: 40 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('roll' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('upkeep' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('restart' as const, 'crash' as const, 'amnesia' as const) }),
  },
)

/** A log that forgets nothing. */
class Model {
  /** Every record that was written outside of transactions, or in one that was committed. */
  readonly settled = new Map<Offset, Seen>()
  readonly open = new Map<number, { records: Seen[]; sequence: number }>()
  readonly #sequences = new Map<number, number>()
  #count = 0

  /** Values are counted, so that every record is told apart. */
  nextValue(): string {
    return `${this.#count++}`
  }

  sequenceOf(producer: number, records: number): number {
    const sequence = this.#sequences.get(producer) ?? 0
    this.#sequences.set(producer, sequence + records)
    return sequence
  }

  settle(records: readonly Seen[]): void {
    for (const record of records) this.settled.set(record.offset, record)
  }

  /** What a table made of the committed records below `end` holds. */
  table(end: Offset): Map<string | null, string> {
    return tableOf([...this.settled.values()].filter(one => one.offset < end))
  }
}

describe('compaction', () => {
  it('never changes what a reader of committed records makes of the log', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 60 }),
        fc.boolean(),
        async (steps, small) => {
          const scene = await Scene.open({
            'cleanup.policy': 'compact',
            'min.cleanable.dirty.ratio': small ? '0' : '0.3',
            'delete.retention.ms': '600000',
            'segment.ms': '1200000',
          })
          const model = new Model()
          for (const one of steps) {
            await take(scene, model, one)
            if (one.do === 'upkeep' || one.do === 'crash') await check(scene, model)
          }
          for (const id of model.open.keys())
            await take(scene, model, { do: 'end', producer: id, outcome: 'commit' })
          for (let round = 0; round < 3; round++) {
            for (const one of ['roll', 'upkeep'] as const) await take(scene, model, { do: one })
            await take(scene, model, { do: 'wait', minutes: 11 })
            await take(scene, model, { do: 'write', records: [[0, false]] })
          }
          await check(scene, model)
          for (const producer of [0, 1, 2]) await take(scene, model, { do: 'transact', producer, keys: [1] })
          for (const one of ['crash', 'amnesia'] as const) {
            await take(scene, model, { do: one })
            await check(scene, model)
          }
          for (const producer of [0, 1, 2])
            await take(scene, model, { do: 'end', producer, outcome: 'abort' })
          await check(scene, model)
          expect(scene.partition.lastStableOffset).toBe(scene.partition.highWatermark)
          await scene.broker.close()
        },
      ),
      { numRuns: 300 },
    )
  })
})

async function take(scene: Scene, model: Model, step: Step): Promise<void> {
  switch (step.do) {
    case 'write':
      model.settle(await write(scene, model, step.records))
      return
    case 'transact':
      return transact(scene, model, step.producer, step.keys)
    case 'end':
      return end(scene, model, step.producer, step.outcome)
    case 'wait':
      return scene.world.advance(`${step.minutes}m`)
    case 'roll':
      return scene.roll()
    case 'upkeep':
      return scene.upkeep()
    case 'restart':
      return scene.restart()
    case 'crash':
      return scene.restart({ clean: false })
    case 'amnesia': // producers and transactions are to be read from the log alone
      await scene.forgetSnapshot()
      return scene.restart({ clean: false })
  }
}

async function write(
  scene: Scene,
  model: Model,
  wanted: readonly (readonly [number, boolean])[],
  producer?: { id: number; sequence: number; transactional: boolean },
): Promise<Seen[]> {
  const records = wanted.map(([key, tombstone]) => ({
    key: `k${key}`,
    value: tombstone ? null : model.nextValue(),
  }))
  const text = records.map(({ key, value }) => (value === null ? key : `${key}=${value}`)).join(' ')
  const base = await scene.write(text, producer === undefined ? {} : { producer })
  return records.map((record, at) => ({ ...record, offset: base + at }))
}

async function transact(scene: Scene, model: Model, id: number, keys: readonly number[]): Promise<void> {
  const sequence = model.sequenceOf(id, keys.length)
  const wanted = keys.map(key => [key, false] as const)
  const records = await write(scene, model, wanted, { id, sequence, transactional: true })
  const open = model.open.get(id) ?? { records: [], sequence }
  open.records.push(...records)
  model.open.set(id, open)
}

async function end(scene: Scene, model: Model, id: number, outcome: 'commit' | 'abort'): Promise<void> {
  const open = model.open.get(id)
  if (open === undefined) return
  model.open.delete(id)
  await scene.end(id, outcome)
  if (outcome === 'commit') model.settle(open.records)
}

async function check(scene: Scene, model: Model): Promise<void> {
  const read = await scene.committed()
  for (const one of read) expect(one).toEqual(model.settled.get(one.offset))
  const offsets = read.map(one => one.offset)
  expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b))
  expect(tableOf(read)).toEqual(model.table(scene.partition.lastStableOffset))
  const cleanedTo = scene.broker.upkeep.cleaned.get(scene.partition) ?? 0
  const clean = read.filter(one => one.offset < cleanedTo)
  expect(new Set(clean.map(one => one.key)).size).toBe(clean.length)
  const left = await scene.all()
  expect(left.filter(one => one.offset < cleanedTo)).toEqual(clean) // nothing aborted either
}

function tableOf(records: readonly Seen[]): Map<string | null, string> {
  const table = new Map<string | null, string>()
  for (const { key, value } of [...records].sort((a, b) => a.offset - b.offset)) {
    if (value === null) table.delete(key)
    else table.set(key, value)
  }
  return table
}
