// The engine under test: a store of the build, opened in a folder, and batches for it.

import type { FileStore, openFileStore } from '../../src/log/index.ts'
import { RecordBatch } from '../../src/log/index.ts'
import { BATCH_HEADER_BYTES } from '../../src/log/record/batch.ts'
import { buildBatch } from '../../src/log/record/builder.ts'
import { built } from '../places.ts'

/** Opens a store of the build under test. */
export async function openEngine(directory: string): Promise<FileStore> {
  const module: { readonly openFileStore: typeof openFileStore } = await import(built('log/index.js'))
  return module.openFileStore({ directory, scrubBytesPerSecond: 0 })
}

/** Bytes that a record takes beside its value, at most. */
const RECORD_BYTES = 12

/** One batch of this many bytes in all or a few less; `records` share them. */
export function batchOf(bytes: number, records = 1): Buffer {
  return batchOfValues(Math.floor((bytes - BATCH_HEADER_BYTES) / records) - RECORD_BYTES, records)
}

/** One batch of so many records with values of so many bytes. */
export function batchOfValues(bytes: number, records = 1): Buffer {
  const value = Buffer.alloc(Math.max(1, bytes), 'posthorn ')
  return buildBatch(Array.from({ length: records }, () => ({ timestamp: Date.now(), value }))).buffer
}

/** A copy with memory of its own, as the engine keeps what it is given. */
export function copyOf(batch: Buffer): RecordBatch {
  const copy = Buffer.allocUnsafeSlow(batch.length)
  batch.copy(copy)
  return new RecordBatch(copy)
}
