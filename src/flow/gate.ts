// A condition that others wait for: open or closed, as often as it likes. Instead of polling or sleeping.

import { Waiters } from './waiters.ts'

export class Gate {
  #open: boolean
  readonly #forOpen = new Waiters()
  readonly #forClosed = new Waiters()

  constructor({ open = false }: { readonly open?: boolean } = {}) {
    this.#open = open
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** Idempotent. */
  open(): void {
    this.#open = true
    this.#forOpen.wake()
  }

  /** Idempotent. */
  shut(): void {
    this.#open = false
    this.#forClosed.wake()
  }

  /** Undefined when it is open; else a promise for the next time that it opens. Rejects with the signal's reason. */
  whenOpen(signal?: AbortSignal): Promise<void> | undefined {
    return this.#open ? undefined : this.#forOpen.wait(signal)
  }

  /** Undefined when it is shut; else a promise for the next time that it shuts. Rejects with the signal's reason. */
  whenShut(signal?: AbortSignal): Promise<void> | undefined {
    return this.#open ? this.#forClosed.wait(signal) : undefined
  }
}
