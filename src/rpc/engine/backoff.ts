// How long to wait before the next try: twice as long each time, up to a bound, and of that a random part (full jitter), so
// that clients who lost the same server do not come back all at once.

import type { World } from '../../world/index.ts'

export class Backoff {
  readonly #world: World
  readonly #firstMs: number
  readonly #maxMs: number
  #tries = 0

  constructor(world: World, firstMs: number, maxMs: number) {
    this.#world = world
    this.#firstMs = firstMs
    this.#maxMs = maxMs
  }

  /** Ms until the next try; at least half of `firstMs`, so that it is never a busy loop. */
  next(): number {
    const most = Math.min(this.#maxMs, this.#firstMs * 2 ** this.#tries++)
    return Math.max(this.#firstMs / 2, this.#world.random() * most)
  }

  /** The last try went well. */
  reset(): void {
    this.#tries = 0
  }
}
