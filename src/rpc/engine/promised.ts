// Promise pipelining at the callee: calls that are made on what another call gives. They wait for it, one after the other, and
// what a call gave by reference is kept for those that are on their way, until the peer says that no more will come.

import { CallError } from './errors.ts'
import type { IncomingCall } from './incoming.ts'

/** Runs a call on a thing; what `on` throws refuses it. */
export type RunOn = (call: IncomingCall, on: () => object) => void

interface Following {
  readonly call: IncomingCall
  readonly before: number
  readonly thing: object | undefined
}

export class Promised {
  readonly #max: number
  readonly #runOn: RunOn
  readonly #results = new Map<number, object>()
  /** Calls whose time has come; a chain of them may be as long as it likes. */
  readonly #following: Following[] = []

  /** Keeps so many results. */
  constructor(max: number, runOn: RunOn) {
    this.#max = max
    this.#runOn = runOn
  }

  /** Whether what that call gave is kept. */
  has(id: number): boolean {
    return this.#results.has(id)
  }

  /** What a call gave. Errors: CallError CALL_NO_REFERENCE. */
  result(id: number): object {
    return given(this.#results.get(id), id)
  }

  /** Who never says that he makes no more calls on his results keeps the newest. */
  keep(id: number, thing: object): void {
    this.#results.set(id, thing)
    if (this.#results.size <= this.#max) return
    const [oldest = id] = this.#results.keys()
    this.#results.delete(oldest)
  }

  /** No more calls will be made on the result of that call. */
  finish(id: number): void {
    this.#results.delete(id)
  }

  /** The call has ended: those that were made on it run, on what it gave, or fail. */
  follow(before: IncomingCall, thing: object | undefined): void {
    const { id, followers } = before
    if (followers === undefined) return
    before.followers = undefined
    const isFollowing = this.#following.length > 0
    for (const call of followers) this.#following.push({ call, before: id, thing })
    if (isFollowing) return
    for (let n = 0; n < this.#following.length; n++) {
      const next = this.#following[n]
      if (next !== undefined) this.#runOn(next.call, () => given(next.thing, next.before))
    }
    this.#following.length = 0
  }

  clear(): void {
    this.#results.clear()
  }
}

function given(thing: object | undefined, call: number): object {
  if (thing !== undefined) return thing
  throw new CallError('CALL_NO_REFERENCE', `what call ${call} gave: it failed, or went by value`)
}
