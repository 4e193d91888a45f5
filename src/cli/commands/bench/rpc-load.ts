// One measurement of `posthorn bench rpc`: so many callers, each with one call at a time.

import type { World } from '../../../world/index.ts'
import { Histogram } from './histogram.ts'

/** A method of the other side. */
export type Method = (payload: Buffer) => PromiseLike<unknown>

export interface CallLoad {
  readonly call: Method
  readonly payload: Buffer
  readonly inFlight: number
  readonly ms: number
  readonly world: World
  readonly signal: AbortSignal
}

export interface CallsMeasured {
  readonly calls: number
  /** Ms from the first call to the last answer. */
  readonly elapsed: number
  readonly latencies: Histogram
  /** Processors that this process took. */
  readonly cpu: number
}

/** Calls until the time is up, or the signal aborts. Errors: that of the first call that fails. */
export async function callLoad(load: CallLoad): Promise<CallsMeasured> {
  const { call, payload, inFlight, ms, world, signal } = load
  const latencies = new Histogram()
  const cpuBefore = process.cpuUsage()
  const began = world.monotonic()
  let isOver = false
  const caller = async (): Promise<void> => {
    for (let now = began; !isOver; ) {
      await call(payload)
      const then = world.monotonic()
      latencies.add(then - now)
      now = then
      if (then - began >= ms || signal.aborted) isOver = true
    }
  }
  try {
    await Promise.all(Array.from({ length: inFlight }, caller))
  } finally {
    isOver = true
  }
  const elapsed = world.monotonic() - began
  const { user, system } = process.cpuUsage(cpuBefore)
  return {
    calls: latencies.total,
    elapsed,
    latencies,
    cpu: (user + system) / 1000 / Math.max(elapsed, 0.001),
  }
}
