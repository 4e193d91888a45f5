// What one fetch takes from a share partition: ranges of offsets, and the batches as they lie in the log that hold them.
// Neighbouring batches of one chunk go out as one buffer.

import type { Offset } from '../../log/index.ts'

/** Records that a member has from now on, both ends included, as Kafka writes them. */
export interface AcquiredRange {
  readonly first: Offset
  readonly last: Offset
  /** How often they were delivered, this time included. */
  readonly count: number
}

export interface Taking {
  readonly ranges: readonly AcquiredRange[]
  /** Whole batches, in order; borrowed from the log. */
  readonly chunks: readonly Buffer[]
  readonly bytes: number
  readonly records: number
}

export const NOTHING_TAKEN: Taking = { ranges: [], chunks: [], bytes: 0, records: 0 }

export class Taken implements Taking {
  readonly ranges: AcquiredRange[] = []
  readonly chunks: Buffer[] = []
  bytes = 0
  records = 0
  readonly #rangeRecords: number
  #chunk: Buffer | undefined
  #from = 0
  #to = 0

  /** A range that has `rangeRecords` records is not joined with those of the next batch. */
  constructor(rangeRecords: number) {
    this.#rangeRecords = rangeRecords
  }

  /** The batch at `[from, to)` of the chunk goes out. */
  addBatch(chunk: Buffer, from: number, to: number): void {
    this.bytes += to - from
    if (this.#chunk === chunk && this.#to === from) {
      this.#to = to
      this.chunks[this.chunks.length - 1] = chunk.subarray(this.#from, to)
      return
    }
    this.#chunk = chunk
    this.#from = from
    this.#to = to
    this.chunks.push(chunk.subarray(from, to))
  }

  /** `[from, to)` was taken; `startsBatch` when a batch begins there. */
  addRange(from: Offset, to: Offset, count: number, startsBatch: boolean): void {
    this.records += to - from
    const last = this.ranges.at(-1)
    const isFull = last !== undefined && startsBatch && last.last - last.first + 1 >= this.#rangeRecords
    if (last !== undefined && last.last + 1 === from && last.count === count && !isFull)
      this.ranges[this.ranges.length - 1] = { ...last, last: to - 1 }
    else this.ranges.push({ first: from, last: to - 1, count })
  }
}
