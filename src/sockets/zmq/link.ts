// One live connection: carrier, engine, timers, and the pipe that it serves once the handshake is through.
//
//   greeting --peer's version--> handshaking --ready--> traffic --end of stream, flaw, silence, close--> ended
//
// Writing: `write` collects; what one turn has written goes out when the turn ends or `batches.flushBytes` are there. When
// the stream asks to wait, `isOpen` is false until it has drained, and whoever writes keeps its messages.

import { type FlowingStream, isFlowing, type MessageStream, type Stream } from '../../transport/index.ts'
import type { Timer, World } from '../../world/index.ts'
import { type Carrier, StreamCarrier, WsCarrier, zwsFrame } from './carrier.ts'
import { Engine, type EngineListener, type PeerInfo } from './engine.ts'
import { type AuthenticationError, ProtocolError, ZmqError } from './errors.ts'
import { batches } from './limits.ts'
import type { Frames } from './message.ts'
import type { Mechanism, MechanismName, Question, Verdict } from './security/mechanism.ts'
import { command } from './wire/command.ts'
import { COMMAND, FrameReader } from './wire/frame-reader.ts'
import { type Greeted, GreetingReader, greetingRest, greetingRest2, greetingStart } from './wire/greeting.ts'
import { ZWS_BARE } from './ws-protocols.ts'

/** What a link serves. */
export interface LinkPipe {
  received(frames: Frames): void
  subscription(isOn: boolean, prefix: Buffer): void
  group(isIn: boolean, group: Buffer): void
  /** The stream has drained. */
  drained(): void
  /** Undefined when more may be read. */
  room(): Promise<void> | undefined
}

/** Who starts links: a dialer or a listener. */
export interface LinkOwner {
  /** The handshake is through: gives the pipe, or undefined to refuse the peer. */
  ready(link: Link, peer: PeerInfo): LinkPipe | undefined
  /** Asks the ZAP handler; undefined when there is none. */
  ask(question: Question, link: Link): Promise<Verdict>
  /** Called once. `hadPeer`: the handshake was through. */
  ended(link: Link, how: LinkEnd): void
}

export type LinkEnd =
  | { readonly at: 'closed' }
  | { readonly at: 'broken'; readonly error: Error; readonly hadPeer: boolean }
  | { readonly at: 'flaw'; readonly error: ProtocolError; readonly hadPeer: boolean }
  | { readonly at: 'refused'; readonly error: AuthenticationError; readonly hadPeer: boolean }

export interface LinkSetup {
  readonly world: World
  readonly mechanism: Mechanism
  /** In the greeting: PLAIN and CURVE have a server. */
  readonly isServer: boolean
  /** Of our socket: number for 2.0, and what peers may be. */
  readonly socketId: number
  readonly allowed: readonly string[]
  /** Types by their number in 2.0. */
  readonly typeOf: (socketId: number) => string
  readonly routingId: Buffer
  /** Neither NULL without ZAP: such a socket talks to nobody who can't authenticate. */
  readonly needsVersion3: boolean
  readonly maxMessageSize: number
  /** ms; 0 for none. */
  readonly handshakeMs: number
  readonly heartbeat: { readonly intervalMs: number; readonly ttlMs: number; readonly timeoutMs: number }
}

export class Link implements EngineListener {
  readonly setup: LinkSetup
  readonly #owner: LinkOwner
  readonly #carrier: Carrier
  #engine: Engine | undefined
  readonly #greeting = new GreetingReader()
  #greetingAt: 'started' | 'answered' = 'started'
  #reader: FrameReader | undefined
  #pipe: LinkPipe | undefined
  #isEnded = false
  #isSlow = false
  #isScheduled = false
  #handshake: Timer | undefined
  #heartbeat: Timer | undefined
  /** Runs while an answer is owed. */
  #silence: Timer | undefined
  #ttl: Timer | undefined

