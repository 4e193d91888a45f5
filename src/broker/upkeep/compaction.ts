// Compaction of one partition (Kafka: cleanup.policy=compact): of each key the last record stays, at its offset. Two
// passes over sealed segments: the first notes the last offset of each key in what is dirty, the second goes from the
// start of the log and rewrites each segment in which something must go. A segment that would not change is only read.
// Segments are rewritten one by one and stay apart: small ones are not merged.
//
// No marker goes before a snapshot above it is durable and without the transaction that it ends: a restart from an
// older one would look for the marker, and hold back committed readers for ever.

import type { Log, Offset, RecordBatch, SegmentInfo } from '../../log/index.ts'
import { RecordCursor } from '../../log/record/cursor.ts'
import { UNFOLDED_BYTES_MAX } from '../partition/admission.ts'
import type { Partition } from '../partition/partition.ts'
import type { TopicSettings } from '../topics/settings.ts'
import { AbortedBatches } from './aborted-batches.ts'
import type { CleaningPlan } from './cleaning-plan.ts'
import { KeyTable } from './key-table.ts'
import type { Pace } from './pace.ts'
import { lastOfProducers, Remains } from './remains.ts'
import { batchesBetween } from './sealed-batches.ts'

/** For a first guess at the number of keys: about what short records take when they are compressed. */
const BYTES_PER_KEY = 4

/** How to clean. */
export interface CleaningOptions {
  readonly settings: Pick<TopicSettings, 'deleteRetentionMs'>
  /** Ms since 1970. */
  readonly nowMs: number
  readonly pace: Pace
  /** Bytes for the key table. */
  readonly keyTableBytes?: number
}

/** What was done. */
export interface Cleaned {
  /** One past the last offset that is clean now: below the plan's end when the key table was full. */
  readonly to: Offset
  /** Bytes that the log lost. */
  readonly bytesFreed: number
}

/**
 * Cleans what the plan says. When it ends early every segment is as it was or cleaned.
 * Errors: LogError as reads and rewrites give it (LOG_ROTTEN, LOG_BATCH_INVALID), BrokerError, Interrupted.
 */
export async function clean(
  partition: Partition,
  plan: CleaningPlan,
  options: CleaningOptions,
): Promise<Cleaned> {
  const { log } = partition
  await partition.warm()
  await partition.forgetAborted(new Set())
  const aborted = new AbortedBatches(partition.abortedWithin(log.start, plan.to))
  const keys = new KeyTable(options.keyTableBytes, plan.dirtyBytes / BYTES_PER_KEY)
  const to = await noteKeys(log, plan, { keys, aborted, pace: options.pace })
  const remains = new Remains({
    nowMs: options.nowMs,
    deleteRetentionMs: options.settings.deleteRetentionMs,
    keys,
    to,
    aborted,
    lastOf: lastOfProducers(partition.producers.list(), log.end),
  })
  const { bytesFreed, spentAborts } = await rewriteSegments(log, to, remains, options.pace)
  if (spentAborts.size > 0) await partition.forgetAborted(spentAborts)
  return { to, bytesFreed }
}

/** First pass. Gives the offset up to which the table covers the keys. */
async function noteKeys(
  log: Log,
  { from, to }: CleaningPlan,
  { keys, aborted, pace }: { keys: KeyTable; aborted: AbortedBatches; pace: Pace },
): Promise<Offset> {
  for await (const batch of batchesBetween(log, from, to, pace)) {
    if (batch.isControl || aborted.holds(batch)) continue
    const cursor = new RecordCursor(batch, UNFOLDED_BYTES_MAX)
    const { baseOffset } = batch
    while (cursor.next()) {
      const offset = baseOffset + cursor.offsetDelta
      const key = cursor.key()
      if (offset >= from && key !== null && !keys.put(key, offset)) return offset
    }
  }
  return to
}

/** Second pass. */
async function rewriteSegments(
  log: Log,
  to: Offset,
  first: Remains,
  pace: Pace,
): Promise<{ bytesFreed: number; spentAborts: ReadonlySet<Offset> }> {
  let remains = first
  let bytesFreed = 0
  for (const segment of log.segments) {
    if (!segment.sealed || segment.base >= to) break
    const ahead = remains.copy()
    if (await changes(log, segment, ahead, pace)) {
      bytesFreed += await rewrite(log, segment, remains, pace)
    } else {
      remains = ahead
    }
  }
  return { bytesFreed, spentAborts: remains.spentAborts }
}

/** Whether anything of the segment would go; if not, `remains` has passed it. */
async function changes(log: Log, segment: SegmentInfo, remains: Remains, pace: Pace): Promise<boolean> {
  for await (const batch of batchesBetween(log, segment.base, segment.end, pace))
    if (remains.of(batch) !== batch) return true
  return false
}

/** Gives the bytes freed; none when the segment was trimmed away meanwhile. */
async function rewrite(log: Log, segment: SegmentInfo, remains: Remains, pace: Pace): Promise<number> {
  async function* kept(): AsyncGenerator<RecordBatch> {
    for await (const batch of batchesBetween(log, segment.base, segment.end, pace)) {
      const left = remains.of(batch)
      if (left !== undefined) yield left
    }
  }
  if (bytesOf(log, segment) === undefined) return 0
  try {
    await log.rewrite(segment.base, kept())
  } catch (error) {
    if (bytesOf(log, segment) === undefined) return 0
    throw error
  }
  return segment.bytes - (bytesOf(log, segment) ?? segment.bytes)
}

function bytesOf(log: Log, segment: SegmentInfo): number | undefined {
  return log.segments.find(one => one.sealed && one.base === segment.base)?.bytes
}
