// Batches for the crash model: valid headers, and contents that no two share, so that a mix-up is seen.

import { writeInt64 } from '../../src/bytes/int64.ts'
import { BATCH_HEADER_BYTES, BATCH_PREFIX_BYTES, MAGIC, RecordBatch } from '../../src/log/record/batch.ts'
import type { Dice } from '../../src/sim/disk/index.ts'

let serial = 0

/** A batch of 1 to 5 records, of 100 to 1,000 bytes, or to 10,000 and now and then to 300,000. Its base offset is -1. */
export function makeBatch(dice: Dice, large = false): RecordBatch {
  const small = Math.floor(10 ** (2 + dice.roll() * (large ? 2 : 1)))
  const bytes = large && dice.chance(0.03) ? dice.between(30_000, 300_000) : small
  const buffer = Buffer.allocUnsafeSlow(BATCH_HEADER_BYTES + bytes)
  const records = dice.between(1, 5)
  // Nine bytes, so that no two sectors are alike.
  buffer.fill(`${(serial++ % 1e8).toString().padStart(8, '0')};`, BATCH_HEADER_BYTES)
  buffer.fill(0, 0, BATCH_HEADER_BYTES)
  writeInt64(buffer, 0, -1)
  buffer.writeInt32BE(buffer.length - BATCH_PREFIX_BYTES, 8)
  buffer.writeInt8(MAGIC, 16)
  buffer.writeInt32BE(records - 1, 23)
  writeInt64(buffer, 27, serial)
  writeInt64(buffer, 35, serial)
  writeInt64(buffer, 43, -1)
  buffer.writeInt16BE(-1, 51)
  buffer.writeInt32BE(-1, 53)
  buffer.writeInt32BE(records, 57)
  const batch = new RecordBatch(buffer)
  batch.seal()
  return batch
}
