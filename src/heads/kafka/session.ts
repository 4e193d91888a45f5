// The machine of one connection: may it speak yet, and as whom. No I/O; time is handed in with each question.
//
//   start ── no login asked for ──> open(anonymous or certificate)
//   start ── login asked for ─────> handshake ── SaslHandshake ──> token ── exchange done ──> open(principal)
//   open  ── SaslHandshake ───────> token (re-authentication, KIP-368: the old principal serves until it is done)
//   token ── exchange failed ─────> closed
//   open  ── session expired ─────> closed at the next request that is not a login
//
// SaslHandshake v0 is followed by raw tokens, each in a frame of its own without header; v1 by SaslAuthenticate.

import {
  ANONYMOUS,
  type Principal,
  principalText,
  type SaslExchange,
  type SaslMechanism,
  type SaslStep,
} from '../../auth/index.ts'

type State =
  | { readonly at: 'handshake' }
  | {
      readonly at: 'token'
      readonly exchange: SaslExchange
      readonly raw: boolean
      readonly previous?: Principal
    }
  | { readonly at: 'open'; readonly principal: Principal; readonly expiresAt?: number }
  | { readonly at: 'closed'; readonly reason: string }

export interface SessionOptions {
  /** Offered on this listener; none means that nobody needs to log in. */
  readonly mechanisms: readonly SaslMechanism[]
  /** Who the peer is without a login: from its certificate, or anonymous. */
  readonly peer?: Principal
  /** How long a login is good for, ms; 0 for ever (Kafka: connections.max.reauth.ms). */
  readonly reauthMs: number
  readonly begin: (mechanism: SaslMechanism) => SaslExchange
}

/** What to answer to a token. */
export type LoginStep =
  | { readonly at: 'continue'; readonly challenge: Buffer }
  | { readonly at: 'done'; readonly challenge: Buffer; readonly lifetimeMs: number }
  | { readonly at: 'failed'; readonly message: string; readonly reason: string }

export class Session {
  readonly #options: SessionOptions
  #state: State

  constructor(options: SessionOptions) {
    this.#options = options
    this.#state =
      options.mechanisms.length === 0
        ? { at: 'open', principal: options.peer ?? ANONYMOUS }
        : { at: 'handshake' }
  }

  get mechanisms(): readonly string[] {
    return this.#options.mechanisms.map(one => one.name)
  }
  get needsLogin(): boolean {
    return this.#options.mechanisms.length > 0
  }
  /** How long a login is good for, ms; 0 for ever. */
  get reauthMs(): number {
    return this.#options.reauthMs
  }
  /** Undefined before the login. */
  get principal(): Principal | undefined {
    const state = this.#state
    return state.at === 'open' ? state.principal : state.at === 'token' ? state.previous : undefined
  }
  /** Whether the next frame is a bare token (after SaslHandshake v0). */
  get expectsRawToken(): boolean {
    return this.#state.at === 'token' && this.#state.raw
  }
  get closedBecause(): string | undefined {
    return this.#state.at === 'closed' ? this.#state.reason : undefined
  }

  /** Whether requests other than logins and ApiVersions are served at this time; why not otherwise. */
  refusal(nowMs: number): string | undefined {
    const state = this.#state
    if (state.at === 'handshake') return 'a request came before the login'
    if (state.at === 'closed') return state.reason
    if (state.at === 'token')
      return state.previous === undefined ? 'a request came in the middle of the login' : undefined
    if (state.expiresAt !== undefined && nowMs > state.expiresAt)
      return 'the login has expired, and the client did not renew it'
    return undefined
  }

  /** Chooses a mechanism; false when it is not offered. */
  handshake(mechanism: string, version: number): boolean {
    const found = this.#options.mechanisms.find(one => one.name === mechanism)
    if (found === undefined) return false
    const previous = this.principal
    this.#state = {
      at: 'token',
      exchange: this.#options.begin(found),
      raw: version === 0,
      ...(previous && { previous }),
    }
    return true
  }

  /** Feeds a token of the client. */
  async authenticate(token: Buffer, nowMs: number): Promise<LoginStep> {
    const state = this.#state
    if (state.at !== 'token')
      return {
        at: 'failed',
        message: 'SaslHandshake must come first.',
        reason: 'a token without a handshake',
      }
    return this.#take(await state.exchange.step(token), state.previous, nowMs)
  }

  #take(step: SaslStep, previous: Principal | undefined, nowMs: number): LoginStep {
    if (step.at === 'continue') return step
    if (step.at === 'failed') return this.#fail(step.message, step.reason)
    if (previous !== undefined && principalText(previous) !== principalText(step.principal))
      return this.#fail(
        'Cannot change principals during re-authentication.',
        `re-authentication as ${principalText(step.principal)}`,
      )
    const { reauthMs } = this.#options
    this.#state = {
      at: 'open',
      principal: step.principal,
      ...(reauthMs > 0 && { expiresAt: nowMs + reauthMs }),
    }
    return { at: 'done', challenge: step.challenge ?? Buffer.alloc(0), lifetimeMs: reauthMs }
  }

  #fail(message: string, reason: string): LoginStep {
    this.#state = { at: 'closed', reason }
    return { at: 'failed', message, reason }
  }
}
