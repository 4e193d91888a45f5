// The way into a connection (specification section 2.2.4), from the protocol header to the virtual host.
//
//   header ── protocol header ─────────> start          "answers the protocol header"
//   start ── start-ok ─────────────────> login          "logs in and opens"
//   login ── authenticated: continue ──> secure ── secure-ok ──> login           "takes several steps"
//   login ── authenticated: done ──────> tune ── tune-ok ──> open                "logs in and opens"
//   open ── connection.open ───────────> opening ── openOk ──> the connection runs    "logs in and opens"
//                                                       (tests: session.test.ts, by these words)
//
// In `login` and `opening` an answer of somebody else is waited for: frames that come meanwhile stay where they are.

import type { Principal, SaslExchange, SaslMechanism, SaslStep } from '../../auth/index.ts'
import type { FieldTable } from '../../broker/field-value.ts'
import type { Fields, InOf } from '../../bytes/index.ts'
import { type ClientCapabilities, clientCapabilities } from './capabilities.ts'
import { argsOf } from './channels.ts'
import { AmqpError } from './errors.ts'
import type { FrameCutter, Version } from './frame.ts'
import { agreed, type Tuning } from './tuning.ts'
import {
  type ArgsOf,
  ConnectionOpen,
  ConnectionSecure,
  ConnectionSecureOk,
  ConnectionStart,
  ConnectionStartOk,
  ConnectionTune,
  ConnectionTuneOk,
  type Method,
} from './wire/index.ts'

/** What the handshake tells. */
export interface HandshakeEvents {
  /** Feed `response` to `exchange`, and its step to `authenticated`. `response` is borrowed until the step ends. */
  authenticate(exchange: SaslExchange, response: Buffer): void
  /** The client asks for a virtual host: answer with `openOk` or `close`. */
  open(vhost: string): void
}

export interface HandshakeOptions {
  /** See `serverProperties`. */
  readonly properties: FieldTable
  /** Offered in this order. */
  readonly mechanisms: readonly SaslMechanism[]
  readonly begin: (mechanism: SaslMechanism) => SaslExchange
}

/** What a client said of itself in start-ok. */
export interface Client {
  readonly properties: FieldTable
  readonly capabilities: ClientCapabilities
  readonly mechanism: string
}

/** Sends a method on channel 0. */
export type Write = <F extends Fields>(method: Method<F>, args: InOf<F>) => void

type State =
  | { readonly at: 'header' }
  | { readonly at: 'start' }
  | { readonly at: 'login'; readonly exchange: SaslExchange }
  | { readonly at: 'secure'; readonly exchange: SaslExchange; readonly done?: Principal }
  | { readonly at: 'tune'; readonly principal: Principal }
  | { readonly at: 'open'; readonly principal: Principal }
  | { readonly at: 'opening'; readonly principal: Principal; readonly vhost: string }

export class Handshake {
  readonly #options: HandshakeOptions
  readonly #offer: Tuning
  readonly #frameMin: number
  readonly #events: HandshakeEvents
  readonly #write: Write
  #state: State = { at: 'header' }
  #client: Client | undefined
  #tuning: Tuning | undefined

  constructor(
    options: HandshakeOptions,
    { offer, frameMin }: { readonly offer: Tuning; readonly frameMin: number },
    events: HandshakeEvents,
    write: Write,
  ) {
    this.#options = options
    this.#offer = offer
    this.#frameMin = frameMin
    this.#events = events
    this.#write = write
  }

  get at(): State['at'] {
    return this.#state.at
  }
  /** Undefined before the login. */
  get principal(): Principal | undefined {
    return 'principal' in this.#state ? this.#state.principal : undefined
  }
  /** What connection.open asked for, once it did. */
  get opening(): { readonly principal: Principal; readonly vhost: string } | undefined {
    return this.#state.at === 'opening' ? this.#state : undefined
  }
  /** Undefined before start-ok. */
  get client(): Client | undefined {
    return this.#client
  }
  /** Undefined before tune-ok. */
  get tuning(): Tuning | undefined {
    return this.#tuning
  }

