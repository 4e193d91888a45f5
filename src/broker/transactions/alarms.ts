// Timers by name, one each, all of which can be stopped for good.

import type { Timer, World } from '../../world/index.ts'

export class Alarms {
  readonly #world: World
  readonly #timers = new Map<string, Timer>()
  #stopped = false

  constructor(world: World) {
    this.#world = world
  }

  /** Calls `run` once, `ms` from now, instead of whatever was set under this name. */
  set(name: string, ms: number, run: () => void): void {
    if (this.#stopped) return
    this.cancel(name)
    const timer = this.#world.after(ms, () => {
      this.#timers.delete(name)
      run()
    })
    this.#timers.set(name, timer)
  }

  cancel(name: string): void {
    this.#timers.get(name)?.cancel()
    this.#timers.delete(name)
  }

  /** None goes off any more and none can be set. */
  stop(): void {
    this.#stopped = true
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
  }
}
