// Work in the background, cut into slices: after each the event loop gets its turn, so that requests wait for a slice
// and never for a whole log. A slice ends at a size too, because in tests the clock stands still.

import type { World } from '../../world/index.ts'

/** Bytes of one slice. */
const SLICE_BYTES = 1024 * 1024
/** Longest slice, ms. */
const SLICE_MS = 5

/** Thrown out of the work when it is to end early: what it had not finished is as it was. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

export class Pace {
  readonly #world: World
  #bytes = 0
  #since: number
  #stopped = false

  constructor(world: World) {
    this.#world = world
    this.#since = world.monotonic()
  }

  /** The work under way ends with Interrupted when it next gives an account. */
  stop(): void {
    this.#stopped = true
  }

  /**
   * Accounts for `bytes` of work. Undefined when the slice goes on, else resolves when the next one begins.
   * Errors: Interrupted.
   */
  spent(bytes: number): Promise<void> | undefined {
    if (this.#stopped) throw new Interrupted('upkeep was stopped')
    this.#bytes += bytes
    if (this.#bytes < SLICE_BYTES && this.#world.monotonic() - this.#since < SLICE_MS) return undefined
    return this.#nextSlice()
  }

  async #nextSlice(): Promise<void> {
    await new Promise<void>(resolve => {
      setImmediate(resolve) // a turn, not a time: nothing here for World to decide
    })
    this.#bytes = 0
    this.#since = this.#world.monotonic()
    if (this.#stopped) throw new Interrupted('upkeep was stopped')
  }
}
