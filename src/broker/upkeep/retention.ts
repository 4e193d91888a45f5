// Forgetting by age and by size (Kafka: retention.ms, retention.bytes, segment.ms). Whole segments go, oldest first,
// and the first one that must stay ends it. As in Kafka the high watermark bounds it and an open transaction does not, the
// segment being written is sealed first when all of it is due, and a size of n bytes means that at least n stay.

import type { Offset, SegmentInfo } from '../../log/index.ts'
import type { Partition } from '../partition/partition.ts'
import type { TopicSettings } from '../topics/settings.ts'
import type { SegmentTimes } from './segment-times.ts'

/** What was forgotten. */
export interface Forgotten {
  readonly segments: number
  readonly bytes: number
}

/** What to keep, and how old things are. */
export interface RetentionRules {
  readonly settings: Pick<TopicSettings, 'deletes' | 'retentionMs' | 'retentionBytes'>
  /** Ms since 1970. */
  readonly nowMs: number
  /** Ms since 1970 of a segment's newest record. */
  readonly newest: (segment: SegmentInfo) => number
}

const nothing: Forgotten = { segments: 0, bytes: 0 }

/** Removes the segments that are due. Errors: BrokerError as trim gives it, LogError as roll gives it. */
export async function retain(partition: Partition, rules: RetentionRules): Promise<Forgotten> {
  const { log } = partition
  const due = dueSegments(log.segments, partition.highWatermark, rules)
  const last = due.at(-1)
  if (last === undefined) return nothing
  if (!last.sealed) await log.roll()
  await partition.trim(last.end)
  return { segments: due.length, bytes: bytesOf(due) }
}

/** The segments to remove: a run from the oldest on. */
export function dueSegments(
  segments: readonly SegmentInfo[],
  highWatermark: Offset,
  { settings, nowMs, newest }: RetentionRules,
): readonly SegmentInfo[] {
  if (!settings.deletes) return []
  const { retentionMs, retentionBytes } = settings
  let surplus = retentionBytes < 0 ? -1 : bytesOf(segments) - retentionBytes
  let bySize = true
  let count = 0
  for (const segment of segments) {
    if (segment.end > highWatermark || (!segment.sealed && segment.bytes === 0)) break
    bySize &&= surplus >= 0 && segment.bytes <= surplus
    surplus -= segment.bytes
    if (!bySize && (retentionMs < 0 || nowMs - newest(segment) <= retentionMs)) break
    count++
  }
  return segments.slice(0, count)
}

/** Seals the segment being written when it is older than it may get. Errors: LogError as reads and roll give it. */
export async function rollWhenOld(
  partition: Partition,
  settings: Pick<TopicSettings, 'segmentMs' | 'compacts' | 'maxCompactionLagMs'>,
  times: SegmentTimes,
  nowMs: number,
): Promise<void> {
  const { log } = partition
  const active = log.segments.at(-1)
  if (active === undefined || active.sealed || active.bytes === 0) return
  // Only what is sealed can be compacted.
  const ageMax = settings.compacts
    ? Math.min(settings.segmentMs, settings.maxCompactionLagMs)
    : settings.segmentMs
  if (nowMs - (await times.began(log, active, nowMs)) > ageMax) await log.roll()
}

function bytesOf(segments: readonly SegmentInfo[]): number {
  return segments.reduce((sum, one) => sum + one.bytes, 0)
}
