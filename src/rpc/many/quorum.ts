// Quorum: every server is called, and k answers are enough; the others are told that nobody waits for them. With k = 1, the
// first answer is enough.

import { following, withSignal } from '../../flow/index.ts'
import type { ManyOptions } from './all.ts'
import { type CallOne, noQuorum, notNeeded } from './outcome.ts'

/**
 * Calls all targets side by side; gives the first k answers, in the order in which they came. Errors: CallError
 * CALL_NO_QUORUM as soon as k cannot be reached any more; RangeError for a k beyond the number of targets; the signal's
 * reason.
 */
export async function quorum<T, R>(
  k: number,
  targets: readonly T[],
  call: CallOne<T, R>,
  { signal }: ManyOptions = {},
): Promise<readonly R[]> {
  if (!Number.isInteger(k) || k < 1 || k > targets.length)
    throw new RangeError(`a quorum of ${k} among ${targets.length}: it must be from 1 to ${targets.length}`)
  signal?.throwIfAborted()
  const { controller: losers, release } = following(signal)
  try {
    return await withSignal(
      firstOf(k, targets, async target => call(target, losers.signal)),
      signal,
    )
  } finally {
    release()
    losers.abort(notNeeded())
  }
}

/** The first answer of all targets. Errors: as `quorum`. */
export async function first<T, R>(
  targets: readonly T[],
  call: CallOne<T, R>,
  options?: ManyOptions,
): Promise<R> {
  const [answer] = await quorum(1, targets, call, options)
  return answer as R
}

function firstOf<T, R>(
  k: number,
  targets: readonly T[],
  call: (target: T) => Promise<R>,
): Promise<readonly R[]> {
  return new Promise((resolve, reject) => {
    const answers: R[] = []
    const errors: unknown[] = []
    const answered = (answer: R): void => {
      answers.push(answer)
      if (answers.length === k) resolve(answers)
    }
    const failed = (error: unknown): void => {
      errors.push(error)
      if (targets.length - errors.length < k)
        reject(noQuorum(`${errors.length} of ${targets.length} failed, ${k} are needed`, errors))
    }
    for (const target of targets) call(target).then(answered, failed)
  })
}
