// Whether a compacted partition is due for cleaning, and which part of it may be (Kafka: LogCleanerManager's rules).
//
//   start ... cleaned | dirty, sealed, stable, old enough | not yet
//             `from`                                 `to`
//
// Only whole sealed segments below the last stable offset are cleaned, up to the first that has a record younger than
// min.compaction.lag.ms. It is due when the dirty share of the bytes exceeds min.cleanable.dirty.ratio, or when
// a dirty segment was begun more than max.compaction.lag.ms ago.

import type { Offset, SegmentInfo } from '../../log/index.ts'
import type { Partition } from '../partition/partition.ts'
import type { TopicSettings } from '../topics/settings.ts'
import type { SegmentTimes } from './segment-times.ts'

export interface CleaningPlan {
  /** First dirty offset. */
  readonly from: Offset
  /** One past the last offset that may be cleaned: the end of a sealed segment. */
  readonly to: Offset
  /** Bytes of the segments between. */
  readonly dirtyBytes: number
  /** Dirty share of the bytes below `to`. */
  readonly ratio: number
}

/** What is cleanable is judged by. */
export interface PlanRules {
  readonly settings: TopicSettings
  /** First offset that was not cleaned yet, as far as is known. */
  readonly cleanedTo: Offset | undefined
  readonly times: SegmentTimes
  /** Ms since 1970. */
  readonly nowMs: number
}

/**
 * What to clean now; undefined when nothing is due. Warms the partition when it may be due.
 * Errors: LogError as reads give it.
 */
export async function planCleaning(
  partition: Partition,
  rules: PlanRules,
): Promise<CleaningPlan | undefined> {
  const from = firstDirty(partition, rules.cleanedTo)
  // The last stable offset asks for a warm partition, which may take a scan: not for one that is not due anyway.
  if (!(await isDue(partition, planUpTo(partition, from, partition.highWatermark, rules), rules)))
    return undefined
  await partition.warm()
  const plan = planUpTo(partition, from, partition.lastStableOffset, rules)
  return (await isDue(partition, plan, rules)) ? plan : undefined
}

/** A position outside the log is void: everything is dirty then. */
function firstDirty({ log }: Partition, cleanedTo: Offset | undefined): Offset {
  return cleanedTo === undefined || cleanedTo < log.start || cleanedTo > log.end ? log.start : cleanedTo
}

function planUpTo({ log }: Partition, from: Offset, limit: Offset, rules: PlanRules): CleaningPlan {
  const lag = rules.settings.minCompactionLagMs
  const tooYoung = (segment: SegmentInfo): boolean =>
    lag > 0 && rules.times.newest(log, segment, rules.nowMs) > rules.nowMs - lag
  let [to, clean, dirty] = [from, 0, 0]
  for (const segment of log.segments) {
    if (!segment.sealed || segment.end > limit) break
    if (segment.end <= from) clean += segment.bytes
    else {
      if (tooYoung(segment)) break
      dirty += segment.bytes
      to = segment.end
    }
  }
  return { from, to, dirtyBytes: dirty, ratio: dirty === 0 ? 0 : dirty / (clean + dirty) }
}

async function isDue(partition: Partition, plan: CleaningPlan, rules: PlanRules): Promise<boolean> {
  if (plan.to <= plan.from || plan.ratio === 0) return false
  return plan.ratio > rules.settings.minCleanableDirtyRatio || (await waitsTooLong(partition, plan, rules))
}

async function waitsTooLong(
  { log }: Partition,
  { from, to }: CleaningPlan,
  rules: PlanRules,
): Promise<boolean> {
  const latest = rules.nowMs - rules.settings.maxCompactionLagMs
  if (latest <= 0) return false
  for (const segment of log.segments) {
    if (segment.end <= from) continue
    if (segment.end > to) return false
    if ((await rules.times.began(log, segment, rules.nowMs)) < latest) return true
  }
  return false
}
