// The engine under test: a store of the build, opened in a folder, and batches for it.

import type { FileStore, openFileStore } from '../../src/log/index.ts'
import { RecordBatch } from '../../src/log/index.ts'
import { buildBatch } from '../../src/log/record/builder.ts'
import { built } from '../places.ts'

/** Opens a store of the build under test. */
export async function openEngine(directory: string): Promise<FileStore> {
  const module: { readonly openFileStore: typeof openFileStore } = await import(built('log/index.js'))
  return module.openFileStore({ directory, scrubBytesPerSecond: 0 })
}

/** One batch of about this many bytes in all; `records` share them. */
export function batchOf(bytes: number, records = 1): Buffer {
  const each = Math.max(1, Math.floor((bytes - 61) / records) - 8)
  const value = Buffer.alloc(each, 'posthorn ')
  return buildBatch(Array.from({ length: records }, () => ({ timestamp: Date.now(), value }))).buffer
}

/** A copy with memory of its own, as the engine keeps what it is given. */
export function copyOf(batch: Buffer): RecordBatch {
  const copy = Buffer.allocUnsafeSlow(batch.length)
  batch.copy(copy)
  return new RecordBatch(copy)
}
