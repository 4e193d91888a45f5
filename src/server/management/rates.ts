// Counters by the second: while somebody asks, counts are looked at every few seconds, and a rate is the difference of the
// last two looks. What is remembered is bounded: a queue beyond the limit has counts and no rates.

import type { Timer, World } from '../../world/index.ts'
import type { Json, Shape } from './answer.ts'
import { managementLimits as limits } from './limits.ts'

/** Numbers by name, all of them counting up or all of them levels. */
export type Counts = Readonly<Record<string, number>>

/** What is sampled: an object that stays the same, and its counts now. */
export interface Sampled {
  readonly key: object
  readonly counts: () => Counts
}

interface Samples {
  readonly last: Counts
  readonly perSecond: Counts | undefined
}

export class Rates {
  readonly #world: World
  readonly #all: () => Iterable<Sampled>
  #samples = new WeakMap<object, Samples>()
  #timer: Timer | undefined
  #sampledAt = 0
  #askedAt = Number.NEGATIVE_INFINITY

  /** `all` gives what is to be sampled, the most important first. */
  constructor(world: World, all: () => Iterable<Sampled>) {
    this.#world = world
    this.#all = all
  }

  /** Somebody asks: sampling begins, or goes on. */
  asked(): void {
    this.#askedAt = this.#world.monotonic()
    if (this.#timer !== undefined) return
    this.#samples = new WeakMap() // what is known is from another time
    this.#sample(undefined)
    this.#schedule()
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** `{ publish: 3 }` with its rates: `{ publish: 3, publish_details: { rate: 0.2 } }`. */
  withRates(key: object, counts: Counts): Shape {
    const perSecond = this.#samples.get(key)?.perSecond
    const shape: Record<string, Json> = {}
    for (const [name, value] of Object.entries(counts)) {
      shape[name] = value
      const rate = perSecond?.[name]
      if (rate !== undefined) shape[`${name}_details`] = { rate }
    }
    return shape
  }

  #schedule(): void {
    this.#timer = this.#world.after(limits.sampleMs, () => {
      this.#timer = undefined
      const now = this.#world.monotonic()
      if (now - this.#askedAt > limits.sampleIdleMs) return
      this.#sample(now - this.#sampledAt)
      this.#schedule()
    })
  }

  #sample(sinceMs: number | undefined): void {
    this.#sampledAt = this.#world.monotonic()
    let left = limits.ratedMax
    for (const { key, counts } of this.#all()) {
      if (left-- === 0) return
      const last = counts()
      const before = this.#samples.get(key)?.last
      const perSecond = before && sinceMs ? differences(before, last, sinceMs) : undefined
      this.#samples.set(key, { last, perSecond })
    }
  }
}

function differences(before: Counts, now: Counts, ms: number): Counts {
  const perSecond: Record<string, number> = {}
  for (const [name, value] of Object.entries(now))
    perSecond[name] = ((value - (before[name] ?? value)) * 1000) / ms
  return perSecond
}
