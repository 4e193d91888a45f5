// A stretch of a segment's file that is sent without having been read: where it begins and ends is known from the index, which
// has batches about every 32 KiB. What is sent of a slice must all be in memory before the first byte leaves.

import type { LogExtent, Offset } from '../log.ts'
import { BATCH_HEADER_BYTES, batchBytesAt, MAGIC, RecordBatch } from '../record/batch.ts'
import { coldnessOf } from './coldness.ts'
import type { DiskFile } from './disk.ts'
import { readTo, type SegmentRead } from './reading.ts'
import type { Segment } from './segment.ts'

/** Less than this is read at once. */
export const EXTENT_BYTES_MIN = 256 * 1024

/** Undefined when the index does not know the batch at `from`, or not enough after it. Errors: the disk's. */
export function extentOf(
  segment: Segment,
  { from, maxBytes, limit, filled, monotonic }: SegmentRead,
): LogExtent | undefined {
  if (maxBytes < EXTENT_BYTES_MIN || filled < EXTENT_BYTES_MIN) return undefined
  const known = readTo(segment, from)
  const position = known ?? segment.exactPositionOf(from, filled)
  if (position === undefined) return undefined
  const end = segment.lastEntry({ from: position, to: position + maxBytes, limit }, filled)
  const bytes = (end?.position ?? 0) - position
  if (end === undefined || bytes < EXTENT_BYTES_MIN) return undefined
  const { file, release } = segment.hold()
  const start = baseAt(file, position, bytes)
  // Where a read has ended, the next batch begins, and compaction may have left a gap before it.
  if (start === undefined || (known === undefined ? start !== from : start < from)) {
    release()
    return undefined
  }
  const cold = coldnessOf(segment)
  const got = (count: number, at: number): number => {
    if (count === 0) throw segment.rotten(position + at) // the file ends too early
    return count
  }
  return {
    bytes,
    start,
    next: end.base,
    available: filled - position,
    read(into, at) {
      const reading = cold.read(file, into, position + at, monotonic)
      return reading instanceof Promise ? reading.then(count => got(count, at)) : got(reading, at)
    },
    release,
  }
}

/** Base of the batch that lies there; undefined when none does: what is damaged goes the way of `read`, which reports it. */
function baseAt(file: DiskFile, position: number, bytes: number): Offset | undefined {
  const header = Buffer.allocUnsafe(BATCH_HEADER_BYTES)
  if (file.read(header, position) < header.length) return undefined
  const batchBytes = batchBytesAt(header, 0) ?? 0
  const batch = new RecordBatch(header)
  const isWhole = batchBytes >= BATCH_HEADER_BYTES && batchBytes <= bytes && batch.magic === MAGIC
  return isWhole ? batch.baseOffset : undefined
}
