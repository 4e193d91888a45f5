// A lane against a plain list: whatever is put, taken, given back, settled, withdrawn, purged and restarted, the next
// message is the lowest that is ready, counts agree, and nothing that was not settled is lost.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type MemoryStore, openMemoryStore } from '../../log/index.ts'
import { buildBatch } from '../../log/record/builder.ts'
import { ManualWorld } from '../../world/index.ts'
import { Partition } from '../partition/partition.ts'
import { Snapshots } from '../partition/snapshot.ts'
import { resolveSettings } from '../topics/settings.ts'
import { Lane } from './lane.ts'
import { type Message, messageOfNew } from './message.ts'
import { settled as settledTurns } from './scene.contract.ts'
import { Settlements } from './settlements.ts'

type State = 'ready' | 'out' | 'settled'

const never = Number.POSITIVE_INFINITY
const noFacts = { expiresAt: never, groupId: undefined, dedupId: undefined }
const record = (n: number) => ({ timestamp: 1, value: Buffer.from(`m${n}`) })

class Bench {
  readonly world = new ManualWorld()
  #store: MemoryStore = openMemoryStore()
  #lane: Lane | undefined
  #partition: Partition | undefined
  #settlements: Settlements | undefined
  /** By offset. */
  readonly model: State[] = []
  readonly messages = new Map<number, Message>()

  get lane(): Lane {
    if (this.#lane === undefined) throw new TypeError('not open')
    return this.#lane
  }

  async open(): Promise<void> {
    const log = await this.#store.open('q')
    const settings = resolveSettings(new Map(), new Map())
    this.#partition = new Partition({
      ...{ topicId: 'q', topic: 'q', index: 0, log, world: this.world },
      owner: { settings },
      snapshots: new Snapshots(),
    })
    const settlements = await Settlements.open(this.#store, this.world)
    this.#settlements = settlements
    const lane = new Lane({
      name: 'q/0',
      partition: this.#partition,
      state: settlements.restore('q/0'),
      owns: true,
      owner: {
        expiryOf: () => never,
        laneMoved: () => {},
        laneFailed: (_, error) => {
          throw error
        },
      },
      keeper: settlements,
    })
    settlements.add(lane)
    this.#lane = lane
  }

  async restart(): Promise<void> {
    this.lane.close()
    await this.#settlements?.close()
    await this.#store.close()
    this.#store = openMemoryStore({ from: this.#store })
    this.messages.clear()
    for (let at = 0; at < this.model.length; at++) if (this.model[at] === 'out') this.model[at] = 'ready'
    await this.open()
  }

  /** As an outbox does it, or as a Kafka client. */
  async put(count: number, how: 'own' | 'foreign'): Promise<void> {
    const base = this.model.length
    const records = Array.from({ length: count }, (_, n) => record(base + n))
    const kept =
      how === 'own'
        ? this.lane.appended(base, () => records.map((one, n) => messageOfNew(base + n, one, noFacts)))
        : undefined
    await this.#partition?.appendBuilt(buildBatch(records))
    if (how === 'own') this.lane.stored(kept, 'durable')
    for (let n = 0; n < count; n++) this.model.push('ready')
  }

  async take(): Promise<void> {
    let next = this.lane.peek()
    while (next instanceof Promise) {
      await next
      next = this.lane.peek()
    }
    const expected = this.model.indexOf('ready')
    expect(next?.offset ?? -1).toBe(expected)
    if (next === undefined) return
    expect(next.value?.toString()).toBe(`m${expected}`)
    this.lane.take(next)
    this.lane.acquired(next.offset)
    this.messages.set(next.offset, next)
    this.model[next.offset] = 'out'
  }

  check(): void {
    expect(this.lane.readyCount).toBe(this.model.filter(one => one === 'ready').length)
    expect(this.lane.outCount).toBe(this.model.filter(one => one === 'out').length)
    const firstLeft = this.model.findIndex(one => one !== 'settled')
    expect(this.lane.cursor).toBe(firstLeft < 0 ? this.model.length : firstLeft)
    for (const [offset, state] of this.model.entries()) {
      expect(this.lane.isSettled(offset)).toBe(state === 'settled')
      expect(this.lane.isOut(offset)).toBe(state === 'out')
    }
  }

  /** One of the messages in this state. */
  pick(state: State, which: number): number | undefined {
    const all = this.model.flatMap((one, offset) => (one === state ? [offset] : []))
    return all.length === 0 ? undefined : all[which % all.length]
  }
}

type Step = readonly [name: keyof typeof steps, n: number]

const steps = {
  own: (bench: Bench, n: number) => bench.put(1 + (n % 5), 'own'),
  foreign: (bench: Bench, n: number) => bench.put(1 + (n % 5), 'foreign'),
  many: (bench: Bench) => bench.put(1500, 'own'), // more than a window
  take: (bench: Bench) => bench.take(),
  takeAgain: (bench: Bench) => bench.take(),
  settle: (bench: Bench, n: number) => {
    const offset = bench.pick('out', n)
    if (offset === undefined) return
    bench.lane.settle(offset, 1)
    bench.model[offset] = 'settled'
  },
  giveBack: (bench: Bench, n: number) => {
    const offset = bench.pick('out', n)
    if (offset === undefined) return
    bench.lane.giveBack(offset)
    bench.model[offset] = 'ready'
  },
  withdraw: (bench: Bench, n: number) => {
    const offset = bench.pick('ready', n)
    if (offset === undefined) return
    expect(bench.lane.withdraw(offset)).toBe(true)
    bench.model[offset] = 'out'
  },
  /** As a message that expires and has no dead letters. */
  drop: (bench: Bench, n: number) => {
    const offset = bench.pick('ready', n)
    if (offset === undefined) return
    bench.lane.settle(offset)
    bench.model[offset] = 'settled'
  },
  purge: (bench: Bench) => {
    expect(bench.lane.purge()).toBe(bench.model.filter(one => one === 'ready').length)
    for (const [offset, state] of bench.model.entries())
      if (state === 'ready') bench.model[offset] = 'settled'
  },
  wanted: (bench: Bench) => {
    bench.lane.wanted = true
  },
  rest: (bench: Bench) => bench.lane.rest(),
  restart: (bench: Bench) => bench.restart(),
} as const

const names = Object.keys(steps) as (keyof typeof steps)[]
const weights: Partial<Record<keyof typeof steps, number>> = {
  many: 1,
  restart: 1,
  purge: 1,
  take: 6,
  settle: 5,
}
const step: fc.Arbitrary<Step> = fc.tuple(
  fc.oneof(...names.map(name => ({ weight: weights[name] ?? 3, arbitrary: fc.constant(name) }))),
  fc.nat(10_000),
)

describe('a lane', () => {
  it('agrees with a plain list of its messages', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async taken => {
        const bench = new Bench()
        await bench.open()
        for (const [name, n] of taken) {
          await steps[name](bench, n)
          bench.check()
        }
        await settledTurns()
        await bench.restart()
        bench.check()
      }),
      {
        numRuns: 150,
        examples: [
          [
            [
              ['own', 3561],
              ['take', 0],
              ['giveBack', 0],
              ['purge', 0],
            ],
          ],
        ],
      },
    )
  })
})
