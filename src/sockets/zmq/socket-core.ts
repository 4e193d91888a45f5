// A socket without its face: endpoints, pipes, a pattern, and whoever waits. The classes of `zeromq` are thin over it, and
// proxies, ZAP and observers use it as it is.
//
// Calls: what can be done now is done now and answered with a promise that is there already; the rest waits in order. The
// original refuses a second waiting call with EBUSY; here many may wait, up to a bound.

import { type Deferred, deferred } from '../../flow/index.ts'
import type { TlsClientOptions, TlsServerOptions } from '../../transport/index.ts'
import type { World } from '../../world/index.ts'
import { hold, release } from '../../world/keep-alive.ts'
import type { ContextCore } from './context-core.ts'
import type { Dialer } from './dialer.ts'
import { Endpoints } from './endpoints.ts'
import { ZmqError } from './errors.ts'
import type { ZmqEvent } from './events.ts'
import { forgetAtExit } from './exit.ts'
import { failure } from './failure.ts'
import { InprocPipe } from './inproc.ts'
import type { LinkEnd, LinkSetup } from './link.ts'
import { bytesOf, type Frames, frameOf } from './message.ts'
import { initialOptions, type SocketOptionValues } from './options.ts'
import { typeName } from './patterns/index.ts'
import type {
  MessageDetails,
  Pattern,
  PatternContext,
  PatternDefinition,
  Received,
} from './patterns/pattern.ts'
import type { Pipe, PipeOptions, PipeOwner } from './pipe.ts'
import { RemotePipe } from './remote-pipe.ts'
import { isServer, mechanismOf, openMechanism } from './security/choice.ts'
import type { Question, Verdict } from './security/mechanism.ts'
import { isTurnOver, nextTurn } from './turn.ts'
import type { UdpDialer } from './udp.ts'
import { notYet, WaitingCalls } from './waiting-calls.ts'
import { metadataBytes } from './wire/command.ts'

interface Outgoing {
  readonly frames: Frames
  readonly details: MessageDetails
}

const sent = Promise.resolve()
const noDetails: MessageDetails = {}

export class SocketCore implements PipeOwner, PatternContext {
  readonly definition: PatternDefinition
  readonly context: ContextCore
  readonly options: SocketOptionValues
  /** For tls and wss, our own transports. */
  readonly tls: { client?: TlsClientOptions; server?: TlsServerOptions } = {}
  readonly #pattern: Pattern
  readonly #pipes = new Set<Pipe>()
  readonly #endpoints = new Endpoints(this)
  readonly #observers = new Set<(event: ZmqEvent) => void>()
  readonly #receivers: WaitingCalls<undefined, Received>
  readonly #senders: WaitingCalls<Outgoing, void>
  #state: 'open' | 'closed' = 'open'
  #closing: Promise<void> | undefined
  /** Binds and unbinds that are under way: as in the original, closing waits for them. */
  #opening = 0
  /** At the end of the process `linger` has passed. */
  #hasLingered = false
  /** Set when `close` was called meanwhile. */
  #afterOpening: Deferred<void> | undefined
  /** Given to the next `connect`: a ROUTER's or STREAM's name for the peer. */
  connectRoutingId: Buffer | undefined

  constructor(definition: PatternDefinition, context: ContextCore) {
    this.definition = definition
    this.context = context
    this.options = initialOptions()
    if (!context.blocky || definition.linger === 0) this.options.linger = 0
    this.options.ipv6 = context.ipv6
    this.#receivers = new WaitingCalls(context.world, 'reading')
    this.#senders = new WaitingCalls(context.world, 'writing')
    this.#pattern = definition.open(this)
    context.add(this)
  }

