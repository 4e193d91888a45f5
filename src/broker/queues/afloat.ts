// Messages that were taken from publishers and are not on the disk yet, over all queues. Publishers that wait for
// confirms bound themselves; for the others, whoever reads from their connection asks here whether to go on.

import { type Deferred, deferred } from '../../flow/index.ts'
import type { Afloat } from './outbox.ts'

/** Above this many bytes nobody should read more messages; below half of it they may again. */
export const AFLOAT_BYTES_MAX = 64 * 1024 * 1024

export class Pressure implements Afloat {
  bytes = 0
  readonly #bytesMax: number
  #waiting: Deferred<void> | undefined

  constructor(bytesMax = AFLOAT_BYTES_MAX) {
    this.#bytesMax = bytesMax
  }

  /** Undefined when there is room for more messages, else resolves when there is. */
  room(): Promise<void> | undefined {
    if (this.bytes < this.#bytesMax) return undefined
    this.#waiting ??= deferred()
    return this.#waiting.promise
  }

  landed(): void {
    if (this.#waiting === undefined || this.bytes > this.#bytesMax / 2) return
    this.#waiting.resolve()
    this.#waiting = undefined
  }
}
