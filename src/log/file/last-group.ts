// A damaged group is told from a torn one by the groups that follow it, and nothing follows the last one. So once nothing
// came for a while, an empty group is committed behind it: when the store is found after a crash, damage to what was
// acknowledged before is reported. A store that is closed in order needs none: its checkpoint has it all.

import type { Timer, World } from '../../world/index.ts'
import type { Committer } from './committer.ts'

/** Nothing must have come for this long, in ms, and at most twice as long. */
const QUIET_MS = 1000

export class LastGroup {
  readonly #committer: Committer
  readonly #world: World
  #timer: Timer | undefined
  /** The sequence number after the empty group. */
  #provenTo = 0

  constructor(committer: Committer, world: World) {
    this.#committer = committer
    this.#world = world
  }

  /** A group was committed. */
  committed(): void {
    if (this.#timer === undefined && this.#committer.mark.sequence !== this.#provenTo) this.#watch()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #watch(): void {
    const { sequence } = this.#committer.mark
    this.#timer = this.#world.after(QUIET_MS, () => {
      this.#timer = undefined
      if (this.#committer.mark.sequence !== sequence) this.#watch()
      else {
        this.#provenTo = sequence + 1
        this.#committer.commitNothing()
      }
    })
  }
}
