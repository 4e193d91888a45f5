// Calls that must not overlap, one after the other in the order in which they were made: two receives on one stream
// would tear its bytes apart. One that is called off while it waits for its turn leaves the line.

import { withSignal } from '../../flow/index.ts'

export class Turns {
  #last: Promise<void> | undefined

  /** Whether nobody runs or waits. */
  get isIdle(): boolean {
    return this.#last === undefined
  }

  /** Runs `work` when all calls before it are over; at once when there are none. */
  async take<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const before = this.#last
    const mine = this.#run(before, signal, work)
    const over = mine.then(ignore, ignore)
    // Who gave up waiting is over before those it waited for: the next waits for both.
    const settled = before === undefined ? over : Promise.all([before, over]).then(ignore)
    this.#last = settled
    void settled.then(() => {
      if (this.#last === settled) this.#last = undefined
    })
    return mine
  }

  async #run<T>(
    before: Promise<void> | undefined,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    if (before !== undefined) await withSignal(before, signal)
    return work()
  }
}

function ignore(): void {}
