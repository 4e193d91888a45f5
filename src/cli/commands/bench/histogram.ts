// Counts of durations in buckets whose width grows with the value: 128 to each power of two, so every figure is right to
// better than 1 %, in 25 KB, however many are counted (the idea of HdrHistogram).

/** Buckets to each power of two. */
const STEPS = 128
const STEP_BITS = 7
/** Values are microseconds below 2^31: half an hour. */
const VALUE_MAX = 0x7fff_ffff
const BUCKETS = (32 - STEP_BITS + 1) * STEPS

export class Histogram {
  readonly #counts = new Float64Array(BUCKETS)
  #total = 0
  #max = 0

  get total(): number {
    return this.#total
  }

  /** Adds a duration in ms, `count` times. */
  add(ms: number, count = 1): void {
    const value = Math.min(VALUE_MAX, Math.max(0, Math.round(ms * 1000)))
    const bucket = bucketOf(value)
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count
    this.#total += count
    if (value > this.#max) this.#max = value
  }

  /** The longest, in ms. */
  get maxMs(): number {
    return this.#max / 1000
  }

  /** The duration that `share` (0 to 1) of all do not exceed, in ms; 0 of nothing. */
  percentileMs(share: number): number {
    const wanted = Math.max(1, Math.ceil(share * this.#total))
    let seen = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket] ?? 0
      if (seen >= wanted) return Math.min(this.#max, highestIn(bucket)) / 1000
    }
    return this.maxMs
  }
}

/** Values below 256 have a bucket each; above, the leading eight bits choose it. */
function bucketOf(value: number): number {
  const shift = Math.max(0, 32 - Math.clz32(value) - (STEP_BITS + 1))
  return shift * STEPS + (value >>> shift)
}

function highestIn(bucket: number): number {
  const shift = Math.max(0, (bucket >>> STEP_BITS) - 1)
  const leading = bucket - shift * STEPS
  return (leading + 1) * 2 ** shift - 1
}
