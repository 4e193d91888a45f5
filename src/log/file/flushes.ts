// Flushes of the same files that may overlap. The system reports a failure to one of two that are at it at the same time,
// and an earlier one may still be busy with what a later one leaves out: a flush has gone well when those that began before
// it have, too.

export class Flushes {
  #last: Promise<void> | undefined

  /** Whether one has not ended, or one has failed. */
  get isUnderWay(): boolean {
    return this.#last !== undefined
  }

  /** Resolves when these and all that began before have gone well. Errors: the first of theirs, and so for all that come later. */
  async all(flushes: readonly (Promise<void> | undefined)[]): Promise<void> {
    // Not what they resolve with: that of each would hold that of the one before it, and so on from the first to the last.
    const last = Promise.all([this.#last, ...flushes]).then(() => {})
    this.#last = last
    await last
    if (this.#last === last) this.#last = undefined
  }
}
