// Cutting what was read.

import {
  BATCH_HEADER_BYTES,
  batchBytesAt,
  batchesOf,
  type LogSlice,
  type Offset,
  RecordBatch,
} from '../../log/index.ts'

/** The slice without the batches that begin at or after `limit`. */
export function cutAt(slice: LogSlice, limit: Offset): LogSlice {
  if (slice.next <= limit) return slice
  const chunks: Buffer[] = []
  let bytes = 0
  let next = slice.start
  for (const chunk of slice.chunks) {
    const kept = cutChunk(chunk, limit)
    if (kept.length > 0) {
      chunks.push(kept)
      bytes += kept.length
      next = lastOffsetOf(kept) + 1
    }
    if (kept.length < chunk.length) break
  }
  return { ...slice, chunks, bytes, next }
}

function cutChunk(chunk: Buffer, limit: Offset): Buffer {
  for (let at = 0; at < chunk.length; ) {
    if (new RecordBatch(chunk.subarray(at, at + BATCH_HEADER_BYTES)).baseOffset >= limit)
      return chunk.subarray(0, at)
    at += batchBytesAt(chunk, at) ?? chunk.length
  }
  return chunk
}

function lastOffsetOf(chunk: Buffer): Offset {
  let last = -1
  for (const batch of batchesOf(chunk)) last = batch.lastOffset
  return last
}
