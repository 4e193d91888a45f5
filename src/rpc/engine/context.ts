// What a method can know of the call that it answers. It is asked for at the beginning of the method, before its first
// `await`: `const call = currentCall()`. (A value that follows every `await`, as of AsyncLocalStorage, would cost every
// promise of the process.)

import type { Peer } from '../../transport/index.ts'
import type { Found } from './find.ts'
import type { Metadata } from './metadata.ts'
import type { Remote } from './types.ts'

export interface CallContext {
  /** The name of the method, with the names of the objects on the way to it. */
  readonly method: string
  /** Aborts when nobody waits any more: the caller gave up, its deadline has passed, or its connection is over. */
  readonly signal: AbortSignal
  /** Ms that are left to the caller's deadline; Infinity without one. */
  readonly remainingMs: number
  readonly metadata: Metadata
  /** Who is at the other end of the connection. */
  readonly peer: Peer
  /** What `admit` said of the caller; undefined without it. */
  readonly caller: unknown
  /** What the caller serves at its end of the connection. */
  back<Api>(): Remote<Api>
}

let current: CallContext | undefined

/** The call that the running method answers; undefined outside of one, and after its first `await`. */
export function currentCall(): CallContext | undefined {
  return current
}

/** Runs a method as the answer to a call. */
export function answer(call: CallContext, { self, method }: Found, args: readonly unknown[]): unknown {
  const before = current
  current = call
  try {
    return Reflect.apply(method, self, args) // `method.apply` of a stub would be a call of its own
  } finally {
    current = before
  }
}

/**
 * Options for a call that a method makes on behalf of the one that it answers: it ends with it, has no more time, and
 * belongs to the same trace.
 */
export function within(call: CallContext): {
  readonly signal: AbortSignal
  readonly timeoutMs: number
  readonly metadata: Metadata
} {
  const { traceparent } = call.metadata
  return {
    signal: call.signal,
    timeoutMs: Math.max(1, call.remainingMs),
    metadata: traceparent === undefined ? {} : { traceparent },
  }
}
