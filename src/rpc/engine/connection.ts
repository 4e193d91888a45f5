// The way to one server: a connection at a time, made anew when it is lost. What waits for an answer then is sent again where
// it may be, and is said to be lost where nobody knows whether it ran.
//
//   idle --call--> connecting --connected--> open --lost, draining--> idle
//                      \--failed--> waiting --a while--> connecting         any --close--> closed

import { RisingMap } from '../../collections/index.ts'
import type { Stream } from '../../transport/index.ts'
import type { Timer, World } from '../../world/index.ts'
import { rootId } from '../refs/exports.ts'
import { Backoff } from './backoff.ts'
import type { Calling, CallOwner, OutgoingCall, Semantics, Target } from './call.ts'
import { CallError } from './errors.ts'
import { callLimits } from './limits.ts'
import { armed, Session, type SessionParts } from './session.ts'

export interface ConnectionParts {
  /** For messages of errors. */
  readonly address: string
  readonly world: World
  dial(signal: AbortSignal): Promise<Stream>
  /** Whether there is a way back when the stream is lost: not for a MessagePort. */
  readonly redials: boolean
  readonly session: Omit<SessionParts, 'stream' | 'settledBelow' | 'takeBack' | 'draining' | 'ended'>
  readonly semantics: ReadonlyMap<string, Semantics>
  readonly waitingMax: number
  readonly reconnectMs: number
  readonly reconnectMsMax: number
  readonly attemptsMax: number
  /** Takes a call that this server cannot have now to another; false when there is none. */
  elsewhere?(call: OutgoingCall): boolean
}

type State =
  | { readonly at: 'idle' }
  | { readonly at: 'connecting'; readonly done: Promise<void> }
  | { readonly at: 'open'; readonly session: Session }
  | { readonly at: 'waiting'; readonly timer: Timer }
  | { readonly at: 'closed' }

export class Connection implements Calling, CallOwner {
  readonly #parts: ConnectionParts
  readonly #backoff: Backoff
  readonly #ending = new AbortController()
  /** Sessions that are not over: the open one, and those that are draining. */
  readonly #sessions = new Set<Session>()
  /** Calls that wait for a connection. */
  readonly #queue = new Set<OutgoingCall>()
  /** Calls with a key that wait for their answers, by key, which rise. */
  readonly #keyed = new RisingMap<OutgoingCall>()
  #lastKey = 0
  #state: State = { at: 'idle' }
  #lastFailure: unknown
  #openedAt = 0

  constructor(parts: ConnectionParts) {
    this.#parts = parts
    this.#backoff = new Backoff(parts.world, parts.reconnectMs, parts.reconnectMsMax)
  }

