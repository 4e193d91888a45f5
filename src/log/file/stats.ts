// What flushing costs, for metrics.

/** Upper bounds of the histogram's buckets, in seconds. */
export const FLUSH_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1] as const

export class FlushStats {
  flushes = 0
  flushSeconds = 0
  flushedBytes = 0
  /** Counts of flushes by FLUSH_BUCKETS, and one more for the slower ones. */
  readonly buckets: number[] = new Array(FLUSH_BUCKETS.length + 1).fill(0)

  flushed(ms: number, bytes: number): void {
    const seconds = ms / 1000
    this.flushes++
    this.flushSeconds += seconds
    this.flushedBytes += bytes
    const at = FLUSH_BUCKETS.findIndex(bound => seconds <= bound)
    const bucket = at < 0 ? FLUSH_BUCKETS.length : at
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1
  }
}
