// Reading a log across its parts: segments, oldest first, and then the tail.

import type { LogExtent, LogSlice, Offset } from '../log.ts'
import { lastAtOrBelow } from '../offset-search.ts'
import { extentOf } from './extent.ts'
import { readSegment, type SegmentSlice } from './reading.ts'
import type { Segment } from './segment.ts'
import type { Tail } from './tail.ts'

/** What is read from. */
export interface Parts {
  readonly segments: readonly Segment[]
  readonly tail: Tail
  /** Ms since some start. */
  readonly monotonic: () => number
}

/** Which part of it: `[from, limit)` is there, and all of it is whole. */
export interface Span {
  readonly from: Offset
  readonly limit: Offset
  readonly maxBytes: number
}

export function emptySlice(at: Offset): LogSlice {
  return { chunks: [], bytes: 0, start: at, next: at }
}

/** As `Log.read`. Errors: LOG_ROTTEN, the disk's. */
export function readParts(parts: Parts, span: Span): LogSlice | Promise<LogSlice> {
  const piece = readPiece(parts, span)
  return piece instanceof Promise ? piece.then(late => readOn(parts, span, late)) : readOn(parts, span, piece)
}

/** As `Log.extent`. Errors: the disk's. */
export function extentOfParts(
  { segments, tail, monotonic }: Parts,
  { from, limit, maxBytes }: Span,
): LogExtent | undefined {
  const segment = segments[lastAtOrBelow(segments, from)]
  return segment && extentOf(segment, { from, maxBytes, limit, filled: tail.filled(segment), monotonic })
}

/** Base of the first batch in [start, end) with a record of at least `timestampMs`. Errors: LOG_ROTTEN, the disk's. */
export function seekParts(
  { segments, tail }: Parts,
  { timestampMs, start, end }: { readonly timestampMs: number; readonly start: Offset; readonly end: Offset },
): Offset | undefined {
  for (const segment of segments) {
    if (segment.maxTimestamp < timestampMs || (segment.end ?? end) <= start) continue
    const filled = tail.filled(segment)
    for (const { batch } of segment.walk(segment.positionOfTime(timestampMs, filled), filled))
      if (batch.maxTimestamp >= timestampMs && batch.lastOffset >= start && batch.baseOffset < end)
        return batch.baseOffset
    const base = tail.seek(segment, timestampMs, start, end)
    if (base !== undefined) return base
  }
  return undefined
}

/** From one segment, or from the tail. */
function readPiece(
  { segments, tail, monotonic }: Parts,
  { from, limit, maxBytes }: Span,
): SegmentSlice | Promise<SegmentSlice> {
  const { base } = tail
  if (base === undefined || from < base) {
    for (let at = lastAtOrBelow(segments, from); at < segments.length; at++) {
      const segment = segments[at]
      if (segment === undefined) break
      const slice = readSegment(segment, { from, maxBytes, limit, filled: tail.filled(segment), monotonic })
      if (slice !== undefined) return slice
    }
  }
  const slice = tail.read(from, maxBytes, limit)
  // Compaction may have left nothing up to the end: reading goes on there.
  return { ...(slice.bytes === 0 ? emptySlice(limit) : slice), exhausted: false }
}

/** Goes on into the next segment, or the tail, when there is room and the bytes are at hand. */
function readOn(parts: Parts, { limit, maxBytes }: Span, piece: SegmentSlice): LogSlice {
  let all = piece
  while (all.exhausted && all.bytes > 0 && all.bytes < maxBytes && all.next < limit) {
    const more = readPiece(parts, { from: all.next, limit, maxBytes: maxBytes - all.bytes })
    if (more instanceof Promise || more.bytes === 0 || all.bytes + more.bytes > maxBytes) break
    all = {
      ...more,
      chunks: [...all.chunks, ...more.chunks],
      bytes: all.bytes + more.bytes,
      start: all.start,
    }
  }
  return all
}
