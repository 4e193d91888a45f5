// Waiting, and trying again: pauses that double up to a limit, with jitter so that many clients do not return at once,
// until the time is up.

import { deferred } from '../../flow/index.ts'
import type { World } from '../../world/index.ts'
import { CommandError } from '../exit.ts'
import { type Retry, retryOf } from './faults.ts'
import { limits } from './limits.ts'

export interface Patience {
  readonly world: World
  readonly signal: AbortSignal
  /** Ms after which a failure is final. */
  readonly timeoutMs: number
}

/** Resolves after `ms`; rejects with the signal's reason. */
export async function sleep(world: World, ms: number, signal: AbortSignal): Promise<void> {
  const done = deferred()
  const timer = world.after(ms, done.resolve)
  try {
    await raced(done.promise, signal)
  } finally {
    timer.cancel()
  }
}

/** What the promise gives, or the signal's reason if that comes first. */
export async function raced<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const stop = deferred<never>()
  const abort = (): void => stop.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    return await Promise.race([promise, stop.promise])
  } finally {
    signal.removeEventListener('abort', abort)
    promise.catch(() => {}) // nobody waits for it any more
  }
}

/** The pause before attempt number `attempt` (1 is the second try), in ms. */
export function backoff(world: World, attempt: number): number {
  const whole = Math.min(limits.backoffMsMax, limits.backoffMs * 2 ** Math.min(attempt - 1, 16))
  return whole * (0.8 + 0.4 * world.random())
}

/**
 * Makes attempts until one succeeds, an error is final, or the time is up; `before` runs ahead of each further attempt.
 * Errors: the last one; CommandError (tryAgain) when time ran out.
 */
export async function patiently<T>(
  { world, signal, timeoutMs }: Patience,
  attempt: () => Promise<T>,
  before: (retry: Retry) => Promise<unknown> | undefined = () => undefined,
): Promise<T> {
  const deadline = world.monotonic() + timeoutMs
  for (let made = 1; ; made++) {
    try {
      return await attempt()
    } catch (error) {
      const retry = retryOf(error)
      if (retry === 'no' || signal.aborted) throw error
      const pause = backoff(world, made)
      if (world.monotonic() + pause > deadline) throw timeIsUp(error, timeoutMs)
      await sleep(world, pause, signal)
      await before(retry)
    }
  }
}

function timeIsUp(error: unknown, timeoutMs: number): CommandError {
  const message = error instanceof Error ? error.message : String(error)
  return new CommandError('tryAgain', `gave up after ${timeoutMs} ms: ${message}`, undefined, error)
}
