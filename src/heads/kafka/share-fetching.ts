// The long poll of ShareFetch: looks at what could be taken, and takes it once it is enough for the client or the time is
// over. Nothing is taken before: a lock's time runs from then on. Another member may be quicker between the look and the
// taking; then it looks again.

import {
  NOTHING_TAKEN,
  type SharePartition,
  type ShareReading,
  type ShareTaker,
  type Taking,
} from '../../broker/index.ts'
import type { World } from '../../world/index.ts'

/** One partition of a share fetch; `taking` and `failed` are what came of it. */
export interface ShareWanted {
  readonly share: SharePartition
  taking: Taking
  failed: unknown
}

export interface ShareFetchRules extends ShareTaker {
  readonly minBytes: number
  readonly maxBytes: number
  readonly maxWaitMs: number
  readonly signal: AbortSignal
  /** Something in the request has an answer already. */
  readonly atOnce: boolean
}

type Look = { readonly one: ShareWanted; readonly reading: ShareReading }

/** Fills in `taking` or `failed` of what is wanted. */
export async function takeAll(
  wanted: readonly ShareWanted[],
  rules: ShareFetchRules,
  world: World,
): Promise<void> {
  const deadline = world.monotonic() + (rules.atOnce || rules.minBytes <= 0 ? 0 : rules.maxWaitMs)
  const watch = new Watch(wanted)
  try {
    for (;;) {
      watch.reset()
      const looks = await lookAll(wanted, rules)
      if (rules.signal.aborted) return
      const left = deadline - world.monotonic()
      const bytes = looks.reduce((sum, { reading }) => sum + reading.slice.bytes, 0)
      const hasFailed = wanted.some(({ failed }) => failed !== undefined)
      if (bytes >= rules.minBytes || left <= 0 || hasFailed) {
        const records = takeThese(looks, rules)
        if (records > 0 || left <= 0 || hasFailed) return
        if (
          looks.some(({ one, reading }) => reading.slice.bytes > 0 && one.share.nextOffset !== reading.from)
        )
          continue
      }
      await watch.moved(left, rules.signal, world)
    }
  } finally {
    watch.stop()
  }
}

/** Reads within `maxBytes`; the first batch of all is read however large it is (KIP-74). */
async function lookAll(wanted: readonly ShareWanted[], { maxBytes }: ShareFetchRules): Promise<Look[]> {
  const looks: Look[] = []
  let left = maxBytes
  for (const one of wanted) {
    const isFirst = left === maxBytes
    if (left <= 0 && !isFirst) break
    try {
      const reading = await one.share.read(Math.max(1, left))
      if (!isFirst && reading.slice.bytes > left) continue
      left -= reading.slice.bytes
      looks.push({ one, reading })
    } catch (error) {
      one.failed = error
    }
  }
  return looks
}

/** Gives how many records were taken. */
function takeThese(looks: readonly Look[], rules: ShareFetchRules): number {
  let records = 0
  for (const { one, reading } of looks) {
    if (records >= rules.maxRecords) break
    one.taking = one.share.acquire(reading, { ...rules, maxRecords: rules.maxRecords - records })
    records += one.taking.records
  }
  return records
}

export function wantedOf(share: SharePartition): ShareWanted {
  return { share, taking: NOTHING_TAKEN, failed: undefined }
}

/** Watches share partitions, and says when one of them has moved since the last reset. */
class Watch {
  readonly #stops: (() => void)[]
  #hasMoved = false
  #wake: (() => void) | undefined

  constructor(wanted: readonly ShareWanted[]) {
    this.#stops = wanted.map(({ share }) =>
      share.watch(() => {
        this.#hasMoved = true
        this.#wake?.()
      }),
    )
  }

  reset(): void {
    this.#hasMoved = false
  }

  stop(): void {
    for (const stop of this.#stops) stop()
  }

  moved(withinMs: number, signal: AbortSignal, world: World): Promise<void> {
    if (this.#hasMoved || signal.aborted) return Promise.resolve()
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
