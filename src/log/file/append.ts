// A batch between the call of `append` and the disk.

import type { Offset } from '../log.ts'
import type { FileLog } from './file-log.ts'
import type { Segment } from './segment.ts'

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
