// The real world as a browser has it: stands for world/system.ts, the only caller of clock and timers, in the bundle.

import type { World } from '../../../world/index.ts'

/** Longest delay that setTimeout takes; longer ones are set again. */
const TIMEOUT_MS_MAX = 0x7fff_ffff

export const systemWorld: World = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    let timeout: unknown
    const set = (left: number): void => {
      const step = Math.min(left, TIMEOUT_MS_MAX)
      timeout = setTimeout(() => (left > step ? set(left - step) : run()), step)
    }
    set(ms)
    return { cancel: () => clearTimeout(timeout as number) }
  },
  randomBytes: count => Buffer.from(crypto.getRandomValues(new Uint8Array(count))),
  random: () => Math.random(),
}
