// What the disk does in the background: each job is done some turns later, and not in the order of the calls. Turns
// are microtasks, now and then a whole round of the event loop; nothing waits for a clock.

import type { Dice } from './dice.ts'

/** Most microtasks between two completions. */
const TURNS = 12
/** How often a completion waits for a round of the event loop, so that others get their turn too. */
const ROUND = 0.1

export class Completions {
  readonly #dice: Dice
  readonly #jobs: (() => void)[] = []
  #scheduled = false

  constructor(dice: Dice) {
    this.#dice = dice
  }

  /** Runs `job` some turns from now; it must not throw. */
  add(job: () => void): void {
    this.#jobs.push(job)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    if (this.#dice.chance(ROUND)) setImmediate(this.#run)
    else this.#hop(this.#dice.below(TURNS))
  }

  #hop(turns: number): void {
    queueMicrotask(turns === 0 ? this.#run : () => this.#hop(turns - 1))
  }

  readonly #run = (): void => {
    this.#scheduled = false
    const [job] = this.#jobs.splice(this.#dice.below(this.#jobs.length), 1)
    if (this.#jobs.length > 0) this.#schedule()
    job?.()
  }
}
