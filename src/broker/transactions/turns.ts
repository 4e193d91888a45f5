// Turns: what is done for one transactional id is done one after the other, so that a change that the store refuses can
// be undone without touching the next one, and a request that comes while a transaction ends is answered after it.

import { BrokerError } from '../errors.ts'

/** Requests that may wait for their turn at one id. */
export const WAITING_MAX = 100

interface Line {
  last: Promise<unknown>
  waiting: number
}

export class Turns {
  readonly #lines = new Map<string, Line>()

  /** Runs `work` when what was begun earlier for `key` is over. Errors: TRANSACTION_BUSY when too many wait. */
  take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const line = this.#lines.get(key) ?? { last: Promise.resolve(), waiting: 0 }
    if (line.waiting >= WAITING_MAX)
      return Promise.reject(
        new BrokerError(
          'TRANSACTION_BUSY',
          `${line.waiting} requests wait for transactional id '${key}'; try again`,
        ),
      )
    this.#lines.set(key, line)
    line.waiting++
    const turn = line.last.then(work).finally(() => {
      if (--line.waiting === 0) this.#lines.delete(key)
    })
    line.last = turn.catch(() => {}) // its caller hears of it; the next one goes on
    return turn
  }

  /** Whether nothing is under way for `key`. */
  isFree(key: string): boolean {
    return !this.#lines.has(key)
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#lines.size > 0) await Promise.all([...this.#lines.values()].map(line => line.last))
  }
}
