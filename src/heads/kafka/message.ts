// A producer's entry as the broker's batch. Kafka's batch is what the log stores, so nothing is converted and nothing
// lost, either way: the batch that arrives is the batch that is kept and served. What is checked here is what only this
// protocol can get wrong: older message formats, several batches in one entry, and codecs that came with later versions.

import { BrokerError } from '../../broker/index.ts'
import { BATCH_HEADER_BYTES, batchBytesAt, RecordBatch } from '../../log/index.ts'

const MAGIC_AT = 16
const ZSTD_PRODUCE_VERSION = 7

/** The one batch of a produce entry. Errors: RECORD_INVALID, BATCH_CORRUPT, CODEC_UNSUPPORTED. */
export function batchOf(records: Buffer, produceVersion: number): RecordBatch {
  const magic = records.length > MAGIC_AT ? records.readInt8(MAGIC_AT) : undefined
  if (magic !== undefined && magic >= 0 && magic < 2)
    throw new BrokerError(
      'RECORD_INVALID',
      `message format ${magic} is not served: produce with format 2 (Kafka 0.11 or later)`,
    )
  const bytes = batchBytesAt(records, 0)
  // Kafka sees no batch where there is no whole one; that it is corrupt would tell the client to send it again.
  if (bytes === undefined || bytes > records.length)
    throw new BrokerError('RECORD_INVALID', `there is no whole batch in ${records.length} bytes`)
  if (bytes < BATCH_HEADER_BYTES)
    throw new BrokerError(
      'BATCH_CORRUPT',
      `a batch says it has ${bytes} bytes, which is less than its header`,
    )
  if (bytes < records.length)
    throw new BrokerError('RECORD_INVALID', 'a partition must be sent exactly one batch in a request')
  const batch = new RecordBatch(records)
  if (batch.codec === 'zstd' && produceVersion < ZSTD_PRODUCE_VERSION)
    throw new BrokerError(
      'CODEC_UNSUPPORTED',
      `zstd needs Produce ${ZSTD_PRODUCE_VERSION} or later, this is ${produceVersion}`,
    )
  return batch
}
