// Whether the peer is still there. Whatever arrives says so; who has nothing to say for a third of the time sends PING. After
// the whole of it, and at most a third more, without a word the peer counts as dead, and the leases of all that it holds have
// ended.

import type { Timer, World } from '../../world/index.ts'

export interface LivenessParts {
  readonly world: World
  /** Ms of silence that end it. */
  readonly leaseMs: number
  /** Batches sent so far. */
  sent(): number
  ping(): void
  dead(): void
}

export class Liveness {
  readonly #parts: LivenessParts
  #timer: Timer | undefined
  #heardAt: number
  #sent = 0
  /** Ms between looks: a third of the shorter of both leases. */
  #periodMs: number
  /** Something has arrived since the last look at the clock, which is not asked for each chunk. */
  #heard = false

  constructor(parts: LivenessParts) {
    this.#parts = parts
    this.#heardAt = parts.world.monotonic()
    this.#periodMs = parts.leaseMs / 3
    this.#wait()
  }

  /** The peer takes us for dead after so many ms without a word. */
  expectedWithin(ms: number): void {
    const third = Math.min(this.#parts.leaseMs, ms) / 3
    if (third >= this.#periodMs) return
    this.#periodMs = third
    this.#timer?.cancel()
    this.#wait()
  }

  heard(): void {
    this.#heard = true
  }

  stop(): void {
    this.#timer?.cancel()
  }

  #wait(): void {
    this.#timer = this.#parts.world.after(this.#periodMs, () => this.#look())
  }

  #look(): void {
    const { world, leaseMs, sent, ping, dead } = this.#parts
    const now = world.monotonic()
    if (this.#heard) this.#heardAt = now
    this.#heard = false
    if (now - this.#heardAt >= leaseMs) {
      dead()
      return
    }
    const batches = sent()
    if (batches === this.#sent) ping()
    this.#sent = batches
    this.#wait()
  }
}
