// Endings that a peer may hold up, and that must not wait for it for ever.

import { deferred } from '../../flow/index.ts'
import { systemWorld, type World } from '../../world/index.ts'
import { oncLimits } from './limits.ts'

export interface EndingOptions {
  readonly world?: World
  /** Ms that are waited at most. */
  readonly closeMs?: number
}

/** Waits for the end, but no longer than the options say. Errors: those of `end`. */
export async function inTime(
  end: Promise<unknown>,
  { world = systemWorld, closeMs = oncLimits.closeMs }: EndingOptions,
): Promise<void> {
  const late = deferred()
  const timer = world.after(closeMs, late.resolve)
  try {
    await Promise.race([end, late.promise])
  } finally {
    timer.cancel()
  }
}
