// A queue that is deleted when nobody has used it for a while (`x-expires`).

import type { World } from '../../world/index.ts'
import { Alarm } from './alarm.ts'

interface UnusedParts {
  /** Ms without use after which it expires; infinite for never. */
  readonly expiresMs: () => number
  /** Whether it has consumers: they use it all the time. */
  readonly isUsed: () => boolean
  readonly expired: () => void
}

export class Unused {
  readonly #world: World
  readonly #parts: UnusedParts
  readonly #alarm: Alarm
  #usedAt: number

  /** Counts from now. */
  constructor(world: World, parts: UnusedParts) {
    this.#world = world
    this.#parts = parts
    this.#alarm = new Alarm(world, () => this.#check())
    this.#usedAt = world.now()
  }

  used(): void {
    this.#usedAt = this.#world.now()
    this.watch()
  }

  /** What it depends on may be otherwise than before. */
  watch(): void {
    this.#alarm.atMost(this.#expiresAt)
  }

  close(): void {
    this.#alarm.clear()
  }

  get #expiresAt(): number {
    return this.#usedAt + this.#parts.expiresMs()
  }

  #check(): void {
    if (this.#parts.isUsed()) this.#usedAt = this.#world.now()
    if (this.#expiresAt > this.#world.now()) this.watch()
    else this.#parts.expired()
  }
}
