// Control batches: one record that no consumer sees, which ends a producer's transaction in a partition (KIP-98, "Control
// Messages"). Key: version i16, type i16; value: version i16, epoch of the transaction coordinator i32.

import type { Epoch, Offset } from '../log.ts'
import type { RecordBatch } from './batch.ts'
import { buildBatch } from './builder.ts'
import { RecordCursor } from './cursor.ts'
import { refusal } from './refusal.ts'

/** How a transaction ended, and under which coordinator. */
export interface EndMarker {
  readonly outcome: 'abort' | 'commit'
  readonly coordinatorEpoch: number
}

/** A marker to write. */
export interface NewEndMarker extends EndMarker {
  readonly producerId: number
  readonly producerEpoch: number
  /** Ms since 1970. */
  readonly timestamp: number
  readonly baseOffset?: Offset
  readonly leaderEpoch?: Epoch
}

const VERSION = 0
const ABORT = 0
const COMMIT = 1
const KEY_BYTES = 4
const VALUE_BYTES = 6
/** Control batches are never compressed. */
const INFLATED_BYTES_MAX = 64 * 1024

/** A sealed control batch that ends a transaction. */
export function buildEndMarker(marker: NewEndMarker): RecordBatch {
  const { timestamp, outcome, coordinatorEpoch, ...header } = marker
  const key = Buffer.allocUnsafe(KEY_BYTES)
  key.writeInt16BE(VERSION, 0)
  key.writeInt16BE(outcome === 'commit' ? COMMIT : ABORT, 2)
  const value = Buffer.allocUnsafe(VALUE_BYTES)
  value.writeInt16BE(VERSION, 0)
  value.writeInt32BE(coordinatorEpoch, 2)
  return buildBatch([{ timestamp, key, value }], { ...header, transactional: true, control: true })
}

/**
 * The marker in a control batch; undefined for batches that are none, are empty (compaction), or hold another control
 * record (Kafka has some of its own for its quorum). Later versions only append fields. Errors: LOG_BATCH_INVALID.
 */
export function readEndMarker(batch: RecordBatch): EndMarker | undefined {
  if (!batch.isControl) return undefined
  const cursor = new RecordCursor(batch, INFLATED_BYTES_MAX)
  if (!cursor.next()) return undefined
  const key = cursor.key()
  if (key === null || key.length < KEY_BYTES)
    throw refusal(`control record has a key of ${key?.length ?? 'no'} bytes, expected ${KEY_BYTES}`)
  const type = key.readInt16BE(2)
  if (type !== ABORT && type !== COMMIT) return undefined
  const value = cursor.value()
  if (value === null || value.length < VALUE_BYTES)
    throw refusal(`end marker has a value of ${value?.length ?? 'no'} bytes, expected ${VALUE_BYTES}`)
  return { outcome: type === COMMIT ? 'commit' : 'abort', coordinatorEpoch: value.readInt32BE(2) }
}
