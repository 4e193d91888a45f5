// Ids that were handed out to new members which have yet to come back with them (KIP-394). Each is forgotten after its
// session timeout, so that a rebalance does not wait for ever.

import type { Timer, World } from '../../../world/index.ts'

export class ExpectedIds {
  readonly #world: World
  readonly #expired: () => void
  readonly #timers = new Map<string, Timer>()

  /** `expired` is called after an id was forgotten because its time was up. */
  constructor(world: World, expired: () => void) {
    this.#world = world
    this.#expired = expired
  }

  get size(): number {
    return this.#timers.size
  }
  has(id: string): boolean {
    return this.#timers.has(id)
  }
  add(id: string, timeoutMs: number): void {
    const timer = this.#world.after(timeoutMs, () => {
      this.forget(id)
      this.#expired()
    })
    this.#timers.set(id, timer)
  }
  forget(id: string): void {
    this.#timers.get(id)?.cancel()
    this.#timers.delete(id)
  }
  clear(): void {
    for (const id of [...this.#timers.keys()]) this.forget(id)
  }
}
