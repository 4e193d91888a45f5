// One timer for many moments: set to the earliest of them.

import type { Timer, World } from '../../world/index.ts'

/** A timer is set again after this long at the latest, because a wall clock may jump; ms. */
const STEP_MS_MAX = 60_000

export class Alarm {
  readonly #world: World
  readonly #ring: () => void
  #timer: Timer | undefined
  #at = Number.POSITIVE_INFINITY

  /** `ring` is called when the time has come; it sets the alarm anew. */
  constructor(world: World, ring: () => void) {
    this.#world = world
    this.#ring = ring
  }

  /** Rings at `timeMs` (ms since 1970) or earlier. Infinity changes nothing. */
  atMost(timeMs: number): void {
    if (timeMs >= this.#at) return
    this.#timer?.cancel()
    this.#at = timeMs
    this.#set()
  }

  clear(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#at = Number.POSITIVE_INFINITY
  }

  #set(): void {
    const left = this.#at - this.#world.now()
    this.#timer = this.#world.after(Math.max(1, Math.min(left, STEP_MS_MAX)), () => {
      if (this.#world.now() < this.#at) {
        this.#set()
        return
      }
      this.clear()
      this.#ring()
    })
  }
}