  get address(): string {
    return this.#parts.address
  }
  /** The open connection. */
  get session(): Session | undefined {
    return this.#state.at === 'open' ? this.#state.session : undefined
  }
  /** Whether a call would go out at once, or after one try to connect. */
  get isReady(): boolean {
    return this.#state.at !== 'waiting' && this.#state.at !== 'closed'
  }
  /** Calls that wait, for an answer or for a connection. */
  get waiting(): number {
    let count = this.#queue.size
    for (const session of this.#sessions) count += session.waiting
    return count
  }

  /** Connects now. Errors: CallError CALL_UNREACHABLE, with the cause. */
  async connect(): Promise<void> {
    if (this.#state.at === 'idle') this.#connect()
    if (this.#state.at === 'connecting') await this.#state.done
    if (this.#state.at !== 'open') throw this.#unreachable()
  }

  call(call: OutgoingCall): void {
    if (this.#state.at === 'closed') call.reject(new CallError('CALL_CLOSED', this.#parts.address))
    else armed(call, this.#parts.session)
    if (!call.isSettled) this.#send(call)
  }

  /** What is declared is declared of the root. */
  semanticsOf(target: Target, method: string): Semantics | undefined {
    return target === rootId ? this.#parts.semantics.get(method) : undefined
  }

  pinned(): Calling {
    return this
  }

  /** A call that waits here for a connection is given up. */
  abandoned(call: OutgoingCall, reason: unknown): unknown {
    this.#queue.delete(call)
    if (!(reason instanceof CallError) || this.#lastFailure === undefined) return reason
    if (!call.mayHaveRun) return this.#unreachable()
    return new CallError('CALL_CONNECTION_LOST', `${this.#parts.address}, and no other was made in time`, {
      cause: this.#lastFailure,
    })
  }

  /** Ends the connection; calls that wait fail with CALL_CLOSED. Idempotent. */
  async close(): Promise<void> {
    if (this.#state.at !== 'closed') {
      if (this.#state.at === 'waiting') this.#state.timer.cancel()
      this.#state = { at: 'closed' }
      const closed = new CallError('CALL_CLOSED', this.#parts.address)
      this.#ending.abort(closed)
      for (const call of [...this.#queue]) call.reject(closed)
      this.#queue.clear()
    }
    await Promise.all([...this.#sessions].map(session => session.close()))
  }

  #send(call: OutgoingCall): void {
    if (this.#state.at === 'open') this.#sendBy(this.#state.session, call)
    else if (this.#state.at === 'closed') call.reject(new CallError('CALL_CLOSED', this.#parts.address))
    else {
      this.#enqueue(call)
      if (this.#state.at === 'idle') this.#connect()
    }
  }

  #sendBy(session: Session, call: OutgoingCall): void {
    call.attempts++
    if (call.semantics?.atMostOnce && call.key === 0) this.#number(call)
    session.send(call)
  }

  /** At most once: the call gets a key, by which the server knows it again. */
  #number(call: OutgoingCall): void {
    call.key = ++this.#lastKey
    this.#keyed.add(call.key, call)
    call.whenSettled = () => this.#keyed.delete(call.key)
  }

  #enqueue(call: OutgoingCall): void {
    if (this.#queue.size >= this.#parts.waitingMax) {
      call.reject(
        new CallError('CALL_TOO_MANY', `${this.#queue.size} wait for a connection to ${this.#parts.address}`),
      )
      return
    }
    call.owner = this
    call.wasDelayed = true
    this.#queue.add(call)
  }

  #connect(): void {
    this.#state = { at: 'connecting', done: this.#dial() }
  }

  async #dial(): Promise<void> {
    try {
      const stream = await this.#parts.dial(this.#ending.signal)
      if (this.#ending.signal.aborted) stream.abort()
      else this.#opened(stream)
    } catch (error) {
      this.#lastFailure = error
      if (this.#state.at !== 'closed') this.#failed()
    }
  }

  #opened(stream: Stream): void {
    this.#lastFailure = undefined
    const session: Session = new Session({
      ...this.#parts.session,
      stream,
      settledBelow: () => this.#settledBelow(),
      takeBack: (call, error) => this.#takeBack(call, error),
      draining: () => this.#left(session),
      ended: (reason, waiting) => this.#lost(session, reason, waiting),
    })
    this.#sessions.add(session)
    this.#openedAt = this.#parts.world.monotonic()
    this.#state = { at: 'open', session }
    this.#flush(session)
  }

  /** Those that were sent before go first: their keys are lower. */
  #flush(session: Session): void {
    const queue = [...this.#queue].sort((a, b) => (a.key || Number.MAX_VALUE) - (b.key || Number.MAX_VALUE))
    this.#queue.clear()
    for (const call of queue) if (!call.isSettled) this.#sendBy(session, call)
  }

  #failed(): void {
    for (const call of [...this.#queue]) if (this.#movesElsewhere(call)) this.#queue.delete(call)
    if (!this.#parts.redials) {
      for (const call of [...this.#queue]) call.reject(this.#unreachable())
      this.#queue.clear()
    }
    const again = (): void => {
      if (this.#queue.size > 0) this.#connect()
      else this.#state = { at: 'idle' }
    }
    this.#state = { at: 'waiting', timer: this.#parts.world.after(this.#backoff.next(), again) }
  }

  /**
   * New calls take another connection: to another server, or after a while to this one, which may be started anew. A
   * session with which nothing is under way is of no more use.
   */
  #left(session: Session): void {
    if (this.#state.at === 'open' && this.#state.session === session) {
      const { world, reconnectMsMax } = this.#parts
      if (world.monotonic() - this.#openedAt > reconnectMsMax) this.#backoff.reset()
      this.#lastFailure = new CallError('CALL_DRAINING', this.#parts.address)
      this.#failed()
    }
    this.#closeUnused()
  }

  #closeUnused(): void {
    for (const session of this.#sessions)
      if (session !== this.session && session.waiting + session.holding + session.held === 0)
        void session.close()
  }

  #lost(session: Session, reason: Error, waiting: readonly OutgoingCall[]): void {
    this.#sessions.delete(session)
    const wasOpen = this.#state.at === 'open' && this.#state.session === session
    if (wasOpen) this.#failedSession(reason)
    for (const call of waiting) this.#again(call, reason)
  }

  /** A server that refuses us, or that cannot be spoken to, is not tried at once again. */
  #failedSession(reason: Error): void {
    if (reason instanceof CallError && reason.code === 'CALL_CONNECTION_LOST') {
      this.#backoff.reset()
      this.#state = { at: 'idle' }
      return
    }
    this.#lastFailure = reason
    this.#failed()
  }

  #again(call: OutgoingCall, reason: Error): void {
    if (call.isSettled) return
    const { semantics, attempts } = call
    const mayRunAgain = semantics?.idempotent === true || semantics?.atMostOnce === true
    const lost = reason instanceof CallError && reason.code === 'CALL_CONNECTION_LOST'
    if (!mayRunAgain || !lost || attempts >= this.#parts.attemptsMax || typeof call.target !== 'number')
      call.reject(reason)
    else {
      call.mayHaveRun = true
      this.#resend(call)
    }
  }

  /** Refused without having run: it may go out again, whatever it does. */
  #takeBack(call: OutgoingCall, error: CallError): boolean {
    if (error.code !== 'CALL_DRAINING' || call.attempts >= this.#parts.attemptsMax) return false
    if (typeof call.target !== 'number' || call.isSettled || this.#isBound(call)) return false
    if (call.key !== 0) this.#keyed.delete(call.key)
    call.key = 0
    call.wasSent = false
    this.#resend(call)
    this.#closeUnused()
    return true
  }

  #resend(call: OutgoingCall): void {
    if (this.#movesElsewhere(call)) return
    if (this.#parts.redials) this.#send(call)
    else call.reject(this.#unreachable())
  }

  /** Only the server that may have run an at-most-once call can say what came of it. */
  #isBound(call: OutgoingCall): boolean {
    return call.key !== 0 && call.mayHaveRun
  }

  #movesElsewhere(call: OutgoingCall): boolean {
    return !this.#isBound(call) && this.#parts.elsewhere?.(call) === true
  }

  #settledBelow(): number {
    return this.#keyed.first?.key ?? this.#lastKey + 1
  }

  #unreachable(): CallError {
    const cause = this.#lastFailure
    if (cause instanceof CallError && cause.code === 'CALL_REFUSED') return cause
    const detail = cause instanceof Error ? cause.message : 'it was closed'
    return new CallError('CALL_UNREACHABLE', `${this.#parts.address}: ${detail}`, { cause })
  }
}

/** Bounds of a connection, where they are not given. */
export const connectionDefaults = {
  waitingMax: callLimits.waitingMax,
  reconnectMs: callLimits.reconnectMs,
  reconnectMsMax: callLimits.reconnectMsMax,
  attemptsMax: callLimits.attemptsMax,
} as const
