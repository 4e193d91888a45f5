// The machine of one connection. No I/O: bytes and times are handed in, what is to be sent is collected until `drain`, and what
// concerns the broker goes to the events in the order in which it came. The way in is handshake.ts, the channels channels.ts.
//
//   handshake ── an unknown header ──────> closed         "answers an unknown header with its own"
//   handshake ── a refused login ────────> closing(by us) "refuses a login by connection.close, ..."
//                                          or silent ── time ──> closed  "refuses a login silently, and late, otherwise"
//   handshake ── time ───────────────────> closed         "gives up a slow handshake"
//   handshake ── openOk ─────────────────> running        "logs in and opens"
//   any ── connection.close ─────────────> closing(by client) ── closeOk ──> closed    "a client closes the connection"
//   any ── close(error), hard errors ────> closing(by us) ── close-ok, or time ──> closed  "the server closes the connection"
//   running ── two heartbeats missed ────> closed         "gives up a silent peer"
//   any ── ended ────────────────────────> closed         "the network ends"
//                                                         (tests: session.test.ts, by these words)

import type { Principal, SaslStep } from '../../auth/index.ts'
import { type Fields, type InOf, Writer } from '../../bytes/index.ts'
import {
  argsOf,
  type ChannelEvents,
  Channels,
  type CloseArgs,
  type Closing,
  closingFor,
  closingFrom,
  methodOfFrame,
  unknownFrame,
} from './channels.ts'
import { AmqpError } from './errors.ts'
import {
  type Content,
  FRAME_OVERHEAD_BYTES,
  FrameCutter,
  frameTypes,
  preferredHeader,
  versionOf,
  writeContent,
  writeHeartbeat,
  writeMethod,
} from './frame.ts'
import {
  type Client,
  Handshake,
  type HandshakeEvents,
  type HandshakeOptions,
  unexpectedMethod,
} from './handshake.ts'
import { Heartbeat } from './heartbeat.ts'
import type { Limits } from './limits.ts'
import type { Tuning } from './tuning.ts'
import {
  ChannelClose,
  ChannelCloseOk,
  ChannelOpenOk,
  ConnectionClose,
  ConnectionCloseOk,
  ConnectionOpenOk,
  type Method,
} from './wire/index.ts'

/** What the session tells, besides what its handshake and its channels do. */
export interface SessionEvents extends HandshakeEvents, ChannelEvents {
  /** The connection ends, from the client when `closing.by` says so: then `closeOk` must follow. Nothing more comes. */
  closing(closing: Closing): void
  /** The last event: send what `drain` gives, then end the stream. `reason` is for the log. */
  closed(reason: string): void
}

export interface SessionOptions extends HandshakeOptions {
  readonly limits: Limits
}

type State =
  | { readonly at: 'handshake' }
  | { readonly at: 'running'; readonly principal: Principal; readonly vhost: string }
  | { readonly at: 'closing'; readonly by: 'client'; readonly reason: string }
  | {
      readonly at: 'closing'
      readonly by: 'server'
      readonly reason: string
      readonly until: number
      /** False when the stream of frames is broken, so that not even close-ok can be found in it. */
      readonly hears: boolean
    }
  | { readonly at: 'silent'; readonly reason: string; readonly until: number }
  | { readonly at: 'closed'; readonly reason: string }

export class Session {
  readonly #options: SessionOptions
  readonly #events: SessionEvents
  readonly #offer: Tuning
  readonly #cutter = new FrameCutter()
  readonly #handshake: Handshake
  readonly #channels: Channels
  readonly #beganAt: number
  #state: State = { at: 'handshake' }
  #heartbeat: Heartbeat
  #out: Writer | undefined
  /** About as many bytes as the last turns had to say: a buffer that fits is not copied into a larger one. */
  #expectedBytes = 0
  #isReading = false

