// A call that is under way, as a value: what is known of it now, its result later, and a way to give it up. For calls of both
// worlds, and for anything else that gives a promise and takes a signal.

import { following } from '../../flow/index.ts'

export type PendingState = 'waiting' | 'done' | 'failed'

export interface Pending<R> {
  readonly state: PendingState
  /** The result. Rejects with what the call threw. */
  result(): Promise<R>
  /** Gives it up: the callee is told. Nothing, when it is over. */
  cancel(reason?: unknown): void
}

/** Begins a call, which is given a signal that aborts when it is given up. */
export function pending<R>(call: (signal: AbortSignal) => PromiseLike<R>, parent?: AbortSignal): Pending<R> {
  const { controller: giveUp, release } = following(parent)
  let state: PendingState = 'waiting'
  const result = new Promise<R>(resolve => resolve(call(giveUp.signal))) // what it throws at once is its result, too
  result.then(
    () => {
      state = 'done'
      release()
    },
    () => {
      state = 'failed' // `result` tells who asks
      release()
    },
  )
  return {
    get state() {
      return state
    },
    result: () => result,
    cancel: (reason = new DOMException('the call was given up', 'AbortError')) => giveUp.abort(reason),
  }
}
