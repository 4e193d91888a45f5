// The records of a batch, decoded when someone asks: the Kafka path never does. The walk and all checks of the format
// are cursor.ts; here records become objects, one at a time, or are only judged.

import { LogError } from '../errors.ts'
import type { Offset } from '../log.ts'
import type { RecordBatch } from './batch.ts'
import { RecordCursor, type RecordHeader } from './cursor.ts'
import { refusal } from './refusal.ts'

export type { RecordHeader } from './cursor.ts'

/** One record. Its buffers are slices of the batch or of its inflated block: copy what is to outlive them. */
export interface LogRecord {
  readonly offset: Offset
  /** Ms since 1970, -1 for none; the time of the append in a LogAppendTime batch. */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RecordHeader[]
}

/** How far decoding may go. */
export interface DecodeLimits {
  /** Most bytes that a compressed batch may inflate to. */
  readonly maxBytes: number
}

const noHeaders: readonly RecordHeader[] = []

/**
 * The records in order, each checked as it is reached: what was given before an error was sound. Nothing is inflated
 * before the first is asked for. Errors: LOG_BATCH_INVALID, with the byte in `fields.position`, or the codec and limit.
 */
export function* recordsOf(batch: RecordBatch, limits: DecodeLimits): Generator<LogRecord> {
  const cursor = new RecordCursor(batch, limits.maxBytes)
  const times = new BatchTimes(batch)
  const { baseOffset } = batch
  while (cursor.next()) yield recordAt(cursor, baseOffset, times)
}

/** The record that the cursor stands on. */
export function recordAt(cursor: RecordCursor, baseOffset: Offset, times: BatchTimes): LogRecord {
  return {
    offset: baseOffset + cursor.offsetDelta,
    timestamp: times.of(cursor.timestampDelta, cursor.offsetDeltaAt),
    key: cursor.key(),
    value: cursor.value(),
    headers: cursor.headerCount === 0 ? noHeaders : cursor.headers(),
  }
}

/** The times of a batch's records. */
export class BatchTimes {
  readonly #base: number
  readonly #append: number | undefined

  /** Errors: LOG_BATCH_INVALID when the times are beyond 2^53 - 1. */
  constructor(batch: RecordBatch) {
    this.#base = batch.baseTimestamp
    this.#append = batch.isLogAppendTime ? batch.maxTimestamp : undefined
    if (!Number.isSafeInteger(this.#append ?? this.#base))
      throw refusal('timestamp is beyond 2^53 - 1 (byte 27 or 35)', { position: 27 })
  }

  /** The time of the record with `delta`, which stands before byte `position`. */
  of(delta: number, position: number): number {
    if (this.#append !== undefined) return this.#append
    const time = this.#base + delta
    if (!Number.isSafeInteger(time))
      throw refusal(`timestamp ${this.#base} + ${delta} is beyond 2^53 - 1 (byte ${position})`, { position })
    return time
  }
}

/** Is shown every record: its offset delta, whether it has a key, its time in ms since 1970 or -1. */
export type RecordVisitor = (offsetDelta: number, hasKey: boolean, timestamp: number) => void

/** Undefined when all records are sound, else what is wrong. Makes no object per record. */
export function validateRecords(
  batch: RecordBatch,
  { maxBytes }: DecodeLimits,
  visit?: RecordVisitor,
): string | undefined {
  try {
    const cursor = new RecordCursor(batch, maxBytes)
    const times = new BatchTimes(batch)
    while (cursor.next()) {
      const timestamp = times.of(cursor.timestampDelta, cursor.offsetDeltaAt)
      visit?.(cursor.offsetDelta, cursor.keyAt >= 0, timestamp)
    }
    return undefined
  } catch (error) {
    if (error instanceof LogError && error.code === 'LOG_BATCH_INVALID')
      return String(error.fields.flaw ?? error.message)
    throw error
  }
}
