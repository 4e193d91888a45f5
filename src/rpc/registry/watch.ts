// Looking at a list of addresses for as long as somebody reads: it gives the list when it has become another. An iterator by
// hand, because a generator that waits cannot be ended from outside.

import type { Waiters } from '../../flow/index.ts'

export class Watch implements AsyncIterator<readonly string[], undefined> {
  readonly #changes: Waiters
  readonly #look: () => readonly string[]
  readonly #ending = new AbortController()
  #last: string | undefined

  constructor(changes: Waiters, look: () => readonly string[]) {
    this.#changes = changes
    this.#look = look
  }

  async next(): Promise<IteratorResult<readonly string[], undefined>> {
    while (!this.#ending.signal.aborted) {
      const value = this.#look()
      const now = JSON.stringify(value)
      if (now !== this.#last) {
        this.#last = now
        return { done: false, value }
      }
      await this.#changes.wait(this.#ending.signal).catch(() => {}) // ended: the loop sees it
    }
    return { done: true, value: undefined }
  }

  async return(): Promise<IteratorResult<readonly string[], undefined>> {
    this.#ending.abort()
    return { done: true, value: undefined }
  }
}
