// The door of log/: the waist and its engines.

export { LogError, type LogErrorCode, logErrors } from './errors.ts'
export { type DirectoryStoreOptions, openFileStore } from './file/directory.ts'
export { FLUSH_BUCKETS, type FlushStats } from './file/stats.ts'
export type { FileStore } from './file/store.ts'
export type {
  Epoch,
  EpochStart,
  Log,
  LogExtent,
  LogOptions,
  LogSlice,
  LogStore,
  Offset,
  SegmentInfo,
} from './log.ts'
export { MemoryStore, openMemoryStore } from './memory/store.ts'
export {
  BATCH_HEADER_BYTES,
  batchBytesAt,
  batchesOf,
  type Codec,
  codecs,
  RecordBatch,
} from './record/batch.ts'
