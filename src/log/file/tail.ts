// The end of a log that is not in its segment's file yet: batches with a place, in order, one after another. Those that
// are committed are durable in the write-ahead log and can be read; the ones behind them are on their way.

import type { LogSlice, Offset } from '../log.ts'
import { lastAtOrBelow } from '../offset-search.ts'
import { bytesOf, type Placed } from './append.ts'
import type { Segment } from './segment.ts'

/** Of every tail that is empty: nothing is ever put into it. */
const none: Placed[] = []

/** What removes batches gives the bytes that left. */
export class Tail {
  #batches = none
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }
  /** The offset at which it begins; undefined when it is empty. */
  get base(): Offset | undefined {
    return this.#batches[0]?.base
  }

  push(batch: Placed): void {
    if (this.#batches === none) this.#batches = []
    this.#batches.push(batch)
    this.#bytes += batch.buffer.length
  }

  /** How far the segment's file holds its batches. */
  filled(segment: Segment): number {
    const base = this.base
    if (base === undefined || (segment.end ?? Number.POSITIVE_INFINITY) <= base) return segment.bytes
    return this.#batches.find(one => one.segment === segment)?.position ?? segment.bytes
  }

  /** Whole batches from the one that holds `from` on, up to `limit`. */
  read(from: Offset, maxBytes: number, limit: Offset): LogSlice {
    const chunks: Buffer[] = []
    let bytes = 0
    let [start, next] = [from, from]
    for (let at = lastAtOrBelow(this.#batches, from); at < this.#batches.length; at++) {
      const one = this.#batches[at]
      if (one === undefined || one.next <= from) continue
      if (one.next > limit || (chunks.length > 0 && bytes + one.buffer.length > maxBytes)) break
      if (chunks.length === 0) start = one.base
      chunks.push(one.buffer)
      bytes += one.buffer.length
      next = one.next
    }
    return { chunks, bytes, start, next }
  }

  /** Base of the segment's first batch here with a record in [start, end) of at least `timestampMs`. */
  seek(segment: Segment, timestampMs: number, start: Offset, end: Offset): Offset | undefined {
    return this.#batches.find(
      one =>
        one.segment === segment && one.maxTimestamp >= timestampMs && one.next > start && one.next <= end,
    )?.base
  }

  /** Writes what is committed (below `end`) into the segments' files. Errors: the disk's; then all stays. */
  spill(end: Offset): number {
    let count = 0
    for (;;) {
      const run = this.#runAt(count, end)
      const [first] = run
      if (first === undefined) break
      first.segment.write(
        run.map(one => one.buffer),
        first.position,
      )
      count += run.length
    }
    return count === 0 ? 0 : this.#keep(this.#batches.slice(count), this.#batches.slice(0, count))
  }

  /** Takes out those which lie in their file. */
  drop(run: readonly Placed[]): number {
    const gone = new Set(run)
    return this.#keep(
      this.#batches.filter(one => !gone.has(one)),
      run,
    )
  }

  /** Takes out those of a segment that was replaced. */
  dropSegment(segment: Segment): number {
    return this.drop(this.#batches.filter(one => one.segment === segment))
  }

  /** Takes back what is not committed. */
  cut(end: Offset): number {
    const kept = this.#batches.filter(one => one.next <= end)
    return this.#keep(kept, this.#batches.slice(kept.length))
  }

  #keep(batches: Placed[], gone: readonly Placed[]): number {
    const bytes = bytesOf(gone)
    this.#batches = batches.length === 0 ? none : batches
    this.#bytes -= bytes
    return bytes
  }

  /** From `index` on, the committed batches that lie in one segment one after another. */
  #runAt(index: number, end: Offset): Placed[] {
    const first = this.#batches[index]
    const run: Placed[] = []
    for (let at = index; at < this.#batches.length; at++) {
      const one = this.#batches[at]
      if (one === undefined || one.next > end || one.segment !== first?.segment) break
      run.push(one)
    }
    return run
  }
}
