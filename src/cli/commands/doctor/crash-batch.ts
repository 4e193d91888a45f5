// Batches that can be told apart: each carries its serial number, and filling whose length follows from it.

import { RecordBatch } from '../../../log/index.ts'
import { buildBatch } from '../../../log/record/builder.ts'
import { recordsOf } from '../../../log/record/records.ts'

/** Logs that the crash check writes to side by side. */
export const CRASH_LOGS = 4
const FILLING_BYTES_MAX = 4000

export function crashBatch(serial: number): RecordBatch {
  const value = Buffer.alloc(8 + ((serial * 7919) % FILLING_BYTES_MAX), serial % 251)
  value.writeDoubleBE(serial, 0)
  return buildBatch([{ timestamp: 1_700_000_000_000 + serial, value }])
}

/** Why this is not the batch of that serial number; undefined when it is, byte for byte. */
export function crashFlaw(batch: RecordBatch, serial: number): string | undefined {
  const flaw = batch.flaw()
  if (flaw !== undefined) return flaw
  const [record] = recordsOf(batch, { maxBytes: 2 * FILLING_BYTES_MAX })
  const expected = [
    ...recordsOf(new RecordBatch(crashBatch(serial).buffer), { maxBytes: 2 * FILLING_BYTES_MAX }),
  ][0]
  return record?.value?.equals(expected?.value ?? Buffer.alloc(0)) ? undefined : 'another record stands there'
}
