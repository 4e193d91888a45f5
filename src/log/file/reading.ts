// Reading batches out of a segment's file: synchronous while the page cache answers quickly, without holding up the
// thread once it does not.

import type { LogSlice, Offset } from '../log.ts'
import { BATCH_PREFIX_BYTES, baseOffsetAt, lastOffsetAt } from '../record/batch.ts'
import { coldnessOf } from './coldness.ts'
import { type Segment, wholeBatchAt } from './segment.ts'

export interface SegmentRead {
  readonly from: Offset
  readonly maxBytes: number
  /** Batches that end beyond this offset are not given. */
  readonly limit: Offset
  /** How far the file holds batches. */
  readonly filled: number
  /** Ms since some start. */
  readonly monotonic: () => number
}

/** Read beyond what is asked for, because the search begins somewhat before the offset. */
const SLACK_BYTES = 32 * 1024
const READ_BYTES_MIN = 4 * 1024

/** Where a read of a segment ended. */
interface Cursor {
  readonly position: number
  /** Of the last batch that was read: the next ones are mostly as long. */
  readonly batchBytes: number
}

/** The ends of the last reads of a segment: sequential readers go on there without a search. */
const cursors = new WeakMap<Segment, Map<Offset, Cursor>>()
const CURSORS_MAX = 16

/** A slice of one segment. */
export interface SegmentSlice extends LogSlice {
  /** Nothing of the file follows it. */
  readonly exhausted: boolean
}

/** Undefined when the segment holds nothing at or after `from` below the limit. Errors: LOG_ROTTEN, the disk's. */
export function readSegment(
  segment: Segment,
  read: SegmentRead,
): SegmentSlice | undefined | Promise<SegmentSlice> {
  if (read.filled === 0) return undefined
  const known = cursors.get(segment)?.get(read.from)
  const position = known?.position ?? segment.positionOf(read.from, read.filled)
  if (position >= read.filled) return undefined
  const wanted = known === undefined ? read.maxBytes + SLACK_BYTES : bytesFor(read.maxBytes, known.batchBytes)
  return readAt(segment, read, position, Math.min(read.filled - position, Math.max(READ_BYTES_MIN, wanted)))
}

/**
 * Bytes for as many batches of about this length as fit, and for one when none does: what was read of one more would have to
 * be read again.
 */
function bytesFor(maxBytes: number, batchBytes: number): number {
  const slack = batchBytes >>> 3
  if (batchBytes > maxBytes) return batchBytes + slack
  return Math.min(maxBytes, maxBytes - (maxBytes % batchBytes) + slack)
}

function readAt(
  segment: Segment,
  read: SegmentRead,
  position: number,
  size: number,
): SegmentSlice | undefined | Promise<SegmentSlice> {
  const chunk = Buffer.allocUnsafeSlow(size)
  const reading = coldnessOf(segment).read(segment, chunk, position, read.monotonic)
  if (reading instanceof Promise)
    return reading.then(got => cut(segment, read, { position, room: chunk, got }) ?? emptyAt(read.from))
  return cut(segment, read, { position, room: chunk, got: reading })
}

/** Where the batch that begins with `from` lies, if the last read that went so far knows it. */
export function readTo(segment: Segment, from: Offset): number | undefined {
  return cursors.get(segment)?.get(from)?.position
}

/** What came of one read. */
interface Got {
  readonly position: number
  readonly room: Buffer
  /** Bytes; fewer than there was room for means that the file ends. */
  readonly got: number
}

/** What of the bytes read is asked for; reads on when not even one batch is whole. */
function cut(
  segment: Segment,
  read: SegmentRead,
  { position, room, got }: Got,
): SegmentSlice | undefined | Promise<SegmentSlice> {
  const { from, maxBytes, limit, filled } = read
  const chunk = room.subarray(0, got)
  let [first, end, start, next, batchBytes] = [-1, 0, from, from, 0]
  for (let at = 0; ; ) {
    const bytes = wholeBatchAt(chunk, at)
    if (bytes === undefined) {
      if (first >= 0 || position + at >= filled) break
      if (got < room.length) throw segment.rotten(position + chunk.length) // the file ends too early
      const needed = neededAt(segment, chunk, at, position, filled)
      return readAt(segment, read, position + at, needed)
    }
    const after = lastOffsetAt(chunk, at) + 1
    if (after > limit) break
    if (after > from) {
      if (first < 0) [first, start] = [at, baseOffsetAt(chunk, at)]
      else if (at + bytes - first > maxBytes) break
      ;[end, next, batchBytes] = [at + bytes, after, bytes]
      if (end - first >= maxBytes) break
    }
    at += bytes
  }
  if (first < 0) return undefined
  remember(segment, next, { position: position + end, batchBytes })
  return {
    chunks: [chunk.subarray(first, end)],
    bytes: end - first,
    start,
    next,
    exhausted: position + end >= filled,
  }
}

/** Bytes of the batch that begins at `at` and was not read whole. Errors: LOG_ROTTEN when its length makes no sense. */
function neededAt(segment: Segment, chunk: Buffer, at: number, position: number, filled: number): number {
  const left = filled - position - at
  if (at + BATCH_PREFIX_BYTES > chunk.length) {
    if (at === 0) throw segment.rotten(position)
    return Math.min(left, READ_BYTES_MIN)
  }
  const needed = chunk.readInt32BE(at + 8) + BATCH_PREFIX_BYTES
  if (needed <= BATCH_PREFIX_BYTES || needed > left || needed <= chunk.length - at)
    throw segment.rotten(position + at)
  return needed
}

function remember(segment: Segment, next: Offset, cursor: Cursor): void {
  let places = cursors.get(segment)
  if (places === undefined) {
    places = new Map()
    cursors.set(segment, places)
  }
  places.delete(next)
  places.set(next, cursor)
  if (places.size > CURSORS_MAX) places.delete(places.keys().next().value ?? next)
}

function emptyAt(from: Offset): SegmentSlice {
  return { chunks: [], bytes: 0, start: from, next: from, exhausted: true }
}