  private constructor(setup: LinkSetup, owner: LinkOwner, carrier: Carrier) {
    this.setup = setup
    this.#owner = owner
    this.#carrier = carrier
    if (setup.handshakeMs > 0)
      this.#handshake = setup.world.after(setup.handshakeMs, () =>
        this.#break(new ZmqError('ETIMEDOUT', { text: `no handshake within ${setup.handshakeMs} ms` })),
      )
  }

  /** ZMTP over a stream. */
  static overStream(stream: Stream, setup: LinkSetup, owner: LinkOwner): Link {
    const link = new Link(setup, owner, new StreamCarrier(stream))
    link.#greet()
    if (isFlowing(stream)) link.#flow(stream)
    else void link.#pull(stream.bytes, chunk => link.#chunk(chunk))
    return link
  }

  /** ZWS over a WebSocket. */
  static overWs(stream: MessageStream, setup: LinkSetup, owner: LinkOwner): Link {
    const link = new Link(setup, owner, new WsCarrier(stream))
    const { allowed, maxMessageSize, mechanism, needsVersion3, routingId } = setup
    // Subscriptions are messages there, and heartbeats the WebSocket's own (libzmq's ws_engine).
    if (stream.protocol !== ZWS_BARE)
      link.#begin(new Engine({ version: '3.0', mechanism, allowed, maxMessageSize }, link.#carrier, link))
    else if (needsVersion3)
      // Not before its owner knows it.
      queueMicrotask(() =>
        link.failed(new ProtocolError('ERR_ZMTP_MECHANISM_MISMATCH', 'no security mechanism')),
      )
    else {
      // As ZMTP 2.0 after its greeting, but that nobody says what type it has.
      const [socketType = ''] = allowed
      link.#carrier.frame(0, routingId)
      link.#begin(
        new Engine(
          { version: '2.0', mechanism: undefined, socketType, allowed, maxMessageSize },
          link.#carrier,
          link,
        ),
      )
    }
    void link.#pull(stream.messages, message => link.#wsMessage(message))
    return link
  }

  // Reading: driven where the stream can be, for a promise for each chunk costs more than the chunk.

  #flow(stream: FlowingStream): void {
    const flow = stream.flow({
      borrows: true,
      chunk: chunk => {
        const room = this.#taken(chunk, one => this.#chunk(one))
        if (room === undefined) return this.#isEnded
        void room.then(() => flow.resume())
        return true
      },
      ended: reason => this.#gone(reason),
    })
  }

  async #pull(chunks: AsyncIterable<Buffer>, take: (chunk: Buffer) => void): Promise<void> {
    try {
      for await (const chunk of chunks) {
        const room = this.#taken(chunk, take)
        if (this.#isEnded) return
        if (room !== undefined) await room
      }
      this.#gone()
    } catch (error) {
      this.#gone(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** Takes what has arrived; a promise asks to wait before more is read. */
  #taken(chunk: Buffer, take: (chunk: Buffer) => void): Promise<void> | undefined {
    if (this.#isEnded) return undefined
    this.#heard()
    try {
      take(chunk)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.failed(error)
      return undefined
    }
    if (this.#carrier.bytes > 0) this.#schedule()
    return this.#isEnded ? undefined : this.#pipe?.room()
  }

  #gone(reason: Error = new Error('the peer has closed')): void {
    this.#break(reason)
  }

  #greet(): void {
    this.#carrier.raw(greetingStart)
    this.#schedule()
  }

  #chunk(chunk: Buffer): void {
    if (this.#reader !== undefined) {
      this.#reader.push(chunk)
      return
    }
    const rest = chunk.subarray(this.#greeting.push(chunk))
    const { major } = this.#greeting
    if (this.#greetingAt === 'started' && major !== undefined) {
      this.#greetingAt = 'answered'
      this.#carrier.raw(this.#answer(major))
    }
    const greeted = this.#greeting.greeted()
    if (greeted === undefined) return
    const engine = this.#greeted(greeted)
    this.#reader = new FrameReader(largestFrame(this.setup), (flags, body) => engine.frame(flags, body))
    this.#reader.push(rest)
  }

  #wsMessage(message: Buffer): void {
    const { maxMessageSize } = this.setup
    const { flags, body } = zwsFrame(message)
    if (maxMessageSize >= 0 && body.length > maxMessageSize)
      throw new ProtocolError('ERR_ZMTP_UNSPECIFIED', `a frame of ${body.length} bytes is too large`)
    this.#engine?.frame(flags, body)
  }

  #answer(major: '2' | '3'): Buffer {
    const { mechanism, isServer, socketId, routingId, needsVersion3 } = this.setup
    if (major === '3') return greetingRest(mechanism.name, { isServer })
    if (needsVersion3)
      throw new ProtocolError('ERR_ZMTP_MECHANISM_MISMATCH', 'ZMTP 2.0 has no security mechanism')
    return greetingRest2(socketId, routingId)
  }

  #greeted(greeted: Greeted): Engine {
    const { allowed, maxMessageSize, mechanism, typeOf } = this.setup
    const { version } = greeted
    if (version !== '2.0' && greeted.mechanism !== mechanism.name)
      throw new ProtocolError(
        'ERR_ZMTP_MECHANISM_MISMATCH',
        `the peer wants ${greeted.mechanism}, here it is ${mechanism.name}`,
      )
    const setup =
      version === '2.0'
        ? { version, mechanism: undefined, socketType: typeOf(greeted.socketType), allowed, maxMessageSize }
        : { version, mechanism, allowed, maxMessageSize }
    return this.#begin(new Engine(setup, this.#carrier, this))
  }

  #begin(engine: Engine): Engine {
    this.#engine = engine
    engine.begin()
    this.#schedule()
    return engine
  }

  get mechanism(): MechanismName {
    return this.setup.mechanism.name
  }

  /** Whether `write` is welcome: the handshake is through and the stream does not ask to wait. */
  get isOpen(): boolean {
    return !this.#isSlow && !this.#isEnded && this.#pipe !== undefined
  }

  /** A message, if `isOpen`. */
  write(frames: Frames): void {
    const engine = this.#engine
    if (engine === undefined || this.#isEnded) return
    if (engine.isPlain) this.#carrier.message(frames)
    else
      for (let at = 0; at < frames.length; at++)
        engine.send(at + 1 < frames.length ? 1 : 0, frames[at] as Buffer)
    this.#written()
  }

  /** SUBSCRIBE or CANCEL: commands in 3.1, messages before. */
  subscribe(isOn: boolean, prefix: Buffer): void {
    const engine = this.#engine
    if (engine === undefined || this.#isEnded) return
    if (engine.hasCommands) engine.send(COMMAND, command(isOn ? 'SUBSCRIBE' : 'CANCEL', prefix))
    else engine.send(0, Buffer.concat([Buffer.from([isOn ? 1 : 0]), prefix]))
    this.#written()
  }

  /** JOIN or LEAVE. */
  joinGroup(isIn: boolean, group: Buffer): void {
    if (this.#isEnded) return
    this.#engine?.send(COMMAND, command(isIn ? 'JOIN' : 'LEAVE', group))
    this.#written()
  }

  #written(): void {
    if (this.#isSlow) return // what is there goes out when the stream has drained
    if (this.#carrier.bytes >= batches.flushBytes) this.#flush()
    else this.#schedule()
  }

  /** What a turn writes goes out when its promises have run: one write for all of it. */
  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    process.nextTick(flushLater, this)
  }

  /** For `flushLater`, which is shared by all links to save a closure for each turn. */
  flushScheduled(): void {
    this.#isScheduled = false
    if (!this.#isEnded && !this.#isSlow) this.#flush()
  }

  #flush(): void {
    const wait = this.#carrier.flush()
    if (wait === undefined) return
    this.#isSlow = true
    void wait.then(() => {
      this.#isSlow = false
      if (this.#isEnded) return
      if (this.#carrier.bytes > 0) this.#flush()
      if (!this.#isSlow) this.#pipe?.drained()
    })
  }

  // What the engine says.

  ready(peer: PeerInfo): void {
    this.#handshake?.cancel()
    const pipe = this.#owner.ready(this, peer)
    if (pipe === undefined) {
      this.#break(new Error('the socket takes no more peers'))
      return
    }
    this.#pipe = pipe
    this.#beat()
    pipe.drained()
  }

  message(frames: Frames): void {
    this.#pipe?.received(frames)
  }

  subscription(isOn: boolean, prefix: Buffer): void {
    this.#pipe?.subscription(isOn, prefix)
  }

  group(isIn: boolean, group: Buffer): void {
    this.#pipe?.group(isIn, group)
  }

  ask(question: Question): void {
    void this.#owner.ask(question, this).then(verdict => {
      if (this.#isEnded) return
      if (verdict.flaw === undefined) this.#engine?.verdict(verdict)
      else if (verdict.flaw instanceof ProtocolError) this.failed(verdict.flaw)
      else this.#break(verdict.flaw)
      this.#schedule()
    })
  }

  alive(ttlMs: number): void {
    this.#schedule()
    if (ttlMs === 0) return
    this.#ttl?.cancel()
    this.#ttl = this.setup.world.after(ttlMs, () =>
      this.#break(new Error(`the peer was silent for the ${ttlMs} ms that it had promised`)),
    )
  }

  /** Says the ERROR that may have been written, then ends. */
  failed(error: ProtocolError | AuthenticationError): void {
    if (this.#isEnded) return
    const hadPeer = this.#pipe !== undefined
    const how: LinkEnd =
      error instanceof ProtocolError ? { at: 'flaw', error, hadPeer } : { at: 'refused', error, hadPeer }
    this.#end(how)
    void this.#carrier.flush()
    const cut = this.setup.world.after(FAREWELL_MS, () => this.#carrier.abort())
    void this.#carrier.close().then(
      () => cut.cancel(),
      () => cut.cancel(),
    )
  }

  // Heartbeats (RFC 37): whatever arrives is a sign of life.

  #heard(): void {
    this.#silence?.cancel()
    this.#silence = undefined
    this.#ttl?.cancel()
    this.#ttl = undefined
  }

  #beat(): void {
    const { intervalMs, timeoutMs, ttlMs } = this.setup.heartbeat
    const { ping } = this.#carrier
    if (intervalMs <= 0 || (ping === undefined && this.#engine?.hasHeartbeats !== true)) return
    this.#heartbeat = this.setup.world.after(intervalMs, () => {
      if (ping === undefined) this.#engine?.ping(ttlMs)
      else
        void ping().then(
          () => this.#heard(),
          () => {},
        ) // an ended stream is heard of elsewhere
      this.#written()
      this.#silence ??= this.setup.world.after(timeoutMs, () =>
        this.#break(new Error(`no answer to a heartbeat within ${timeoutMs} ms`)),
      )
      this.#beat()
    })
  }

  /** Sends what was written, then ends, within `lingerMs` (-1: however long it takes). */
  async close(lingerMs: number): Promise<void> {
    if (this.#isEnded) return
    this.#end({ at: 'closed' })
    if (lingerMs === 0) {
      // What the system takes at once is not pending: libzmq's thread would have written it by now.
      if (!this.#isSlow) void this.#carrier.flush()
      return this.#carrier.abort()
    }
    const cut = lingerMs > 0 ? this.setup.world.after(lingerMs, () => this.#carrier.abort()) : undefined
    await this.#carrier.close()
    cut?.cancel()
  }

  /** Ends now. */
  abort(): void {
    this.#end({ at: 'closed' })
    this.#carrier.abort()
  }

  #break(error: Error): void {
    if (this.#isEnded) return
    this.#end({ at: 'broken', error, hadPeer: this.#pipe !== undefined })
    this.#carrier.abort()
  }

  #end(how: LinkEnd): void {
    if (this.#isEnded) return
    this.#isEnded = true
    for (const timer of [this.#handshake, this.#heartbeat, this.#silence, this.#ttl]) timer?.cancel()
    this.#owner.ended(this, how)
  }
}

/** Octets that a MESSAGE of CURVE has beside the body. */
const CURVE_BYTES = 33

function largestFrame({ maxMessageSize, mechanism }: LinkSetup): number {
  return mechanism.name === 'CURVE' && maxMessageSize >= 0 ? maxMessageSize + CURVE_BYTES : maxMessageSize
}

/** ms in which a peer that is being refused may read why. */
const FAREWELL_MS = 1000

function flushLater(link: Link): void {
  link.flushScheduled()
}
