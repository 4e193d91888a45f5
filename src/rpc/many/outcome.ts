// A call to several servers at once. What a call is, is the caller's to say: of both worlds, and of any other that gives a
// promise and takes a signal.

import { CallError } from '../engine/errors.ts'

/** Calls one of the targets. The signal aborts when its answer is not needed any more. */
export type CallOne<T, R> = (target: T, signal: AbortSignal) => PromiseLike<R>

/** What came of one target. */
export type Outcome<T, R> =
  | { readonly target: T; readonly status: 'fulfilled'; readonly value: R }
  | { readonly target: T; readonly status: 'rejected'; readonly reason: unknown }

/** Why the answers of others are not waited for. */
export function notNeeded(): Error {
  return new DOMException('enough others have answered', 'AbortError')
}

/** Too many failed; `cause.errors` has what each of them said. */
export function noQuorum(detail: string, errors: readonly unknown[]): CallError {
  return new CallError('CALL_NO_QUORUM', detail, { cause: new AggregateError(errors, detail) })
}
