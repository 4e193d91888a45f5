// A set of offsets as ranges, ascending and apart: what is settled above a cursor. Messages are settled nearly in order,
// so there are few ranges however many offsets.

import type { Offset } from '../../log/index.ts'

/** `[from, to)`. */
export interface OffsetRange {
  readonly from: Offset
  readonly to: Offset
}

/** Of every set that is empty: nothing is ever put into it. */
const none: Offset[] = []

export class OffsetRanges implements Iterable<OffsetRange> {
  #from = none
  #to = none

  /** Number of ranges. */
  get size(): number {
    return this.#from.length
  }

  /** Where the first range begins; undefined when the set is empty. */
  get first(): Offset | undefined {
    return this.#from[0]
  }

  has(offset: Offset): boolean {
    const at = this.#lastFromAtOrBelow(offset)
    return at >= 0 && offset < (this.#to[at] ?? 0)
  }

  /** The end of the range that holds `offset`; `offset` itself when none does. */
  endOf(offset: Offset): Offset {
    const at = this.#lastFromAtOrBelow(offset)
    return at >= 0 ? Math.max(offset, this.#to[at] ?? 0) : offset
  }

  /** Adds `[from, to)`; gives how many of its offsets were not in the set before. */
  add(from: Offset, to: Offset): number {
    if (to <= from) return 0
    if (this.#from === none) {
      this.#from = [from]
      this.#to = [to]
      return to - from
    }
    const last = this.#from.length - 1
    const lastTo = this.#to[last]
    if (lastTo === undefined || from > lastTo) {
      this.#from.push(from)
      this.#to.push(to)
      return to - from
    }
    if (from < (this.#from[last] ?? 0)) return this.#merge(from, to)
    // The last range grows: messages are settled one after the other nearly always.
    if (to <= lastTo) return 0
    this.#to[last] = to
    return to - lastTo
  }

  /** Takes the range away that begins at or below `offset`, and gives its end: what a cursor at `offset` moves to. */
  absorb(offset: Offset): Offset {
    let end = offset
    let gone = 0
    while (gone < this.#from.length && (this.#from[gone] ?? 0) <= end) {
      end = Math.max(end, this.#to[gone] ?? 0)
      gone++
    }
    if (gone > 0) {
      this.#from.splice(0, gone)
      this.#to.splice(0, gone)
    }
    return end
  }

  /** Offsets at or above `offset` that are in the set. */
  countFrom(offset: Offset): number {
    let count = 0
    for (let at = this.#from.length - 1; at >= 0; at--) {
      const to = this.#to[at] ?? 0
      if (to <= offset) break
      count += to - Math.max(offset, this.#from[at] ?? 0)
    }
    return count
  }

  clear(): void {
    this.#from = none
    this.#to = none
  }

  *[Symbol.iterator](): Iterator<OffsetRange> {
    for (let at = 0; at < this.#from.length; at++) yield { from: this.#from[at] ?? 0, to: this.#to[at] ?? 0 }
  }

  #merge(from: Offset, to: Offset): number {
    const before = this.#lastFromAtOrBelow(from)
    const touchesBefore = before >= 0 && (this.#to[before] ?? 0) >= from
    const start = touchesBefore ? before : before + 1
    let stop = start
    let known = 0
    let low = from
    let high = to
    while (stop < this.#from.length && (this.#from[stop] ?? 0) <= to) {
      const oneFrom = this.#from[stop] ?? 0
      const oneTo = this.#to[stop] ?? 0
      known += Math.max(0, Math.min(oneTo, to) - Math.max(oneFrom, from))
      low = Math.min(low, oneFrom)
      high = Math.max(high, oneTo)
      stop++
    }
    this.#from.splice(start, stop - start, low)
    this.#to.splice(start, stop - start, high)
    return to - from - known
  }

  #lastFromAtOrBelow(offset: Offset): number {
    let low = 0
    let high = this.#from.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#from[middle] ?? 0) <= offset) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}
