// The flush of what was acknowledged without one: at intervals, and before each checkpoint. Files that such a change made
// needless are removed only after it: at a power loss the removal must not have come before the change.

import type { Timer, World } from '../../world/index.ts'
import type { Committer, Flush } from './committer.ts'

export class LateFlush {
  readonly #committer: Committer
  readonly #flush: Flush
  #removals: (() => void)[] = []
  #timer: Timer | undefined

  constructor(committer: Committer, flush: Flush) {
    this.#committer = committer
    this.#flush = flush
  }

  /** Calls `remove` as soon as what was committed so far is durable. */
  whenDurable(remove: () => void): void {
    if (this.#flush === 'always') remove()
    else this.#removals.push(remove)
  }

  /** Nothing when every group is flushed anyway. Errors: the disk's. */
  async flush(): Promise<void> {
    if (this.#flush === 'always') return
    const due = this.#removals
    this.#removals = []
    await this.#committer.flush()
    for (const remove of due) remove()
  }

  /** Flushes every `ms`, counted from the end of the last one. */
  every(world: World, ms: number, failed: (error: unknown) => void): void {
    this.#timer = world.after(ms, () => {
      this.flush().then(() => this.every(world, ms, failed), failed)
    })
  }

  stop(): void {
    this.#timer?.cancel()
  }
}
