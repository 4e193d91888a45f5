// What a producer's batch must be before a partition takes it.

import type { RecordBatch } from '../../log/index.ts'
import { validateRecords } from '../../log/record/records.ts'
import { BrokerError } from '../errors.ts'
import type { TopicSettings } from '../topics/settings.ts'

/** Bytes that the records of one batch may unfold to when the broker has to look into it. */
export const UNFOLDED_BYTES_MAX = 64 * 1024 * 1024

/**
 * Refuses a batch that must not be stored.
 * Errors: BATCH_CORRUPT, BATCH_TOO_LARGE, RECORD_INVALID, CODEC_UNSUPPORTED, TIMESTAMP_INVALID.
 */
export function admit(batch: RecordBatch, settings: TopicSettings, nowMs: number): void {
  const flaw = batch.flaw()
  if (flaw !== undefined) throw new BrokerError('BATCH_CORRUPT', flaw)
  if (batch.bytes > settings.maxMessageBytes)
    throw new BrokerError(
      'BATCH_TOO_LARGE',
      `a batch of ${batch.bytes} bytes is larger than max.message.bytes (${settings.maxMessageBytes})`,
    )
  if (batch.codec === undefined)
    throw new BrokerError('CODEC_UNSUPPORTED', `codec number ${batch.attributes & 7} means nothing`)
  if (batch.isControl)
    throw new BrokerError('RECORD_INVALID', 'control batches are written by the broker alone')
  if (batch.recordCount !== batch.lastOffsetDelta + 1 || batch.recordCount === 0)
    throw new BrokerError(
      'RECORD_INVALID',
      `${batch.recordCount} records with last offset delta ${batch.lastOffsetDelta}`,
    )
  if (batch.isTransactional && batch.producerId < 0)
    throw new BrokerError('RECORD_INVALID', 'a transactional batch needs a producer id')
  admitProducer(batch)
  admitTimestamps(batch, settings, nowMs)
  if (settings.compacts) admitKeys(batch)
}

function admitProducer(batch: RecordBatch): void {
  if (batch.producerId >= 0 && (batch.producerEpoch < 0 || batch.baseSequence < 0))
    throw new BrokerError(
      'RECORD_INVALID',
      `producer ${batch.producerId} sent epoch ${batch.producerEpoch}, sequence ${batch.baseSequence}`,
    )
}

/** Only the batch's largest timestamp is looked at: the records stay folded. */
function admitTimestamps(batch: RecordBatch, settings: TopicSettings, nowMs: number): void {
  if (settings.timestampType === 'LogAppendTime') return
  const { maxTimestamp } = batch
  if (maxTimestamp - nowMs > settings.timestampAfterMaxMs)
    throw new BrokerError(
      'TIMESTAMP_INVALID',
      `timestamp ${maxTimestamp} lies more than ${settings.timestampAfterMaxMs} ms in the future`,
    )
  if (maxTimestamp >= 0 && nowMs - maxTimestamp > settings.timestampBeforeMaxMs)
    throw new BrokerError(
      'TIMESTAMP_INVALID',
      `timestamp ${maxTimestamp} lies more than ${settings.timestampBeforeMaxMs} ms in the past`,
    )
}

function admitKeys(batch: RecordBatch): void {
  const flaw = validateRecords(batch, { requireKeys: true, maxBytes: UNFOLDED_BYTES_MAX })
  if (flaw !== undefined) throw new BrokerError('RECORD_INVALID', `the topic is compacted: ${flaw}`)
}
