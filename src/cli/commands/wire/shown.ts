// Values of captured fields for people and programs: text as it is, bytes as hex, record batches by what they hold.

import { BATCH_HEADER_BYTES, batchBytesAt, RecordBatch } from '../../../log/index.ts'

/** Bytes that are printed of a value; the rest is counted. */
const SHOWN_BYTES_MAX = 32

/** One line for any value that a table gives. */
export function shown(value: unknown, kind: string): string {
  if (Buffer.isBuffer(value)) return kind === 'records' ? shownBatches(value) : shownBytes(value)
  if (typeof value === 'string' && kind === 'string') return JSON.stringify(value)
  return value === null ? 'null' : String(value)
}

function shownBytes(bytes: Buffer): string {
  const hex = bytes.toString('hex', 0, SHOWN_BYTES_MAX)
  return bytes.length > SHOWN_BYTES_MAX ? `${hex}… (${bytes.length} bytes)` : `0x${hex}`
}

function shownBatches(records: Buffer): string {
  const batches: string[] = []
  let at = 0
  for (;;) {
    const bytes = batchBytesAt(records, at)
    if (bytes === undefined || bytes < BATCH_HEADER_BYTES || at + bytes > records.length) break
    const batch = new RecordBatch(records.subarray(at, at + bytes))
    const flaw = batch.flaw()
    batches.push(
      `batch of ${batch.recordCount} from ${batch.baseOffset}, ${batch.codec ?? 'unknown codec'}${flaw === undefined ? '' : `, damaged: ${flaw}`}`,
    )
    at += bytes
  }
  const left = records.length - at
  return [...batches, ...(left > 0 ? [`${left} bytes of a cut batch`] : [])].join('; ') || 'empty'
}
