// When which message is due (to expire, or to be delivered): the earliest first, in bounded memory however many there
// are. Beyond `capacity` only the earlier half is kept, and `horizon` is where the rest begins: when time comes there,
// the owner reads its log again and adds what it finds. Where times ascend with the offsets, as with one time to live
// for the whole queue, that reading stops as soon as the index is full again.

import type { Offset } from '../../log/index.ts'
import { TimedHeap } from './timed-heap.ts'

/** 16 bytes each: 1 MiB for one queue. */
export const TIME_INDEX_CAPACITY = 65_536

export class TimeIndex {
  readonly #capacity: number
  readonly #heap = new TimedHeap<Offset>()
  #horizon = Number.POSITIVE_INFINITY
  #ascending = true
  #last = Number.NEGATIVE_INFINITY

  constructor(capacity = TIME_INDEX_CAPACITY) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#heap.size
  }

  /** The earliest time of all, ms since 1970; Infinity when there is none. */
  get next(): number {
    return Math.min(this.#heap.next, this.#horizon)
  }

  /** Whether more is due at `nowMs` than `takeDue` gave, so that the log must be read again. */
  needsScan(nowMs: number): boolean {
    return this.#horizon <= nowMs
  }

  /** Says that there may be more in the log than was added, from the first moment on. */
  incomplete(): void {
    this.#horizon = Number.NEGATIVE_INFINITY
  }

  /** Begins to take everything anew, in the order of offsets. */
  beginScan(): void {
    this.#heap.clear()
    this.#horizon = Number.POSITIVE_INFINITY
    this.#last = Number.NEGATIVE_INFINITY
  }

  /** Whether a scan that goes on would add nothing: times ascend, and there are later ones already left out. */
  get isScanned(): boolean {
    return this.#ascending && this.#horizon !== Number.POSITIVE_INFINITY
  }

  add(offset: Offset, timeMs: number): void {
    if (timeMs < this.#last) this.#ascending = false
    this.#last = timeMs
    if (timeMs >= this.#horizon) return
    if (this.#heap.size >= this.#capacity) {
      this.#halve()
      if (timeMs >= this.#horizon) return
    }
    this.#heap.push(timeMs, offset)
  }

  /** Takes one that is due away and gives its offset; undefined when none is. */
  takeDue(nowMs: number): Offset | undefined {
    return this.#heap.takeDue(nowMs)
  }

  clear(): void {
    this.beginScan()
    this.#ascending = true
  }

  /** Keeps the earlier half. */
  #halve(): void {
    const all = [...this.#heap.entries()].sort(([a], [b]) => a - b)
    const half = this.#capacity >> 1
    this.#horizon = Math.min(this.#horizon, all[half]?.[0] ?? this.#horizon)
    this.#heap.clear()
    for (const [time, offset] of all.slice(0, half)) this.#heap.push(time, offset)
  }
}
