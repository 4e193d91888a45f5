// One call of ours: what it asks, how, and who waits for it.

import type { Timer } from '../../world/index.ts'
import type { CallOptions } from '../program.ts'
import type { Import } from '../refs/imports.ts'
import type { Restored } from './arguments.ts'
import { Due } from './deadlines.ts'
import { CallError } from './errors.ts'

/**
 * How far a call goes before who made it goes on, where he does not wait for its result: the middleware here has accepted
 * it, the middleware there has it and has found its method, or the method has run.
 */
export type Until = 'accepted' | 'delivered' | 'processed'

/** How a call is made. */
export interface RemoteCallOptions extends CallOptions {
  /** Travels with the call. Keys and values are texts; `traceparent` is the trace's (W3C Trace Context). */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** Not the result is waited for, but this. */
  readonly until?: Until | undefined
}

/** How often a method may run for one call; what is not declared runs once, or is said to be lost. */
export interface Semantics {
  /** Running again does no harm: it is sent again until it is answered. */
  readonly idempotent?: boolean
  /** It is sent again, and the server answers what it answered before. */
  readonly atMostOnce?: boolean
}

/** On what a call is made: the root of the other side (by number), a reference that we hold, or what a call will give. */
export type Target = number | Import | OutgoingCall

/** Who is told how a call goes. */
export interface CallOwner {
  /** The caller gives up. Gives the reason that he is told. */
  abandoned(call: OutgoingCall, reason: unknown): unknown
}

/** Who makes the calls of stubs. */
export interface Calling {
  /** Sends the call, sooner or later. Never throws. */
  call(call: OutgoingCall): void
  /** How often the method may run. */
  semanticsOf(target: Target, method: string): Semantics | undefined
  /** The same with one server: for calls that belong together. */
  pinned(): Calling
}

export class OutgoingCall extends Due {
  /** Changes when it was a call, and what that gave is there. */
  target: Target
  readonly method: string
  readonly args: readonly unknown[]
  readonly options: RemoteCallOptions
  readonly semantics: Semantics | undefined
  readonly promise: Promise<unknown>
  readonly #resolve: (value: unknown) => void
  readonly #reject: (reason: unknown) => void
  /** Who makes calls on what it gives. */
  madeBy: Calling | undefined
  /** Where it is; changes when it is sent again by another connection. */
  owner: CallOwner | undefined
  /** Its number in its connection; 0 when it was not sent. */
  id = 0
  /** For at-most-once: its number among all of this client. */
  key = 0
  attempts = 0
  /** Whether it waited for a connection: less than its whole time is left. */
  wasDelayed = false
  /** Whether a peer may have it, by its key if it has one. */
  wasSent = false
  /** The connection by which it was sent was lost: it may have run there. */
  mayHaveRun = false
  isSettled = false
  /** Arguments that are restored when the answer comes. */
  restored: Restored | undefined
  /** What came, when it is an object: calls that were made on it go there. */
  result: object | undefined
  /** Ms that it may take in all; its deadline is `dueAt`. */
  waitMs = Number.POSITIVE_INFINITY
  whenSettled: (() => void) | undefined
  /** Until it is sent again. */
  pause: Timer | undefined
  readonly #abort: (() => void) | undefined

  constructor(
    target: Target,
    method: string,
    args: readonly unknown[],
    options: RemoteCallOptions,
    semantics?: Semantics | undefined,
    Kind: new (executor: typeof keep) => Promise<unknown> = Promise,
  ) {
    super()
    this.target = target
    this.method = method
    this.args = args
    this.options = options
    this.semantics = semantics
    this.promise = new Kind(keep)
    this.#resolve = keptResolve
    this.#reject = keptReject
    const { signal } = options
    if (signal === undefined) return
    this.#abort = () => this.abandon(signal.reason)
    signal.addEventListener('abort', this.#abort, { once: true })
  }

  resolve(value: unknown): void {
    if (!this.#settle()) return
    if (typeof value === 'function' || (typeof value === 'object' && value !== null)) this.result = value
    this.#resolve(value)
  }

  reject(reason: unknown): void {
    if (this.#settle()) this.#reject(reason)
  }

  /** The caller gives up: the callee is told. */
  abandon(reason: unknown): void {
    if (this.isSettled) return
    this.reject(this.owner === undefined ? reason : this.owner.abandoned(this, reason))
  }

  override due(): void {
    this.abandon(new CallError('CALL_TIMEOUT', `${this.method}, after ${this.waitMs} ms`))
  }

  #settle(): boolean {
    if (this.isSettled) return false
    this.isSettled = true
    this.disarm()
    this.pause?.cancel()
    this.whenSettled?.()
    if (this.#abort !== undefined) this.options.signal?.removeEventListener('abort', this.#abort)
    return true
  }
}

// A promise gives its two functions to an executor at once: one that keeps them here spares a closure for each call.
let keptResolve: (value: unknown) => void = () => {}
let keptReject: (reason: unknown) => void = () => {}
function keep(resolve: (value: unknown) => void, reject: (reason: unknown) => void): void {
  keptResolve = resolve
  keptReject = reject
}