  /** The protocol header has come. */
  start({ major, minor }: Version): void {
    this.#state = { at: 'start' }
    this.#write(ConnectionStart, {
      versionMajor: major,
      versionMinor: minor,
      serverProperties: this.#options.properties,
      mechanisms: Buffer.from(this.#options.mechanisms.map(one => one.name).join(' ')),
      locales: Buffer.from('en_US'),
    })
  }

  /** A method on channel 0, in the cutter's current frame. Errors: AmqpError. */
  method(method: Method, cutter: FrameCutter): void {
    const state = this.#state
    if (state.at === 'start' && method === ConnectionStartOk)
      this.#startOk(argsOf(method, cutter) as ArgsOf<typeof ConnectionStartOk>)
    else if (state.at === 'secure' && method === ConnectionSecureOk)
      this.#secureOk(argsOf(method, cutter) as ArgsOf<typeof ConnectionSecureOk>, state)
    else if (state.at === 'tune' && method === ConnectionTuneOk)
      this.#tuneOk(argsOf(method, cutter) as Tuning, state.principal)
    else if (state.at === 'open' && method === ConnectionOpen)
      this.#open(argsOf(method, cutter) as ArgsOf<typeof ConnectionOpen>, state.principal)
    else throw unexpectedMethod(method, state.at)
  }

  /** The login's next step; gives the reason when it is refused. */
  authenticated(step: SaslStep): string | undefined {
    const state = this.#state
    if (state.at !== 'login') return undefined
    const { exchange } = state
    if (step.at === 'failed') return step.reason
    if (step.at === 'continue') this.#challenge({ at: 'secure', exchange }, step.challenge)
    else if (step.challenge === undefined) this.#tune(step.principal)
    else this.#challenge({ at: 'secure', exchange, done: step.principal }, step.challenge)
    return undefined
  }

  #startOk({ clientProperties, mechanism, response }: ArgsOf<typeof ConnectionStartOk>): void {
    const found = this.#options.mechanisms.find(one => one.name === mechanism)
    this.#client = {
      properties: clientProperties,
      capabilities: clientCapabilities(clientProperties),
      mechanism,
    }
    if (found === undefined)
      throw new AmqpError(
        'COMMAND_INVALID',
        `unknown authentication mechanism '${mechanism}'`,
        ConnectionStartOk,
      )
    this.#authenticate(this.#options.begin(found), response)
  }

  /** The last challenge of a login needs its answer, too, though that says nothing. */
  #secureOk(
    { response }: ArgsOf<typeof ConnectionSecureOk>,
    { exchange, done }: { readonly exchange: SaslExchange; readonly done?: Principal },
  ): void {
    if (done === undefined) this.#authenticate(exchange, response)
    else this.#tune(done)
  }

  #authenticate(exchange: SaslExchange, response: Buffer): void {
    this.#state = { at: 'login', exchange }
    this.#events.authenticate(exchange, response)
  }

  #challenge(state: State & { readonly at: 'secure' }, challenge: Buffer): void {
    this.#state = state
    this.#write(ConnectionSecure, { challenge })
  }

  #tune(principal: Principal): void {
    this.#state = { at: 'tune', principal }
    this.#write(ConnectionTune, this.#offer)
  }

  #tuneOk(answer: Tuning, principal: Principal): void {
    this.#tuning = agreed(this.#offer, answer, this.#frameMin)
    this.#state = { at: 'open', principal }
  }

  #open({ virtualHost: vhost }: ArgsOf<typeof ConnectionOpen>, principal: Principal): void {
    this.#state = { at: 'opening', principal, vhost }
    this.#events.open(vhost)
  }
}

/** Errors of the connection's order, as RabbitMQ words them. */
export function unexpectedMethod(method: Method, state: string): AmqpError {
  return new AmqpError('CHANNEL_ERROR', `unexpected method in connection state ${state}`, method)
}
