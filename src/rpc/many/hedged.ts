// Hedged: one server is called; when it has not answered for a while, or has failed, the next one is called too, and so on. The
// first answer counts, the others are told that nobody waits for them. (Dean and Barroso, The Tail at Scale, 2013.)
//
//   a  --call-->..................                      for calls that may run several times only
//   b  ......delayMs--call-->--answer--|

import { deferred, following } from '../../flow/index.ts'
import { systemWorld, type Timer, type World } from '../../world/index.ts'
import type { ManyOptions } from './all.ts'
import { type CallOne, noQuorum, notNeeded } from './outcome.ts'

export interface HedgeOptions extends ManyOptions {
  /** Ms without an answer until the next server is called, too. Default 50. */
  readonly delayMs?: number
  readonly world?: World
}

/** Gives the first answer. Errors: CallError CALL_NO_QUORUM when all failed; the signal's reason. */
export async function hedged<T, R>(
  targets: readonly T[],
  call: CallOne<T, R>,
  { delayMs = 50, world = systemWorld, signal }: HedgeOptions = {},
): Promise<R> {
  signal?.throwIfAborted()
  const { controller: losers, release } = following(signal)
  const { promise, resolve, reject } = deferred<R>()
  const errors: unknown[] = []
  let timer: Timer | undefined
  let called = 0
  const next = (): void => {
    timer?.cancel()
    if (called === targets.length) return
    const target = targets[called++] as T
    if (called < targets.length) timer = world.after(delayMs, next)
    new Promise<R>(given => given(call(target, losers.signal))).then(resolve, failed)
  }
  const failed = (error: unknown): void => {
    errors.push(error)
    if (errors.length === targets.length) reject(noQuorum(`all ${targets.length} failed`, errors))
    else next()
  }
  const abort = (): void => reject(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  if (targets.length === 0) reject(noQuorum('there is no server', errors))
  next()
  try {
    return await promise
  } finally {
    timer?.cancel()
    signal?.removeEventListener('abort', abort)
    release()
    losers.abort(notNeeded())
  }
}
