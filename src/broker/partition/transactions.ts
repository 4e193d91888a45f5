// The transactions that touch one partition: which are open (the last stable offset lies before the first of them) and
// which were aborted (a committed reader is told to skip their batches).

import type { Offset } from '../../log/index.ts'
import type { Producers } from './producers.ts'

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: Offset
  /** Of the marker. */
  readonly lastOffset: Offset
}

/** Offset of the first batch of an open transaction; undefined when none is open. */
export function firstOpen(producers: Producers): Offset | undefined {
  let first: Offset | undefined
  for (const { openSince } of producers.list())
    if (openSince !== undefined && (first === undefined || openSince < first)) first = openSince
  return first
}

/** The aborted transactions of a partition, in the order of their markers. */
export class AbortedTransactions {
  #list: AbortedTransaction[] = []

  add(aborted: AbortedTransaction): void {
    this.#list.push(aborted)
  }

  /** Those with batches within [from, to), as a committed reader of that range needs them. */
  within(from: Offset, to: Offset): AbortedTransaction[] {
    return this.#list.slice(this.#firstEndingAt(from)).filter(one => one.firstOffset < to)
  }

  /** Forgets those that end below the log's start. */
  trim(start: Offset): void {
    const keep = this.#firstEndingAt(start)
    if (keep > 0) this.#list = this.#list.slice(keep)
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
