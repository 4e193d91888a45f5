// A batch between the call of `append` and the disk.

import type { Offset } from '../log.ts'
import { batchesOf } from '../record/batch.ts'
import type { FileLog } from './file-log.ts'
import type { Segment } from './segment.ts'
import type { RunEntry } from './wal-format.ts'

/** A batch that has its place in a segment. */
export interface Placed {
  readonly segment: Segment
  readonly position: number
  readonly base: Offset
  readonly next: Offset
  readonly maxTimestamp: number
  readonly buffer: Buffer
}

/** A batch on its way to the disk. */
export interface Append extends Placed {
  readonly log: FileLog
  readonly digestBefore: number
  readonly digestAfter: number
  resolve(offset: Offset): void
  reject(error: unknown): void
}

/** Length of the batches together. */
export function bytesOf(batches: readonly Placed[]): number {
  let bytes = 0
  for (const one of batches) bytes += one.buffer.length
  return bytes
}

/** The batches of an inline run, which lie one after another in the segment. */
export function* batchesOfRun({ position, buffers }: RunEntry, segment: Segment): Generator<Placed> {
  let at = position
  for (const run of buffers)
    for (const batch of batchesOf(run)) {
      const { baseOffset: base, lastOffset, maxTimestamp, buffer } = batch
      yield { segment, position: at, base, next: lastOffset + 1, maxTimestamp, buffer }
      at += buffer.length
    }
}
