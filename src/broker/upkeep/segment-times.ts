// When segments were written. Their records say it; where they do not (timestamp -1), it is the time at which upkeep
// first saw the segment end where it ends: at or after the last write, so nothing goes too early. That is forgotten at
// a restart, which keeps such records longer (Kafka has the file's modification time instead).

import { batchesOf, type Log, type Offset, type SegmentInfo } from '../../log/index.ts'

interface Seen {
  end: Offset
  /** Ms since 1970. */
  endSeenAt: number
  readonly baseSeenAt: number
  /** Largest timestamp of the first batch; undefined before it was read. */
  first?: number
}

export class SegmentTimes {
  readonly #seen = new WeakMap<Log, Map<Offset, Seen>>()

  /** Ms since 1970 of the newest record; of nothing it is before all times. */
  newest(log: Log, segment: SegmentInfo, nowMs: number): number {
    if (segment.maxTimestamp >= 0) return segment.maxTimestamp
    if (segment.bytes === 0) return Number.NEGATIVE_INFINITY
    return this.#see(log, segment, nowMs).endSeenAt
  }

  /** Ms since 1970 at which the segment was begun: its first batch says it. Errors: LogError as reads give it. */
  async began(log: Log, segment: SegmentInfo, nowMs: number): Promise<number> {
    const seen = this.#see(log, segment, nowMs)
    seen.first ??= await firstTimestamp(log, segment)
    return seen.first >= 0 ? seen.first : seen.baseSeenAt
  }

  /** Forgets the segments that are no more. */
  prune(log: Log): void {
    const seen = this.#seen.get(log)
    if (seen === undefined) return
    const bases = new Set(log.segments.map(one => one.base))
    for (const base of seen.keys()) if (!bases.has(base)) seen.delete(base)
  }

  #see(log: Log, segment: SegmentInfo, nowMs: number): Seen {
    let segments = this.#seen.get(log)
    if (segments === undefined) {
      segments = new Map()
      this.#seen.set(log, segments)
    }
    let seen = segments.get(segment.base)
    if (seen === undefined) {
      seen = { end: segment.end, endSeenAt: nowMs, baseSeenAt: nowMs }
      segments.set(segment.base, seen)
    } else if (seen.end !== segment.end) {
      seen.end = segment.end
      seen.endSeenAt = nowMs
    }
    return seen
  }
}

async function firstTimestamp(log: Log, segment: SegmentInfo): Promise<number> {
  const from = Math.max(segment.base, log.start)
  if (from >= Math.min(segment.end, log.end)) return -1
  const slice = await log.read(from, 1)
  for (const chunk of slice.chunks) for (const batch of batchesOf(chunk)) return batch.maxTimestamp
  return -1
}
