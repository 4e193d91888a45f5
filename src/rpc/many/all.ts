// All: every server is called, and what came of each is told.

import type { CallOne, Outcome } from './outcome.ts'

export interface ManyOptions {
  /** Gives up all calls that are under way. */
  readonly signal?: AbortSignal
}

/** Calls all targets side by side; gives what came of each, in their order. Errors: the signal's reason. */
export async function all<T, R>(
  targets: readonly T[],
  call: CallOne<T, R>,
  { signal = new AbortController().signal }: ManyOptions = {},
): Promise<readonly Outcome<T, R>[]> {
  signal.throwIfAborted()
  const settled = await Promise.allSettled(targets.map(async target => call(target, signal)))
  signal.throwIfAborted()
  return settled.map((outcome, n) => ({ target: targets[n] as T, ...outcome }))
}