  constructor(options: SessionOptions, events: SessionEvents, nowMs: number) {
    const { limits } = options
    this.#options = options
    this.#events = events
    this.#beganAt = nowMs
    this.#heartbeat = new Heartbeat(0, nowMs)
    this.#offer = {
      channelMax: limits.channelMax,
      frameMax: limits.frameBytesMax,
      heartbeat: limits.heartbeatSeconds,
    }
    this.#handshake = new Handshake(
      options,
      { offer: this.#offer, frameMin: limits.frameBytesMin },
      events,
      (method, args) => this.#write(0, method, args),
    )
    this.#channels = new Channels(this.#channelPort(), events)
  }

  /** Where the connection is; in the handshake, where that is. */
  get at(): State['at'] | Handshake['at'] {
    return this.#state.at === 'handshake' ? this.#handshake.at : this.#state.at
  }
  /** Undefined before the login. */
  get principal(): Principal | undefined {
    return this.#handshake.principal
  }
  /** Undefined before the connection runs, and after. */
  get vhost(): string | undefined {
    return this.#state.at === 'running' ? this.#state.vhost : undefined
  }
  /** Undefined before start-ok. */
  get client(): Client | undefined {
    return this.#handshake.client
  }
  /** What was agreed upon; what is offered, before that. */
  get tuning(): Tuning {
    return this.#handshake.tuning ?? this.#offer
  }
  get channelCount(): number {
    return this.#channels.size
  }
  /** Bytes of unfinished frames and messages. */
  get heldBytes(): number {
    return this.#cutter.heldBytes + this.#channels.heldBytes
  }
  /** Whether an answer is waited for, so that the peer need not be read from. */
  get isPaused(): boolean {
    return this.at === 'login' || this.at === 'opening'
  }
  /** Bytes that wait for `drain`. */
  get unsentBytes(): number {
    return this.#out?.bytes ?? 0
  }
  /** When `tick` should be called next, ms; undefined for never. */
  get wakeAt(): number | undefined {
    const state = this.#state
    if (state.at === 'closed') return undefined
    if (this.#isHandshaking) return this.#handshakeUntil
    return 'until' in state ? state.until : this.#heartbeat.wakeAt
  }

  /** Bytes of the peer. The chunk is kept until its frames are cut, and what events get may share its memory. */
  receive(chunk: Buffer, nowMs: number): void {
    const state = this.#state
    if (state.at === 'closed' || state.at === 'silent' || ('hears' in state && !state.hears)) return
    this.#heartbeat.received(nowMs)
    this.#cutter.push(chunk)
    if (this.isPaused) this.#checkAhead(nowMs)
    this.#read(nowMs)
  }

  /** The step that the exchange gave for the response of `authenticate`. */
  authenticated(step: SaslStep, nowMs: number): void {
    if (this.#state.at !== 'handshake') return
    const refusal = this.#handshake.authenticated(step)
    if (refusal !== undefined) this.#refuseLogin(refusal, nowMs)
    this.#read(nowMs)
  }

  /** The virtual host is there, and the client may use it. */
  openOk(nowMs: number): void {
    const { opening } = this.#handshake
    if (this.#state.at !== 'handshake' || opening === undefined) return
    this.#state = { at: 'running', principal: opening.principal, vhost: opening.vhost }
    this.#write(0, ConnectionOpenOk, {})
    this.#read(nowMs)
  }

  /** Sends a method on an open channel, or on channel 0 of a running connection; false when it is not open. */
  send<F extends Fields>(channel: number, method: Method<F>, args: InOf<F>): boolean {
    if (!this.#isOpen(channel)) return false
    this.#write(channel, method, args)
    return true
  }

  /** The same with content. Errors: RESOURCE_ERROR when the properties do not fit into a frame of this connection. */
  sendContent<F extends Fields>(
    channel: number,
    method: Method<F>,
    args: InOf<F>,
    content: Content,
  ): boolean {
    if (!this.#isOpen(channel)) return false
    writeContent(this.#writer(), channel, method, args, content, this.tuning.frameMax)
    return true
  }

  /** Closes a channel, or the connection where the error is hard or the channel is 0. */
  fail(channel: number, error: AmqpError, nowMs: number): void {
    if (channel !== 0 && error.scope === 'soft') this.closeChannel(channel, error)
    else this.close(error, nowMs)
  }

  /** Sends channel.close; everything but its answer is dropped from now on. Nothing happens unless the channel is open. */
  closeChannel(channel: number, error: AmqpError): void {
    if (this.#state.at === 'running') this.#channels.close(channel, error)
  }

  /** Answers the client's channel.close. */
  channelCloseOk(channel: number): void {
    if (this.#state.at === 'running') this.#channels.closeOk(channel)
  }

  /** Sends connection.close and waits for its answer. Nothing happens when the connection ends already. */
  close(error: AmqpError, nowMs: number): void {
    this.#close(error, nowMs, error.text, true)
  }

  /** Answers the client's connection.close. */
  closeOk(): void {
    const state = this.#state
    if (state.at !== 'closing' || state.by !== 'client') return
    this.#write(0, ConnectionCloseOk, {})
    this.#end(state.reason)
  }

  /** The stream ended or broke. */
  ended(reason: string): void {
    this.#end(reason)
  }

  /** Time passes: call it at `wakeAt` or later. */
  tick(nowMs: number): void {
    const state = this.#state
    if (state.at === 'closed') return
    if (this.#isHandshaking) {
      if (nowMs >= this.#handshakeUntil)
        this.#end(`the handshake took longer than ${this.#options.limits.handshakeMsMax} ms`)
    } else if ('until' in state) {
      if (nowMs >= state.until) this.#end(state.reason)
    } else this.#beat(nowMs)
  }

  /** What is to be sent, which counts as sent now. Empty when there is nothing. */
  drain(nowMs: number): readonly Buffer[] {
    const out = this.#out
    if (out === undefined) return []
    this.#out = undefined
    this.#expectedBytes = Math.min(Math.max(out.bytes, this.#expectedBytes >> 1), FIRST_BYTES_MAX)
    this.#heartbeat.sent(nowMs)
    return out.finish()
  }

  /** Cuts frames and hands them on, as long as the state allows it. Not entered again from within an event. */
  #read(nowMs: number): void {
    if (this.#isReading) return
    this.#isReading = true
    try {
      if (this.at === 'header') this.#readHeader()
      while (this.#isListening() && this.#nextFrame(nowMs)) this.#frame(nowMs)
    } finally {
      this.#isReading = false
    }
  }

  #isListening(): boolean {
    const state = this.#state
    if (state.at === 'handshake') return this.#handshake.at !== 'header' && !this.isPaused
    return state.at === 'running' || (state.at === 'closing' && !('hears' in state && !state.hears))
  }

  /** Whether the client's time for the handshake runs; that of the virtual host's answer is not the client's. */
  get #isHandshaking(): boolean {
    return this.#state.at === 'handshake' && this.#handshake.at !== 'opening'
  }
  get #handshakeUntil(): number {
    return this.#beganAt + this.#options.limits.handshakeMsMax
  }

  /** A frame that cannot be cut leaves nothing that could be read after it. */
  #nextFrame(nowMs: number): boolean {
    try {
      return this.#cutter.next(this.#frameBytesMax)
    } catch (error) {
      if (!(error instanceof AmqpError)) throw error
      this.#close(error, nowMs, error.text, false)
      return false
    }
  }

  /** Even where no limit was agreed upon, what is held in memory has one. */
  get #frameBytesMax(): number {
    const { limits } = this.#options
    const { tuning } = this.#handshake
    if (tuning === undefined) return limits.frameBytesBeforeTuneMax
    return tuning.frameMax || limits.messageBytesMax + FRAME_OVERHEAD_BYTES
  }

  #frame(nowMs: number): void {
    const cutter = this.#cutter
    const { channel } = cutter
    try {
      if (cutter.type === frameTypes.heartbeat) checkHeartbeat(cutter)
      else if (channel === 0) this.#connectionFrame(nowMs)
      else if (this.#state.at === 'running') this.#channels.frame(cutter)
      else if (this.#state.at !== 'closing')
        throw new AmqpError(
          'UNEXPECTED_FRAME',
          `a frame on channel ${channel} came before connection.open-ok`,
        )
    } catch (error) {
      if (!(error instanceof AmqpError)) throw error
      this.fail(channel, error, nowMs)
    }
  }

  #connectionFrame(nowMs: number): void {
    const cutter = this.#cutter
    const isClosing = this.#state.at === 'closing'
    if (cutter.type !== frameTypes.method) {
      if (isClosing) return
      if (cutter.type !== frameTypes.header && cutter.type !== frameTypes.body)
        throw unknownFrame(cutter.type)
      throw new AmqpError('UNEXPECTED_FRAME', 'content came on channel 0')
    }
    const method = methodOfFrame(cutter)
    if (isClosing) this.#whileClosing(method)
    else if (method === ConnectionClose) this.#closedByClient(argsOf(method, cutter) as CloseArgs)
    else if (this.#state.at === 'handshake') this.#handshakeMethod(method, nowMs)
    else if (isLater(method)) this.#events.method(0, method, argsOf(method, cutter))
    else throw unexpectedMethod(method, this.#state.at)
  }

  /** Heartbeats begin with tune-ok, which says how often. */
  #handshakeMethod(method: Method, nowMs: number): void {
    const { tuning } = this.#handshake
    this.#handshake.method(method, this.#cutter)
    if (tuning === undefined && this.#handshake.tuning !== undefined)
      this.#heartbeat = new Heartbeat(this.#handshake.tuning.heartbeat, nowMs)
  }

  #readHeader(): void {
    const header = this.#cutter.protocolHeader()
    if (header === undefined) return
    const version = versionOf(header)
    if (version === undefined) {
      this.#writer().raw(preferredHeader)
      this.#end(
        `the client began with the bytes ${header.toString('hex')}, which are no header of AMQP 0-9-1`,
      )
    } else this.#handshake.start(version)
  }

  #refuseLogin(reason: string, nowMs: number): void {
    const mechanism = this.client?.mechanism
    const error = new AmqpError(
      'ACCESS_REFUSED',
      `Login was refused using authentication mechanism ${mechanism}. For details see the broker logfile.`,
    )
    const why = `the login was refused: ${reason}`
    if (this.client?.capabilities.authenticationFailureClose) this.#close(error, nowMs, why, true)
    else this.#state = { at: 'silent', reason: why, until: nowMs + this.#options.limits.silentCloseMs }
  }

  #checkAhead(nowMs: number): void {
    const { bytesAheadMax } = this.#options.limits
    if (this.#cutter.heldBytes <= bytesAheadMax) return
    const held = this.#cutter.heldBytes
    const message = `${held} bytes came ahead of an answer, allowed are ${bytesAheadMax}`
    this.close(new AmqpError('RESOURCE_ERROR', message), nowMs)
  }

  #closedByClient(args: CloseArgs): void {
    const closing = closingFrom(args)
    this.#state = {
      at: 'closing',
      by: 'client',
      reason: `the client closed: ${closing.code} ${closing.text}`,
    }
    this.#events.closing(closing)
  }

  /** Only the two closes count any more; the client's is answered even if ours is under way. */
  #whileClosing(method: Method): void {
    const state = this.#state
    if (state.at !== 'closing' || state.by !== 'server') return
    if (method === ConnectionClose) this.#write(0, ConnectionCloseOk, {})
    else if (method === ConnectionCloseOk) this.#end(state.reason)
  }

  #close(error: AmqpError, nowMs: number, reason: string, hears: boolean): void {
    const { at } = this.#state
    if (at === 'closed' || at === 'silent') return
    if (at === 'closing') {
      if (!hears) this.#end(`${reason}, while the connection was being closed`)
      return
    }
    const closing = closingFor(error)
    const until = nowMs + this.#options.limits.closeMsMax
    this.#state = { at: 'closing', by: 'server', reason, until, hears }
    this.#write(0, ConnectionClose, closeArgs(closing))
    this.#events.closing(closing)
  }

  #beat(nowMs: number): void {
    const pulse = this.#heartbeat.at(nowMs)
    if (pulse === 'beat') writeHeartbeat(this.#writer())
    else if (pulse === 'dead') this.#end(`no sign of life for two heartbeats of ${this.tuning.heartbeat} s`)
  }

  #end(reason: string): void {
    if (this.#state.at === 'closed') return
    this.#state = { at: 'closed', reason }
    this.#events.closed(reason)
  }

  #isOpen(channel: number): boolean {
    return this.#state.at === 'running' && (channel === 0 || this.#channels.isOpen(channel))
  }

  #write<F extends Fields>(channel: number, method: Method<F>, args: InOf<F>): void {
    writeMethod(this.#writer(), channel, method, args)
  }

  #writer(): Writer {
    this.#out ??= new Writer(Math.max(FIRST_BYTES_MIN, this.#expectedBytes))
    return this.#out
  }

  #channelPort() {
    return {
      channelMax: () => this.tuning.channelMax || CHANNEL_NUMBER_MAX,
      messageBytesMax: this.#options.limits.messageBytesMax,
      openOk: (channel: number) => this.#write(channel, ChannelOpenOk, {}),
      close: (channel: number, closing: Closing) => this.#write(channel, ChannelClose, closeArgs(closing)),
      closeOk: (channel: number) => this.#write(channel, ChannelCloseOk, {}),
    }
  }
}

function closeArgs({ code, text, classId, methodId }: Closing): CloseArgs {
  return { replyCode: code, replyText: text, classId, methodId }
}

/** Room that is asked for at first for what a turn has to say. */
const FIRST_BYTES_MIN = 512
const FIRST_BYTES_MAX = 65_536

/** What the field holds, where no limit was agreed upon. */
const CHANNEL_NUMBER_MAX = 0xffff
const CONNECTION_CLASS = 10
const BLOCKED_ID = 60

/** What a client may send once it is running: RabbitMQ's blocked, unblocked and update-secret. */
function isLater(method: Method): boolean {
  return method.classId === CONNECTION_CLASS && method.methodId >= BLOCKED_ID && method.from !== 'server'
}

function checkHeartbeat({ channel, start, end }: FrameCutter): void {
  if (channel !== 0) throw new AmqpError('UNEXPECTED_FRAME', `a heartbeat came on channel ${channel}`)
  if (end > start) throw new AmqpError('FRAME_ERROR', `a heartbeat has ${end - start} bytes of payload`)
}