  get world(): World {
    return this.context.world
  }
  get isClosed(): boolean {
    return this.#state === 'closed'
  }
  /** Of places that were bound or connected. */
  get endpointCount(): number {
    return this.#endpoints.count + this.#opening
  }
  /** What was bound or connected last. */
  get lastEndpoint(): string | null {
    return this.#endpoints.last
  }
  /** Peers that are there, or were and have left messages. */
  get peers(): number {
    return this.#pipes.size
  }
  get canReceive(): boolean {
    return !this.isClosed && this.definition.receives && this.#pattern.canReceive
  }
  get canSend(): boolean {
    return !this.isClosed && this.definition.sends && this.#senders.size === 0 && this.#pattern.canSend
  }

  // Messages.

  /** Resolves when the message is queued, or dropped where the pattern says so. Errors: ZmqError. */
  send(frames: Frames, details: MessageDetails = noDetails): Promise<void> {
    try {
      this.checkOpen()
      if (!this.definition.isMultipart && frames.length !== 1) throw new ZmqError('EINVAL')
      if (this.context.limitsMessages && bytesOf(frames) > this.context.maxMessageSize)
        throw new ZmqError('EMSGSIZE')
      if (this.#senders.size === 0 && this.#pattern.send(frames, details) === 'sent')
        return isTurnOver() || this.#pattern.pressure === true ? nextTurn() : sent
      return this.#senders.wait({ frames, details }, this.options.sendTimeout)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Sends without waiting; false when nobody has room. For proxies. Errors: ZmqError. */
  sendNow(frames: Frames): boolean {
    return this.#senders.size === 0 && this.#pattern.send(frames, noDetails) === 'sent'
  }

  wakeSenders(): void {
    if (!this.#senders.serve(this.#sendNext)) return
    for (const wake of this.#onWritable) wake()
  }

  readonly #sendNext = ({ frames, details }: Outgoing): undefined | typeof notYet =>
    this.#pattern.send(frames, details) === 'full' ? notYet : undefined

  /** The next message. Errors: ZmqError. */
  receive(): Promise<Received> {
    try {
      this.checkOpen()
      if (this.#receivers.size === 0) {
        const message = this.#pattern.receive()
        if (message !== undefined)
          return isTurnOver() ? nextTurn().then(() => message) : Promise.resolve(message)
      }
      return this.#receivers.wait(undefined, this.options.receiveTimeout)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** The next message that is there, or undefined. Errors: ZmqError. */
  receiveNow(): Received | undefined {
    return this.#pattern.receive()
  }

  wakeReceivers(): void {
    if (!this.#receivers.serve(this.#receiveNext)) return
    for (const wake of this.#onReadable) wake()
  }

  readonly #receiveNext = (): Received | typeof notYet => this.#pattern.receive() ?? notYet

  /** For proxies: called when something can be read or written that could not before. */
  readonly #onReadable = new Set<() => void>()
  readonly #onWritable = new Set<() => void>()

  watch(wake: () => void): () => void {
    this.#onReadable.add(wake)
    this.#onWritable.add(wake)
    return () => {
      this.#onReadable.delete(wake)
      this.#onWritable.delete(wake)
    }
  }

  subscribe(isOn: boolean, prefix: Buffer): void {
    this.checkOpen()
    if (this.#pattern.subscribe === undefined) throw new ZmqError('EINVAL')
    this.#pattern.subscribe(isOn, prefix)
  }

  join(isIn: boolean, group: Buffer): void {
    this.checkOpen()
    if (this.#pattern.join === undefined) throw new ZmqError('EINVAL')
    this.#pattern.join(isIn, group)
  }

  // Endpoints.

  /** Errors: ZmqError with the address. */
  bind(text: string): Promise<void> {
    return this.#whileOpen(() => this.#endpoints.bind(text))
  }

  async #whileOpen(run: () => Promise<void>): Promise<void> {
    this.checkOpen()
    this.#opening++
    hold()
    try {
      await run()
    } finally {
      release()
      if (--this.#opening === 0 && this.#afterOpening !== undefined) {
        this.#state = 'closed' // before whoever waits for `run` goes on
        this.#afterOpening.resolve()
      }
    }
  }

  /** Errors: ZmqError ENOENT. */
  unbind(text: string): Promise<void> {
    return this.#whileOpen(() => this.#endpoints.unbind(text))
  }

  /** Errors: ZmqError with the address. */
  connect(text: string): void {
    this.checkOpen()
    this.#endpoints.connect(text)
  }

  /** Errors: ZmqError ENOENT. */
  disconnect(text: string): void {
    this.checkOpen()
    this.#endpoints.disconnect(text)
  }

  forgetDialer(dialer: Dialer | UdpDialer): void {
    this.#endpoints.forget(dialer)
  }

  // What bindings and dialers ask.

  pipeOptions(): PipeOptions {
    const { options } = this
    return {
      send: { messages: options.sendHighWaterMark, bytes: options.sendHighWaterMarkBytes },
      receive: { messages: options.receiveHighWaterMark, bytes: options.receiveHighWaterMarkBytes },
      conflate: options.conflate,
    }
  }

  /** New marks hold for peers that are there, too (since libzmq 4.2). */
  marksChanged(): void {
    const { receive, send } = this.pipeOptions()
    for (const pipe of this.#pipes) {
      pipe.setSendMarks(send)
      pipe.setReceiveMarks(receive)
    }
  }

  inprocPipe(): InprocPipe {
    return new InprocPipe(this, this.pipeOptions(), this.routingId)
  }

  get routingId(): Buffer {
    const { routingId } = this.options
    return routingId === null || !this.definition.hasRoutingId ? Buffer.alloc(0) : frameOf(routingId)
  }

  streamOptions(): {
    readonly keepAlive?: { readonly initialDelayMs: number }
    readonly keepsProcess: false
  } {
    const { tcpKeepalive, tcpKeepaliveIdle } = this.options
    const keepAlive = { initialDelayMs: Math.max(0, tcpKeepaliveIdle) * 1000 }
    return { keepsProcess: false, ...(tcpKeepalive === 1 && { keepAlive }) }
  }

  linkSetup(_endpoint: string): LinkSetup {
    const { definition, options } = this
    const asksZap = this.context.zap.isAsked(options)
    const properties: [string, Buffer][] = [['Socket-Type', Buffer.from(definition.name)]]
    if (definition.hasRoutingId) properties.push(['Identity', this.routingId])
    const metadata = metadataBytes(properties)
    const { heartbeatInterval, heartbeatTimeout, heartbeatTimeToLive } = options
    return {
      world: this.world,
      mechanism: openMechanism(options, { metadata, asksZap }),
      isServer: isServer(options),
      socketId: definition.id,
      allowed: definition.peers,
      typeOf: typeName,
      routingId: this.routingId,
      needsVersion3: mechanismOf(options) !== 'NULL' || asksZap,
      maxMessageSize: options.maxMessageSize,
      handshakeMs: options.handshakeInterval,
      heartbeat: {
        intervalMs: heartbeatInterval,
        ttlMs: heartbeatTimeToLive,
        timeoutMs: heartbeatTimeout < 0 ? heartbeatInterval : heartbeatTimeout,
      },
    }
  }

  askZap(question: Question, address: string, routingId: Buffer): Promise<Verdict> {
    return this.context.zap.ask(question, {
      domain: this.options.zapDomain ?? '',
      address,
      routingId,
    })
  }

  // Pipes.

  owns(pipe: Pipe): boolean {
    return this.#pipes.has(pipe)
  }

  attach(pipe: Pipe, isOurs: boolean): void {
    if (this.isClosed) return void pipe.close(0)
    this.#pipes.add(pipe)
    this.#pattern.attach(pipe, isOurs)
  }

  readable(pipe: Pipe): void {
    this.#pattern.readable(pipe)
  }
  writable(pipe: Pipe): void {
    this.#pattern.writable(pipe)
  }
  arrived(pipe: Pipe, frames: Frames): boolean {
    return this.#pattern.arrived?.(pipe, frames) ?? false
  }
  subscription(pipe: Pipe, isOn: boolean, prefix: Buffer): void {
    this.#pattern.subscription?.(pipe, isOn, prefix)
  }
  group(pipe: Pipe, isIn: boolean, group: Buffer): void {
    this.#pattern.group?.(pipe, isIn, group)
  }
  renewed(pipe: Pipe): void {
    this.#pattern.renewed?.(pipe)
  }
  ending(pipe: Pipe): void {
    this.#pattern.ending?.(pipe)
  }
  gone(pipe: Pipe): void {
    this.#pipes.delete(pipe)
    this.#endpoints.pipeGone(pipe)
    this.#pattern.detach(pipe)
  }
  refuse(pipe: Pipe): void {
    void pipe.close(0)
  }

  // Events.

  observe(observer: (event: ZmqEvent) => void): () => void {
    this.#observers.add(observer)
    return () => this.#observers.delete(observer)
  }

  emit(event: ZmqEvent): void {
    for (const observer of this.#observers) observer(event)
  }

  /** Tells observers how a connection ended. */
  reportEnd(address: string, how: LinkEnd): void {
    switch (how.at) {
      case 'closed':
        return
      case 'flaw':
        if (!how.hadPeer) this.emit({ type: 'handshake:error:protocol', address, error: how.error })
        this.emit({ type: 'disconnect', address })
        return
      case 'refused':
        this.emit({ type: 'handshake:error:auth', address, error: how.error })
        this.emit({ type: 'disconnect', address })
        return
      case 'broken':
        if (!how.hadPeer)
          this.emit({
            type: 'handshake:error:other',
            address,
            error: failure(how.error, { otherwise: 'EPIPE' }),
          })
        this.emit({ type: 'disconnect', address })
        return
    }
  }

  // The end.

  checkOpen(): void {
    if (this.#closing !== undefined) throw new ZmqError(this.context.isClosed ? 'EFAULT' : 'EBADF')
  }

  /** Ends; what waits to be sent is sent within `linger`. Resolves when that has been done. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAfterOpening()
    return this.#closing
  }

  async #closeAfterOpening(): Promise<void> {
    hold()
    try {
      if (this.#opening > 0) {
        this.#afterOpening = deferred()
        await this.#afterOpening.promise
      }
      this.#state = 'closed'
      await this.#close()
    } finally {
      release()
    }
  }

  /**
   * The process would end now, though this socket is open: what waits to be sent is sent, within `linger`, as ending a
   * context of libzmq's does. Undefined when nothing waits, or has waited that long.
   */
  finish(): Promise<void> | undefined {
    const { linger } = this.options
    const waiting = [...this.#pipes].flatMap(pipe =>
      pipe instanceof RemotePipe && pipe.unsent > 0 ? pipe : [],
    )
    if (this.#hasLingered || linger === 0 || waiting.length === 0) return undefined
    const over = deferred()
    const timer = linger > 0 ? this.world.after(linger, () => over.resolve()) : undefined
    void Promise.all(waiting.map(pipe => pipe.emptied())).then(() => over.resolve())
    return over.promise.then(() => {
      timer?.cancel()
      this.#hasLingered = waiting.some(pipe => pipe.unsent > 0)
    })
  }

  async #close(): Promise<void> {
    const { linger } = this.options
    this.#receivers.giveUpAll()
    this.#senders.giveUpAll()
    for (const wake of this.#onReadable) wake()
    const inproc = [...this.#pipes].flatMap(pipe => (pipe instanceof InprocPipe ? pipe : []))
    const stopped = this.#endpoints.stop(linger)
    await Promise.all([...inproc.map(pipe => pipe.close()), stopped])
    this.#pattern.closed()
    this.emit({ type: 'end' })
    this.#observers.clear()
    this.context.remove(this)
    forgetAtExit(this)
  }
}
