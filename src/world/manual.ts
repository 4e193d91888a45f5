// A world whose time stands still until it is moved and whose luck comes from a seed: for tests, and for a broker
// whose time its owner wants to move (`broker.clock.advance('30s')`).

import { type Duration, milliseconds } from './duration.ts'
import type { Timer, World } from './world.ts'

interface Alarm {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

export class ManualWorld implements World {
  #now: number
  #elapsed = 0
  #order = 0
  #seed: number
  readonly #alarms = new Set<Alarm>()

  constructor({
    now = Date.UTC(2026, 0, 1),
    seed = 1,
  }: { readonly now?: number; readonly seed?: number } = {}) {
    this.#now = now
    this.#seed = seed >>> 0
  }

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#elapsed
  }

  after(ms: number, run: () => void): Timer {
    const alarm: Alarm = { at: this.#elapsed + Math.max(1, ms), order: this.#order++, run }
    this.#alarms.add(alarm)
    return { cancel: () => this.#alarms.delete(alarm) }
  }

  randomBytes(count: number): Buffer {
    const bytes = Buffer.allocUnsafe(count)
    for (let at = 0; at < count; at++) bytes[at] = Math.floor(this.random() * 256)
    return bytes
  }

  /** mulberry32: small, and good enough to make choices in tests. */
  random(): number {
    this.#seed = (this.#seed + 0x6d2b79f5) >>> 0
    let t = this.#seed
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000
  }

  /** Timers that are set and have not run. */
  get pendingTimers(): number {
    return this.#alarms.size
  }

  /** Moves time forward, running each timer that comes due at its own moment, in order. */
  advance(by: Duration): void {
    const until = this.#elapsed + milliseconds(by)
    for (;;) {
      const due = this.#earliest(until)
      if (due === undefined) break
      this.#alarms.delete(due)
      this.#moveTo(due.at)
      due.run()
    }
    this.#moveTo(until)
  }

  #earliest(until: number): Alarm | undefined {
    let best: Alarm | undefined
    for (const alarm of this.#alarms) {
      if (alarm.at > until) continue
      if (best === undefined || alarm.at < best.at || (alarm.at === best.at && alarm.order < best.order))
        best = alarm
    }
    return best
  }

  #moveTo(elapsed: number): void {
    this.#now += elapsed - this.#elapsed
    this.#elapsed = elapsed
  }
}
