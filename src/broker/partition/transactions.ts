// The transactions that were aborted in one partition: a reader of committed records is told to skip their batches.
// Which ones are open is known to producers.ts.

import type { Offset } from '../../log/index.ts'

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: Offset
  /** Of the marker. */
  readonly lastOffset: Offset
  /** The last stable offset after it: whatever ends later begins there or above. */
  readonly stableAfter: Offset
}

/** The aborted transactions of a partition, in the order of their markers. */
/** Of every partition without any: nothing is ever put into it. */
const none: AbortedTransaction[] = []

export class AbortedTransactions {
  #list = none

  add(aborted: AbortedTransaction): void {
    if (this.#list === none) this.#list = []
    this.#list.push(aborted)
  }

  /** Those with batches within [from, to), as a committed reader of that range needs them. */
  within(from: Offset, to: Offset): AbortedTransaction[] {
    const found: AbortedTransaction[] = []
    for (let at = this.#firstEndingAt(from); at < this.#list.length; at++) {
      const one = this.#list[at] as AbortedTransaction
      if (one.firstOffset < to) found.push(one)
      if (one.stableAfter >= to) break
    }
    return found
  }

  /** Forgets those that end below the log's start. */
  trim(start: Offset): void {
    const keep = this.#firstEndingAt(start)
    if (keep > 0) this.#list = this.#list.slice(keep)
  }

  /** Forgets those that end with these markers: nothing of them is left to skip. */
  forget(markers: ReadonlySet<Offset>): void {
    if (markers.size > 0) this.#list = this.#list.filter(one => !markers.has(one.lastOffset))
  }

  list(): readonly AbortedTransaction[] {
    return this.#list
  }

  restore(list: readonly AbortedTransaction[]): void {
    this.#list = [...list]
  }

  #firstEndingAt(offset: Offset): number {
    let low = 0
    let high = this.#list.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#list[middle]?.lastOffset ?? 0) < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
