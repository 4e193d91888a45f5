// Connections that have been made and wait for `accept`, in order and bounded. Nothing of them is read meanwhile, so a
// peer that sends is stopped by its own system. What comes while the backlog is full is reset, as Linux does with
// tcp_abort_on_overflow: Node gives every connection as soon as it is there, and cannot leave it with the system.

import { Waiters } from '../../flow/index.ts'

export class Backlog<T> {
  readonly #waiters = new Waiters()
  readonly #reset: (one: T) => void
  #waiting: T[] = []
  #faults: Error[] = []
  #closed: Error | undefined
  /** Connections that may wait. */
  max: number
  /** Connections that were reset because there was no room. */
  overflowed = 0

  constructor(max: number, reset: (one: T) => void) {
    this.max = max
    this.#reset = reset
  }

  push(one: T): void {
    if (this.#closed === undefined && this.#waiting.length < this.max) {
      this.#waiting.push(one)
      this.#waiters.wake()
      return
    }
    if (this.#closed === undefined) this.overflowed++
    this.#reset(one)
  }

  /** The system could not give a connection (EMFILE): the next who accepts is told. */
  fault(error: Error): void {
    if (this.#faults.length < this.max) this.#faults.push(error)
    this.#waiters.wake()
  }

  shift(): T | undefined {
    return this.#waiting.shift()
  }

  /** The next connection. Errors: what the system said, the reason of `close`, the signal's reason. */
  async next(signal: AbortSignal | undefined): Promise<T> {
    for (;;) {
      const one = this.#waiting.shift()
      if (one !== undefined) return one
      const fault = this.#faults.shift() ?? this.#closed
      if (fault !== undefined) throw fault
      await this.#waiters.wait(signal)
    }
  }

  /** Resets those that wait, and tells who accepts. */
  close(reason: Error): void {
    this.#closed = reason
    for (const one of this.#waiting) this.#reset(one)
    this.#waiting = []
    this.#waiters.wake()
  }
}
