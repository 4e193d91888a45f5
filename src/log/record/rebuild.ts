// A batch with some of its records left out, for compaction. Base offset, last offset delta, producer and sequence stay,
// so that offsets keep their gaps and a producer's last sequence is still known. Records are copied as bytes: nothing
// about them changes, save the timestamp delta when the batch gets a delete horizon, which takes the place of its base
// timestamp (KIP-534).

import { varintBytes, varlongBytes, writeVarint, writeVarlong } from '../../bytes/varint.ts'
import { BATCH_HEADER_BYTES, type Codec, type RecordBatch } from './batch.ts'
import { allocateBatch, attributeBits, compressedBatch, type HeaderFields, sealedBatch } from './builder.ts'
import { RecordCursor } from './cursor.ts'
import { BatchTimes, type DecodeLimits, type LogRecord, recordAt } from './records.ts'

/** How a batch is rewritten. */
export interface RebuildOptions extends DecodeLimits {
  /** When tombstones and markers in it may go, ms since 1970. A batch that has a horizon keeps its own. */
  readonly deleteHorizon?: number
  /** Gives a batch without records instead of undefined: it still tells the producer's last sequence. */
  readonly keepEmpty?: boolean
}

/** A kept record: its bytes after the timestamp delta, and its distance to the new base timestamp. */
interface KeptRecord {
  readonly timestampDelta: number
  readonly rest: Buffer
}

const CODEC_MASK = 0x07

/**
 * The batch with only the records that `keep` says; the same object when nothing changes (copy it before its buffer is
 * patched). Undefined when nothing is left and `keepEmpty` is not set. Errors: LOG_BATCH_INVALID as in recordsOf.
 */
export function rebuildBatch(
  batch: RecordBatch,
  keep: (record: LogRecord) => boolean,
  options: RebuildOptions,
): RecordBatch | undefined {
  const horizon = batch.hasDeleteHorizon ? undefined : options.deleteHorizon
  // In a LogAppendTime batch the deltas mean nothing, and its base timestamp may be anything.
  const shift = horizon === undefined || batch.isLogAppendTime ? 0 : batch.baseTimestamp - horizon
  const { kept, maxTimestamp } = keptRecords(batch, keep, options.maxBytes, shift)
  if (kept.length === 0 && !options.keepEmpty) return undefined
  if (kept.length === batch.recordCount && horizon === undefined) return batch
  const codec: Codec = kept.length === 0 ? 'none' : (batch.codec ?? 'none')
  const fields = rebuiltFields(batch, kept.length, horizon, maxTimestamp)
  if (codec !== 'none') return compressedBatch(codec, framed(kept, 0, Buffer.allocUnsafe), fields)
  return sealedBatch(framed(kept, BATCH_HEADER_BYTES, allocateBatch), fields)
}

function keptRecords(
  batch: RecordBatch,
  keep: (record: LogRecord) => boolean,
  maxBytes: number,
  shift: number,
): { kept: KeptRecord[]; maxTimestamp: number } {
  const cursor = new RecordCursor(batch, maxBytes)
  const times = new BatchTimes(batch)
  const { baseOffset } = batch
  const kept: KeptRecord[] = []
  let maxTimestamp = -1
  while (cursor.next()) {
    const record = recordAt(cursor, baseOffset, times)
    if (!keep(record)) continue
    maxTimestamp = Math.max(maxTimestamp, record.timestamp)
    kept.push({
      timestampDelta: cursor.timestampDelta + shift,
      rest: cursor.block.subarray(cursor.offsetDeltaAt, cursor.end),
    })
  }
  return { kept, maxTimestamp: kept.length === 0 ? batch.maxTimestamp : maxTimestamp }
}

function rebuiltFields(
  batch: RecordBatch,
  recordCount: number,
  horizon: number | undefined,
  maxTimestamp: number,
): HeaderFields {
  const flags = recordCount === 0 ? batch.attributes & ~CODEC_MASK : batch.attributes
  return {
    baseOffset: batch.baseOffset,
    leaderEpoch: batch.leaderEpoch,
    attributes: horizon === undefined ? flags : flags | attributeBits.deleteHorizon,
    lastOffsetDelta: batch.lastOffsetDelta,
    baseTimestamp: horizon ?? batch.baseTimestamp,
    maxTimestamp,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    recordCount,
  }
}

/** The records framed anew, in a buffer from `allocate`, which leaves `before` bytes in front of them. */
function framed(
  kept: readonly KeptRecord[],
  before: number,
  allocate: (recordBytes: number) => Buffer,
): Buffer {
  let total = 0
  for (const record of kept) {
    const body = bodyBytes(record)
    total += varintBytes(body) + body
  }
  const buffer = allocate(total)
  let at = before
  for (const record of kept) {
    at = writeVarint(buffer, bodyBytes(record), at)
    buffer[at++] = 0 // attributes: no bit has a meaning
    at = writeVarlong(buffer, record.timestampDelta, at)
    at += record.rest.copy(buffer, at)
  }
  return buffer
}

function bodyBytes({ timestampDelta, rest }: KeptRecord): number {
  return 1 + varlongBytes(timestampDelta) + rest.length
}
