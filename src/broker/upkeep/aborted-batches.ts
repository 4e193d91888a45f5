// Which batches of a range belong to aborted transactions. A producer's transactions in a partition lie one after the
// other, so its aborted ones are disjoint ranges of offsets, each from its first batch to its marker.

import type { Offset, RecordBatch } from '../../log/index.ts'
import type { AbortedTransaction } from '../partition/transactions.ts'

export class AbortedBatches {
  readonly #byProducer = new Map<number, AbortedTransaction[]>()
  readonly #markers = new Set<Offset>()

  /** `aborted` in the order of their markers. */
  constructor(aborted: Iterable<AbortedTransaction>) {
    for (const one of aborted) {
      const list = this.#byProducer.get(one.producerId)
      if (list === undefined) this.#byProducer.set(one.producerId, [one])
      else list.push(one)
      this.#markers.add(one.lastOffset)
    }
  }

  /** Whether the batch was written in an aborted transaction. */
  holds(batch: RecordBatch): boolean {
    if (!batch.isTransactional || batch.isControl) return false
    const list = this.#byProducer.get(batch.producerId)
    if (list === undefined) return false
    const { baseOffset } = batch
    let low = 0
    let high = list.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((list[middle]?.lastOffset ?? 0) < baseOffset) low = middle + 1
      else high = middle
    }
    const found = list[low]
    return found !== undefined && found.firstOffset <= baseOffset
  }

  /** Whether one of the transactions ends with the marker at `offset`. */
  endsAt(offset: Offset): boolean {
    return this.#markers.has(offset)
  }
}
