// How much of the machine's memory the process may have before publishers must wait: unset at first, since what is kept is on
// the disk. Once it is set, memory is compared with it now and then, and the AMQP head told when it is passed.

import type { Timer, World } from '../../world/index.ts'
import { managementLimits as limits } from './limits.ts'

export interface MemoryParts {
  readonly residentBytes: () => number
  readonly totalBytes: number
  /** Called when the alarm begins and ends. */
  readonly changed: (isLow: boolean) => void
}

export class MemoryWatermark {
  readonly #world: World
  readonly #parts: MemoryParts
  #fraction: number | undefined
  #isRaised = false
  #timer: Timer | undefined

  constructor(world: World, parts: MemoryParts) {
    this.#world = world
    this.#parts = parts
  }

  /** Part of the machine's memory; undefined when there is no watermark. */
  get fraction(): number | undefined {
    return this.#fraction
  }
  /** In bytes. */
  get limit(): number | undefined {
    return this.#fraction === undefined ? undefined : Math.floor(this.#fraction * this.#parts.totalBytes)
  }
  get isRaised(): boolean {
    return this.#isRaised
  }

  /** Undefined takes the watermark away, and ends its alarm. */
  set(fraction: number | undefined): void {
    this.#timer?.cancel()
    this.#fraction = fraction
    this.#check()
  }

  close(): void {
    this.#timer?.cancel()
  }

  #check(): void {
    const { limit } = this
    const isRaised = limit !== undefined && this.#parts.residentBytes() > limit
    if (isRaised !== this.#isRaised) {
      this.#isRaised = isRaised
      this.#parts.changed(isRaised)
    }
    if (limit !== undefined) this.#timer = this.#world.after(limits.memoryCheckMs, () => this.#check())
  }
}
