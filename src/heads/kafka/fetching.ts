// The long poll of Fetch: reads what is there, and when that is less than the client asked for, waits for the partitions
// to grow until it is enough, the time is over, or the client is gone. Only partitions that moved are read again.

import type { Isolation, Partition } from '../../broker/index.ts'
import type { LogExtent, LogSlice } from '../../log/index.ts'
import type { World } from '../../world/index.ts'

/** One partition of a fetch; `fetched` and `failed` are what came of it. */
export interface Wanted {
  readonly partition: Partition
  readonly from: number
  readonly maxBytes: number
  fetched: LogSlice | LogExtent | undefined
  failed: unknown
}

/** Whether its bytes are still to be read. */
export function isExtent(fetched: Wanted['fetched']): fetched is LogExtent {
  return fetched !== undefined && 'read' in fetched
}

export interface FetchRules {
  readonly minBytes: number
  readonly maxBytes: number
  readonly maxWaitMs: number
  readonly isolation: Isolation
  readonly signal: AbortSignal
  /** Something else in the request failed already: answer at once. */
  readonly atOnce: boolean
}

/** Fills in `fetched` or `failed` of all that is wanted; what has failed before is not read. */
export async function fetchAll(wanted: readonly Wanted[], rules: FetchRules, world: World): Promise<void> {
  await readThese(wanted, wanted, rules)
  if (rules.atOnce || rules.maxWaitMs <= 0 || isEnough(wanted, rules)) return
  const deadline = world.monotonic() + rules.maxWaitMs
  const watch = new Watch(wanted)
  try {
    while (!isEnough(wanted, rules)) {
      const left = deadline - world.monotonic()
      if (left <= 0 || rules.signal.aborted) return
      const moved = await watch.moved(left, rules.signal, world)
      if (moved.length > 0) await readThese(moved, wanted, rules)
    }
  } finally {
    watch.stop()
  }
}

function isEnough(wanted: readonly Wanted[], { minBytes, isolation }: FetchRules): boolean {
  let bytes = 0
  for (const one of wanted) {
    if (one.failed !== undefined) return true
    bytes += countedBytes(one, isolation)
  }
  return bytes >= minBytes
}

/** As Kafka counts: a partition that has more than it may give counts for that. Whole batches are mostly somewhat less. */
function countedBytes({ partition, maxBytes, fetched }: Wanted, isolation: Isolation): number {
  if (fetched === undefined) return 0
  if (isExtent(fetched)) return Math.min(maxBytes, fetched.available)
  return fetched.next < partition.readableEnd(isolation) ? Math.max(maxBytes, fetched.bytes) : fetched.bytes
}

/**
 * Reads some of the partitions within what the others leave of `maxBytes`. The first batch of all is given even when it
 * is larger than every limit, so that no consumer stands still (KIP-74).
 */
async function readThese(
  some: readonly Wanted[],
  all: readonly Wanted[],
  { maxBytes, isolation }: FetchRules,
): Promise<void> {
  for (const one of some) {
    if (isExtent(one.fetched)) one.fetched.release()
    one.fetched = undefined
  }
  let left = maxBytes - all.reduce((sum, one) => sum + (one.fetched?.bytes ?? 0), 0)
  for (const one of some) {
    if (one.failed !== undefined) continue
    const isFirst = left === maxBytes
    if (left <= 0 && !isFirst) break
    try {
      const bytes = Math.max(1, Math.min(one.maxBytes, left))
      const reading =
        one.partition.extent(one.from, bytes, isolation) ?? one.partition.read(one.from, bytes, isolation)
      const slice = reading instanceof Promise ? await reading : reading
      if (!isFirst && slice.bytes > left) {
        if (isExtent(slice)) slice.release()
        continue
      }
      one.fetched = slice
      left -= slice.bytes
    } catch (error) {
      one.failed = error
    }
  }
}

/** Watches partitions, and says which ones moved since it was last asked. */
class Watch {
  readonly #moved = new Set<Wanted>()
  readonly #stops: (() => void)[]
  #wake: (() => void) | undefined

  constructor(wanted: readonly Wanted[]) {
    this.#stops = wanted.map(one =>
      one.partition.watch(() => {
        this.#moved.add(one)
        this.#wake?.()
      }),
    )
  }

  async moved(withinMs: number, signal: AbortSignal, world: World): Promise<readonly Wanted[]> {
    if (this.#moved.size === 0) await this.#wait(withinMs, signal, world)
    const moved = [...this.#moved]
    this.#moved.clear()
    return moved
  }

  stop(): void {
    for (const stop of this.#stops) stop()
  }

  #wait(withinMs: number, signal: AbortSignal, world: World): Promise<void> {
    return new Promise(resolve => {
      const done = (): void => {
        this.#wake = undefined
        timer.cancel()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = world.after(withinMs, done)
      signal.addEventListener('abort', done)
      this.#wake = done
    })
  }
}
