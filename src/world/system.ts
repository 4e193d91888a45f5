// The real world: the only caller of Date, performance, setTimeout and the system's randomness.

import { randomBytes } from 'node:crypto'
import type { Timer, World } from './world.ts'

/** Longest delay that setTimeout takes; longer ones are set again. */
const TIMEOUT_MS_MAX = 0x7fff_ffff

export const systemWorld: World = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after,
  randomBytes: count => randomBytes(count),
  random: () => Math.random(),
}

function after(ms: number, run: () => void): Timer {
  let timeout: NodeJS.Timeout
  const set = (left: number): void => {
    const step = Math.min(left, TIMEOUT_MS_MAX)
    timeout = setTimeout(() => (left > step ? set(left - step) : run()), step)
    timeout.unref()
  }
  set(ms)
  return { cancel: () => clearTimeout(timeout) }
}
