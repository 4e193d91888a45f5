// What every call that can wait takes: a signal and a deadline. The deadline of a call that has none is the socket's
// (SO_RCVTIMEO, SO_SNDTIMEO). A call that is not made to wait sets no timer.

import { deadline } from '../../flow/index.ts'
import type { World } from '../../world/index.ts'
import { asPosix, type Operation, posix } from './errors.ts'

export interface CallOptions {
  /** Calls the waiting off; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** Ms until the call gives up with ETIMEDOUT. */
  readonly timeoutMs?: number
}

/**
 * Runs what waits under the call's signal and deadline, and gives errors their POSIX names. Errors: PosixError
 * (ETIMEDOUT at the deadline), the signal's reason.
 */
export async function waiting<T>(
  world: World,
  operation: Operation,
  { signal, timeoutMs }: CallOptions,
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  if (timeoutMs === undefined) return work(signal).catch(named)
  if (!(timeoutMs >= 0)) throw posix('EINVAL', operation, `timeoutMs ${timeoutMs}`)
  const limit = deadline(world, timeoutMs, signal)
  try {
    return await work(limit.signal)
  } catch (error) {
    const isLate = limit.signal.aborted && error === limit.signal.reason && signal?.aborted !== true
    throw isLate ? posix('ETIMEDOUT', operation, `${timeoutMs} ms`) : named(error)
  } finally {
    limit.cancel()
  }

  function named(error: unknown): never {
    throw asPosix(error, operation)
  }
}
