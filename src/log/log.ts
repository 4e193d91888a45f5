// The waist: everything durable is a log, an append-only sequence of record batches numbered by offset. The broker is
// written against this file alone; below it stand the engines (file/, memory/), above it nothing touches a disk.
// One suite of contract tests (log.contract.ts) runs against every engine.

import type { ByteSource } from '../bytes/index.ts'
import type { RecordBatch } from './record/batch.ts'

/** The place of a record in its log: a whole number, from 0, never reused. Safe below 2^53. */
export type Offset = number

/** A writer's term: it rises whenever a store is opened, and every batch carries the one it was written under. */
export type Epoch = number

/** What `read` gives: whole batches in order. The first may begin before the offset that was asked for. */
export interface LogSlice {
  /** Each begins at a batch and holds whole batches. Borrowed: never write to them; copy what outlives the request. */
  readonly chunks: readonly Buffer[]
  /** Sum of the chunks' lengths. */
  readonly bytes: number
  /** Base offset of the first batch; equal to `next` when the slice is empty. */
  readonly start: Offset
  /** The offset to read from next. */
  readonly next: Offset
}

/** Whole batches that were not read: they lie in a file one after another, and whoever sends them on reads them piece by piece. */
export interface LogExtent extends ByteSource {
  /** Base offset of the first batch. */
  readonly start: Offset
  /** The offset to read from next. */
  readonly next: Offset
  /** Bytes that were there to be given, had there been no bound and were each place of a batch known. */
  readonly available: number
  /** Nobody reads it any more; until then it stays as it is, whatever becomes of the log. Only the first call counts. */
  release(): void
}

/** One bounded part of a log, oldest first; the last is the one being written. */
export interface SegmentInfo {
  readonly base: Offset
  /** One past the last offset that the segment may hold. */
  readonly end: Offset
  readonly bytes: number
  /** Largest record timestamp within, ms since 1970; -1 when empty. */
  readonly maxTimestamp: number
  /** False for the one being written. */
  readonly sealed: boolean
  /** When the segment's bytes were last read back and found whole, ms since 1970; undefined when not yet. */
  readonly verifiedAt?: number
}

/** From `start` on, batches were written under `epoch` (KIP-101). */
export interface EpochStart {
  readonly epoch: Epoch
  readonly start: Offset
}

/** One log. `[start, end)` is readable, and all of it is as durable as the engine promises. */
export interface Log {
  readonly name: string
  /** First readable offset. */
  readonly start: Offset
  /** One past the last durable offset. */
  readonly end: Offset
  /** The base offset that the next `append` will give: `end`, and what is still on its way to the disk. */
  readonly nextOffset: Offset
  /** The epoch that `append` stamps. */
  readonly epoch: Epoch
  /** Bytes kept, in batches. */
  readonly bytes: number
  readonly segments: readonly SegmentInfo[]
  /** Oldest first; one entry for each epoch that wrote here and is not trimmed away. */
  readonly epochs: readonly EpochStart[]

  /**
   * Takes the batch (its buffer is kept: never touch it again), patches base offset and epoch into it at once, and
   * resolves with the base offset when it is durable. Batches become durable in the order of the calls.
   * Errors: LogError LOG_FENCED (`fence` given and not the log's epoch), LOG_DISK_FULL (nothing was written; may be
   * tried again), LOG_STORE_FAILED (a flush failed: nothing will ever be acknowledged again), LOG_DELETED, LOG_CLOSED.
   */
  append(batch: RecordBatch, fence?: Epoch): Promise<Offset>

  /**
   * Whole batches from the one that holds `from` (or the first after it), at least one when there is one, and no
   * more once `maxBytes` is reached. At `end` the slice is empty. Answers at once when the bytes are at hand.
   * Errors: LOG_OFFSET_OUT_OF_RANGE (below `start` or above `end`), LOG_ROTTEN (the bytes there are damaged).
   */
  read(from: Offset, maxBytes: number): LogSlice | Promise<LogSlice>

  /**
   * What `read` would give, without reading it: batches below `limit`, the first of which begins at `from`. Undefined when there
   * is not much of them, when they do not lie in one file, or when the engine has no files: then `read` is the way.
   */
  extent?(from: Offset, maxBytes: number, limit: Offset): LogExtent | undefined

  /** Base offset of the first batch that may hold a record of at least `timestampMs`; undefined when there is none. */
  seek(timestampMs: number): Promise<Offset | undefined>

  /** Everything below `before` may be forgotten: `start` moves at once, space comes back by whole segments. */
  trim(before: Offset): Promise<void>

  /** Seals the segment being written, so that it can be rewritten or trimmed; nothing when it is empty. */
  roll(): Promise<void>

  /**
   * Replaces a sealed segment by fewer batches of the same offset range (compaction). The batches keep their
   * offsets. Readers see the old bytes or the new, never a mixture; a crash leaves one of the two.
   */
  rewrite(base: Offset, batches: AsyncIterable<RecordBatch>): Promise<void>

  /** Calls `listener` after `end` or `start` moved, and when the log ends (deleted, store failed or closed). */
  watch(listener: () => void): () => void
}

/** How one log is kept. */
export interface LogOptions {
  /** A segment is sealed when it has reached this many bytes. */
  readonly segmentBytes?: number
  /** Takes appends even when the disk is nearly full: for logs by which space comes back (metadata, cursors). */
  readonly reserved?: boolean
}

/** A set of logs with one writer: a *shard*. */
export interface LogStore {
  /** What every append of this opening is stamped with; larger than that of any opening before. */
  readonly epoch: Epoch
  /** Whether appends are refused for want of room; logs that are `reserved` may go on. */
  readonly isFull: boolean
  /** Resolves with the reason when the store can no longer promise anything; its owner must stop. */
  readonly failed: Promise<Error>
  /** Opens the log, creating it when there is none. Opening an open log gives the same object. */
  open(name: string, options?: LogOptions): Promise<Log>
  /** Forgets a log for good. Nothing happens when there is none. */
  delete(name: string): Promise<void>
  /** Names in no order. */
  list(): Iterable<string>
  /** Everything appended is durable and every handle closed when it resolves. Idempotent. */
  close(): Promise<void>
}
