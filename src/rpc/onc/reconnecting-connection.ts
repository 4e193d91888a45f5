// Calls over a stream that is opened anew when it is lost. Calls that wait for answers are then sent again as they were, with
// their old xids: a server with a reply cache for streams (`replyCache: true`) carries each out once all the same, any other
// may carry it out again. One-way calls that were on their way are lost.

import { type Deferred, deferred } from '../../flow/index.ts'
import { errorCodeOf, type Stream } from '../../transport/index.ts'
import type { Timer } from '../../world/index.ts'
import { hold, release } from '../../world/keep-alive.ts'
import type { Program } from '../program.ts'
import { Calls } from './calls.ts'
import { type CallingParts, callingParts, type OncOpenOptions } from './connect-options.ts'
import type { OncClientOf, OncConnection } from './connection.ts'
import { OncError } from './errors.ts'
import { inTime } from './in-time.ts'
import { oncLimits } from './limits.ts'
import { RecordOutbox } from './outbox.ts'
import { RecordSplitter } from './record.ts'
import { broken } from './stream-connection.ts'

type State =
  | { readonly at: 'connected'; readonly stream: Stream; readonly outbox: RecordOutbox }
  | { readonly at: 'waiting'; readonly timer: Timer }
  | { readonly at: 'connecting' }
  | { readonly at: 'closed' }

export class ReconnectingConnection implements OncConnection {
  readonly #address: string
  readonly #options: OncOpenOptions
  readonly #parts: CallingParts
  readonly #dial: (signal: AbortSignal) => Promise<Stream>
  readonly #calls: Calls
  readonly #closing = new AbortController()
  #state: State
  /** Tries since the last answer. */
  #tries = 0
  /** Resolves when there is a connection again, or never will be. */
  #connected: Deferred<void> | undefined

  /** `dial` opens another stream. */
  constructor(
    stream: Stream,
    address: string,
    options: OncOpenOptions,
    dial: (signal: AbortSignal) => Promise<Stream>,
  ) {
    this.#address = address
    this.#options = options
    this.#dial = dial
    this.#parts = callingParts(options)
    this.#state = this.#connectedBy(stream)
    const send = (record: readonly Buffer[]) =>
      this.#state.at === 'connected' ? this.#state.outbox.addMade(record) : undefined
    const connected = () => this.#connected?.promise
    this.#calls = new Calls({ ...this.#parts, address, send, connected, resendMs: undefined, keeps: true })
    void this.#read(stream)
  }

  client<G extends Program>(program: G): OncClientOf<G> {
    return this.#calls.client(program)
  }

  async close(): Promise<void> {
    const state = this.#state
    this.#end(new OncError('RPC_CLOSED', this.#address))
    this.#closing.abort()
    if (state.at === 'waiting') {
      state.timer.cancel()
      release()
    }
    if (state.at !== 'connected') return
    state.outbox.flush()
    await inTime(state.stream.close(), this.#options)
    state.stream.abort()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #read(stream: Stream): Promise<void> {
    const answered = (record: Buffer): void => {
      this.#tries = 0
      this.#calls.answered(record)
    }
    const splitter = new RecordSplitter(answered, this.#options.recordBytesMax)
    try {
      for await (const chunk of stream.bytes) splitter.push(chunk)
    } catch (error) {
      const reason = broken(error, this.#address)
      if (reason.code !== 'RPC_CONNECTION_LOST') return this.#fail(stream, reason)
    }
    stream.abort()
    if (this.#state.at === 'connected' && this.#state.stream === stream) this.#again()
  }

  /** Who does not keep to the protocol will not do so next time. */
  #fail(stream: Stream, reason: OncError): void {
    stream.abort(reason)
    this.#end(reason)
  }

  #end(reason: OncError): void {
    if (this.#state.at === 'closed') return
    this.#state = { at: 'closed' }
    this.#calls.end(reason)
    this.#connected?.resolve()
  }

  /** Keeps the process in the pause, too, as the connection does. */
  #again(): void {
    hold()
    this.#connected ??= deferred()
    const ms = Math.min(oncLimits.reconnectMs * 2 ** this.#tries++, oncLimits.reconnectMsMax)
    const jitter = 0.5 + this.#parts.world.random() / 2
    const timer = this.#parts.world.after(ms * jitter, () => {
      release()
      void this.#connect()
    })
    this.#state = { at: 'waiting', timer }
  }

  async #connect(): Promise<void> {
    this.#state = { at: 'connecting' }
    try {
      const stream = await this.#dial(this.#closing.signal)
      if (this.#closing.signal.aborted) return stream.abort()
      this.#state = this.#connectedBy(stream)
      this.#calls.sendAgain()
      this.#connected?.resolve()
      this.#connected = undefined
      void this.#read(stream)
    } catch (error) {
      if (this.#closing.signal.aborted) return
      const mayPass = error instanceof OncError || errorCodeOf(error) !== undefined
      if (mayPass) this.#again()
      else this.#end(broken(error, this.#address))
    }
  }

  #connectedBy(stream: Stream): State {
    const outbox = new RecordOutbox(stream, () => this.#calls.inFlight)
    return { at: 'connected', stream, outbox }
  }
}
