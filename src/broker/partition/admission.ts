// What a producer's batch must be before a partition takes it.

import type { RecordBatch } from '../../log/index.ts'
import { validateRecords } from '../../log/record/records.ts'
import { BrokerError, type RecordFlaw, RecordsRefused } from '../errors.ts'
import type { TopicSettings } from '../topics/settings.ts'

/** Bytes that the records of one batch may unfold to when the broker has to look into it. */
export const UNFOLDED_BYTES_MAX = 64 * 1024 * 1024

/** Records of a batch that are named when it is refused because of them. */
const FLAWS_NAMED_MAX = 1000

const KEYLESS = 'it has no key, which a compacted topic needs'

/**
 * Refuses a batch that must not be stored.
 * Errors: BATCH_CORRUPT, BATCH_TOO_LARGE, CODEC_UNSUPPORTED; RECORD_INVALID and TIMESTAMP_INVALID, as RecordsRefused where it
 * is for single records.
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
  admitRecords(batch, settings, nowMs)
}

function admitProducer(batch: RecordBatch): void {
  if (batch.producerId >= 0 && (batch.producerEpoch < 0 || batch.baseSequence < 0))
    throw new BrokerError(
      'RECORD_INVALID',
      `producer ${batch.producerId} sent epoch ${batch.producerEpoch}, sequence ${batch.baseSequence}`,
    )
}

/** The times that records may have, ms since 1970, both included; -1 stands for none and is always right. */
interface Times {
  readonly first: number
  readonly last: number
}

/**
 * Looks at each record where the topic asks something of it: a key, or a time that is not too old. Otherwise they stay
 * folded, and the batch's largest timestamp says whether one is too new.
 */
function admitRecords(batch: RecordBatch, settings: TopicSettings, nowMs: number): void {
  const isOurs = settings.timestampType === 'LogAppendTime'
  const first = isOurs ? 0 : nowMs - settings.timestampBeforeMaxMs
  const last = isOurs ? Number.POSITIVE_INFINITY : nowMs + settings.timestampAfterMaxMs
  if (settings.compacts || first > 0 || batch.maxTimestamp > last)
    judgeRecords(batch, settings, { first, last })
}

/** Refuses the batch for all records that are at fault (KIP-467), or for what it says of them. */
function judgeRecords(batch: RecordBatch, settings: TopicSettings, times: Times): void {
  const found: RecordFlaw[] = []
  let [flaws, isOfTime] = [0, false]
  const flaw = validateRecords(batch, { maxBytes: UNFOLDED_BYTES_MAX }, (index, hasKey, timestamp) => {
    const what =
      flawOfTime(timestamp, times, settings) ?? (settings.compacts && !hasKey ? KEYLESS : undefined)
    if (what === undefined) return
    flaws++
    isOfTime ||= what !== KEYLESS
    if (found.length < FLAWS_NAMED_MAX) found.push({ index, what })
  })
  if (flaw !== undefined) throw new BrokerError('RECORD_INVALID', flaw)
  const [first] = found
  if (first !== undefined)
    throw new RecordsRefused(
      isOfTime ? 'TIMESTAMP_INVALID' : 'RECORD_INVALID',
      `${flaws} of ${batch.recordCount} records are refused, the first of them (${first.index}) because ${first.what}`,
      found,
    )
  const ofBatch = flawOfTime(batch.maxTimestamp, times, settings)
  if (ofBatch !== undefined)
    throw new BrokerError('TIMESTAMP_INVALID', `the batch says of itself that ${ofBatch}`)
}

function flawOfTime(timestamp: number, { first, last }: Times, settings: TopicSettings): string | undefined {
  if (timestamp > last)
    return `timestamp ${timestamp} lies more than ${settings.timestampAfterMaxMs} ms in the future`
  if (timestamp >= 0 && timestamp < first)
    return `timestamp ${timestamp} lies more than ${settings.timestampBeforeMaxMs} ms in the past`
  return undefined
}
