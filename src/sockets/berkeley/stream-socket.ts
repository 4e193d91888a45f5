// Stream sockets: TCP and Unix-domain (SOCK_STREAM), as promises.
//
// Node binds when it listens or connects, not before. So `bind` of a stream socket keeps the address, and an address that
// is taken shows itself in `listen` or `connect`, as EADDRINUSE; the port that the system chose is known then too.

import { withSignal } from '../../flow/index.ts'
import {
  connectIpc,
  connectTcp,
  type Listener,
  listenIpc,
  listenTcp,
  type SystemStream,
} from '../../transport/index.ts'
import type { World } from '../../world/index.ts'
import { type BindAddress, bindAddress, checked, type Family, isInet, type SocketAddress } from './address.ts'
import { Backlog } from './backlog.ts'
import { type CallOptions, waiting } from './call.ts'
import { asPosix, type Operation, posix } from './errors.ts'
import { Inbox } from './inbox.ts'
import { berkeleyLimits } from './limits.ts'
import { type ReadOnlyOptions, refusal, type StreamOptions } from './options.ts'
import { type Phase, refuseMisuse, streamMisuse } from './state.ts'
import { Turns } from './turns.ts'

type State =
  | { readonly at: 'created' }
  | { readonly at: 'bound'; readonly address: SocketAddress }
  | {
      readonly at: 'listening'
      readonly address: SocketAddress
      readonly listener: Listener
      readonly backlog: Backlog<StreamSocket>
    }
  | { readonly at: 'connecting'; readonly controller: AbortController }
  | { readonly at: 'connected'; readonly connection: Connection }
  | { readonly at: 'closed'; readonly done: Promise<void> }

interface Connection {
  readonly stream: SystemStream
  readonly inbox: Inbox
  readonly remote: SocketAddress
  readonly receives: Turns
  readonly sends: Turns
  /** Set while the peer reads slowly. */
  room: Promise<void> | undefined
}

export interface UntilOptions extends CallOptions {
  /** Bytes, the delimiter counted in; default `berkeleyLimits.gatherBytesMax`. */
  readonly bytesMax?: number
}

/** What is sent: bytes, or a text in UTF-8. Copied, so that the caller may go on with its buffer. */
export type Payload = string | NodeJS.ArrayBufferView

const defaults: StreamOptions = {
  SO_RCVTIMEO: undefined,
  SO_SNDTIMEO: undefined,
  IPV6_V6ONLY: false,
  TCP_NODELAY: true,
  SO_KEEPALIVE: false,
  TCP_KEEPIDLE: 0,
}

/** A stream socket. All methods but `close` and `abort` fail with EBADF once it is closed. */
export class StreamSocket implements AsyncDisposable, AsyncIterable<StreamSocket> {
  readonly family: Family
  readonly type = 'stream'
  readonly #world: World
  #options: StreamOptions
  #state: State

  private constructor(family: Family, world: World, options: StreamOptions, state: State) {
    this.family = family
    this.#world = world
    this.#options = options
    this.#state = state
  }

  /** As `socket(family, 'stream')`. */
  static create(family: Family, world: World): StreamSocket {
    return new StreamSocket(family, world, defaults, { at: 'created' })
  }

  /** created, bound, listening, connecting, connected or closed. */
  get phase(): Phase {
    return this.#state.at
  }

  /** getsockname(2): undefined before the system has given the socket an address. */
  get localAddress(): SocketAddress | undefined {
    const state = this.#state
    if (state.at === 'bound' || state.at === 'listening') return state.address
    if (state.at !== 'connected' || this.family === 'unix') return undefined
    return state.connection.stream.local
  }

  /** getpeername(2). */
  get remoteAddress(): SocketAddress | undefined {
    return this.#state.at === 'connected' ? this.#state.connection.remote : undefined
  }

  /** Names the address of our side. Errors: EINVAL (it has one), EAFNOSUPPORT; see the file's header for EADDRINUSE. */
  async bind(address: BindAddress, options: Pick<CallOptions, 'signal'> = {}): Promise<void> {
    options.signal?.throwIfAborted()
    this.#allow('bind')
    this.#state = { at: 'bound', address: bindAddress(this.family, address) }
  }

  /**
   * Takes connections from now on: `backlog` of them wait for `accept`, unread, and further ones are reset. A listening
   * socket takes the new backlog. Without `bind`, an inet socket listens on a port that the system chooses. Errors:
   * EDESTADDRREQ (a Unix-domain socket without a path), EINVAL (connected), EADDRINUSE, EADDRNOTAVAIL, EACCES, ENOENT, ...
   */
  async listen(backlog: number = berkeleyLimits.backlog, options: CallOptions = {}): Promise<void> {
    this.#allow('listen')
    if (!Number.isInteger(backlog) || backlog < 0) throw posix('EINVAL', 'listen', `backlog ${backlog}`)
    const most = Math.min(Math.max(1, backlog), berkeleyLimits.backlogMax)
    if (this.#state.at === 'listening') {
      this.#state.backlog.max = most
      return
    }
    if (this.#state.at === 'created' && this.family === 'unix') throw posix('EDESTADDRREQ', 'listen')
    const bound = this.#state.at === 'bound' ? this.#state.address : bindAddress(this.family, {})
    const before = this.#state
    const controller = new AbortController()
    this.#state = { at: 'connecting', controller } // no other call may come between
    const queue = new Backlog<StreamSocket>(most, one => one.abort())
    try {
      const listener = await waiting(this.#world, 'listen', options, () => this.#open(bound, most, queue))
      if (controller.signal.aborted) {
        await listener.close()
        throw posix('EBADF', 'listen', 'it was closed meanwhile')
      }
      const address = isInet(bound) ? { host: bound.host, port: listener.port } : bound
      this.#state = { at: 'listening', address, listener, backlog: queue }
    } catch (error) {
      if (this.#state.at === 'connecting') this.#state = before
      throw error
    }
  }

  #open(bound: SocketAddress, backlog: number, queue: Backlog<StreamSocket>): Promise<Listener> {
    const welcome = (stream: SystemStream): void => {
      const remote = isInet(bound) ? { host: stream.peer.address, port: stream.peer.port } : bound
      const connection = connectionOf(stream, remote)
      queue.push(new StreamSocket(this.family, this.#world, this.#options, { at: 'connected', connection }))
    }
    const shared = { halfOpen: true, backlog, onRefused: (error: Error) => queue.fault(error) }
    return isInet(bound)
      ? listenTcp(
          { ...shared, ...this.#streamOptions(), ...bound, ipv6Only: this.#options.IPV6_V6ONLY },
          welcome,
        )
      : listenIpc({ ...shared, path: bound.path }, welcome)
  }

  /**
   * The connection that has waited longest, or the next. Errors: EINVAL (not listening), ETIMEDOUT, the signal's reason,
   * EMFILE and the like once for each that the system could not give.
   */
  async accept(options: CallOptions = {}): Promise<StreamSocket> {
    this.#allow('accept')
    if (this.#state.at !== 'listening') throw posix('EINVAL', 'accept')
    const { backlog } = this.#state
    const there = backlog.shift()
    if (there !== undefined) return there
    return waiting(this.#world, 'accept', this.#receiving(options), signal => backlog.next(signal))
  }

  /** Connections one by one, until the socket is closed; leaving the loop leaves it listening. */
  async *[Symbol.asyncIterator](): AsyncGenerator<StreamSocket, undefined> {
    while (this.#state.at === 'listening')
      try {
        yield await this.#nextConnection()
      } catch (error) {
        if (this.#phase() === 'closed') return
        throw error
      }
  }

  /** Without the deadline of SO_RCVTIMEO: a loop waits. */
  #nextConnection(): Promise<StreamSocket> {
    if (this.#state.at !== 'listening') return this.accept()
    const { backlog } = this.#state
    return waiting(this.#world, 'accept', {}, signal => backlog.next(signal))
  }

  /** Connections that were reset because the backlog was full. */
  get overflowed(): number {
    return this.#state.at === 'listening' ? this.#state.backlog.overflowed : 0
  }

  /**
   * Connects; after `bind`, from that address. One that fails leaves the socket as it was. Errors: EISCONN, EALREADY,
   * EOPNOTSUPP (listening), ECONNREFUSED, EHOSTUNREACH, ENOENT, EAI_NONAME, ETIMEDOUT, the signal's reason, ...
   */
  async connect(address: SocketAddress, options: CallOptions = {}): Promise<void> {
    this.#allow('connect')
    const remote = checked(this.family, address, 'connect')
    const before = this.#state
    const source = before.at === 'bound' ? before.address : undefined
    if (source !== undefined && !isInet(source))
      throw posix('EOPNOTSUPP', 'connect', 'Node cannot connect from the path of a Unix-domain socket')
    const controller = new AbortController()
    this.#state = { at: 'connecting', controller }
    try {
      const stream = await waiting(this.#world, 'connect', this.#sending(options), signal =>
        this.#dial(
          remote,
          source,
          signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]),
        ),
      )
      const real = isInet(remote) ? { host: stream.peer.address, port: stream.peer.port } : remote
      this.#state = { at: 'connected', connection: connectionOf(stream, real) }
    } catch (error) {
      if (this.#state.at === 'connecting') this.#state = before
      throw error
    }
  }

  #dial(
    remote: SocketAddress,
    source: { readonly host: string; readonly port: number } | undefined,
    signal: AbortSignal,
  ): Promise<SystemStream> {
    if (!isInet(remote)) return connectIpc({ path: remote.path, halfOpen: true, signal })
    const from = source && {
      ...(source.host !== '0.0.0.0' && source.host !== '::' && { host: source.host }),
      ...(source.port !== 0 && { port: source.port }),
    }
    return connectTcp({
      ...remote,
      ...this.#streamOptions(),
      ...(from && { source: from }),
      halfOpen: true,
      signal,
    })
  }

  /**
   * Sends all of it and resolves with its length once it is the system's or ours to send, as in POSIX; waits while the
   * peer reads slowly, and one that is called off then has sent nothing. Errors: ENOTCONN, EPIPE (our direction or the
   * connection has ended), ECONNRESET, ETIMEDOUT, the signal's reason.
   */
  async send(payload: Payload, options: CallOptions = {}): Promise<number> {
    const connection = this.#connection('send')
    const bytes = bytesOf(payload)
    const isFree =
      connection.room === undefined && connection.sends.isIdle && options.signal?.aborted !== true
    if (isFree) this.#write(connection, bytes)
    else
      await waiting(this.#world, 'send', this.#sending(options), signal =>
        connection.sends.take(signal, async () => {
          while (connection.room !== undefined) await withSignal(connection.room, signal)
          this.#write(this.#connection('send'), bytes)
        }),
      )
    return bytes.length
  }

  #write(connection: Connection, bytes: Buffer): void {
    const { stream } = connection
    if (!stream.isWritable) {
      if (stream.failure !== undefined) throw asPosix(stream.failure, 'send')
      throw posix('EPIPE', 'send', 'the direction has ended')
    }
    const room = stream.write([bytes])
    if (room === undefined) return
    connection.room = room.then(() => {
      connection.room = undefined
    })
  }

  /**
   * What is there, at least one byte and at most `most`, or the next that arrives. An empty buffer is the end of the
   * stream. Errors: ENOTCONN, EINVAL, ECONNRESET, ETIMEDOUT, the signal's reason; one that is called off takes nothing.
   */
  async receive(most: number = berkeleyLimits.receiveBytes, options: CallOptions = {}): Promise<Buffer> {
    const connection = this.#connection('receive')
    checkCount(most, Number.MAX_SAFE_INTEGER)
    return this.#take(connection, options, signal => connection.inbox.some(most, signal))
  }

  /** Exactly so many bytes (MSG_WAITALL). Errors: as `receive`; EndOfStreamError, EMSGSIZE above `gatherBytesMax`. */
  async receiveExactly(count: number, options: CallOptions = {}): Promise<Buffer> {
    const connection = this.#connection('receive')
    checkCount(count, berkeleyLimits.gatherBytesMax)
    return this.#take(connection, options, signal => connection.inbox.exactly(count, signal))
  }

  /**
   * Up to and with the delimiter. Errors: as `receive`; EndOfStreamError; EMSGSIZE when it is not among the first
   * `bytesMax` bytes, which then stay to be received.
   */
  async receiveUntil(delimiter: Payload, options: UntilOptions = {}): Promise<Buffer> {
    const connection = this.#connection('receive')
    const { bytesMax = berkeleyLimits.gatherBytesMax } = options
    const wanted = bytesOf(delimiter)
    if (wanted.length === 0) throw posix('EINVAL', 'receive', 'the delimiter is empty')
    checkCount(bytesMax, berkeleyLimits.gatherBytesMax)
    const found = await this.#take(connection, options, signal =>
      connection.inbox.until(wanted, bytesMax, signal),
    )
    if (found !== undefined) return found
    throw posix('EMSGSIZE', 'receive', `no ${JSON.stringify(`${wanted}`)} in the first ${bytesMax} bytes`)
  }

  #take<T>(
    connection: Connection,
    options: CallOptions,
    work: (signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T> {
    return waiting(this.#world, 'receive', this.#receiving(options), signal =>
      connection.receives.take(signal, () => work(signal)),
    )
  }

  /**
   * Ends a direction (SHUT_RD, SHUT_WR, SHUT_RDWR). After 'receive' what is there and what arrives is thrown away, and
   * receiving sees the end; after 'send' the peer sees the end of what was sent. Errors: ENOTCONN.
   */
  async shutdown(how: 'receive' | 'send' | 'both'): Promise<void> {
    const { stream, inbox } = this.#connection('shutdown')
    if (how !== 'receive') stream.end()
    if (how !== 'send') inbox.shut()
  }

  /**
   * Stops listening, or sends what was sent, ends, and waits for the peer's end; what still arrives is thrown away. After
   * `timeoutMs`, default `berkeleyLimits.closeMs`, or when the signal aborts, the connection is cut. Never rejects;
   * idempotent.
   */
  close(options: CallOptions = {}): Promise<void> {
    const state = this.#state
    if (state.at === 'closed') return state.done
    const done = this.#end(state, options)
    this.#state = { at: 'closed', done }
    return done
  }

  async #end(state: State, { signal, timeoutMs = berkeleyLimits.closeMs }: CallOptions): Promise<void> {
    if (state.at === 'listening') {
      state.backlog.close(posix('EBADF', 'accept', 'the socket was closed'))
      await state.listener.close()
    }
    if (state.at === 'connecting')
      state.controller.abort(posix('EBADF', 'connect', 'it was closed meanwhile'))
    if (state.at !== 'connected') return
    const { stream } = state.connection
    const cut = (): void => stream.abort()
    const timer = this.#world.after(timeoutMs, cut)
    if (signal?.aborted === true) cut()
    else signal?.addEventListener('abort', cut, { once: true })
    try {
      await stream.close()
    } finally {
      timer.cancel()
      signal?.removeEventListener('abort', cut)
      state.connection.inbox.shut()
    }
  }

  /** Ends now; what was not sent is lost, and calls that wait fail. Idempotent. */
  abort(reason: Error = posix('ECONNABORTED', 'close', 'the socket was aborted')): void {
    const state = this.#state
    if (state.at === 'connected') state.connection.stream.abort(reason)
    if (state.at === 'closed') return
    const done = state.at === 'connected' ? Promise.resolve() : this.#end(state, {})
    this.#state = { at: 'closed', done }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** setsockopt(2). Connections that are accepted later inherit it. Errors: OptionRefusedError, EINVAL. */
  setOption<K extends keyof StreamOptions>(option: K, value: StreamOptions[K]): void {
    this.#allow('setOption')
    if (!Object.hasOwn(defaults, option)) throw refusal('setOption', option, 'stream')
    const isOpen = this.#state.at !== 'created' && this.#state.at !== 'bound'
    if (option === 'IPV6_V6ONLY' && isOpen) throw posix('EINVAL', 'setOption', `${option} after opening`)
    checkOption(option, value, typeof defaults[option])
    this.#options = { ...this.#options, [option]: value }
    if (this.#state.at !== 'connected') return
    const { stream } = this.#state.connection
    const { TCP_NODELAY, SO_KEEPALIVE, TCP_KEEPIDLE } = this.#options
    if (option === 'TCP_NODELAY') stream.setNoDelay(TCP_NODELAY)
    if (option === 'SO_KEEPALIVE' || option === 'TCP_KEEPIDLE')
      stream.setKeepAlive(SO_KEEPALIVE, TCP_KEEPIDLE * 1000)
  }

  /** getsockopt(2). Errors: OptionRefusedError. */
  getOption<K extends keyof (StreamOptions & ReadOnlyOptions)>(
    option: K,
  ): (StreamOptions & ReadOnlyOptions)[K] {
    this.#allow('getOption')
    const failure = this.#state.at === 'connected' ? this.#state.connection.stream.failure : undefined
    const all: StreamOptions & ReadOnlyOptions = {
      ...this.#options,
      SO_TYPE: 'stream',
      SO_DOMAIN: this.family,
      SO_ACCEPTCONN: this.#state.at === 'listening',
      SO_ERROR: failure && 'code' in failure ? String(failure.code) : undefined,
    }
    if (!Object.hasOwn(all, option)) throw refusal('getOption', option, 'stream')
    return all[option]
  }

  #streamOptions() {
    const { TCP_NODELAY, SO_KEEPALIVE, TCP_KEEPIDLE } = this.#options
    return {
      noDelay: TCP_NODELAY,
      ...(SO_KEEPALIVE && { keepAlive: { initialDelayMs: TCP_KEEPIDLE * 1000 } }),
    }
  }

  #receiving(options: CallOptions): CallOptions {
    return withDefault(options, this.#options.SO_RCVTIMEO)
  }

  #sending(options: CallOptions): CallOptions {
    return withDefault(options, this.#options.SO_SNDTIMEO)
  }

  #connection(operation: Operation): Connection {
    this.#allow(operation)
    if (this.#state.at !== 'connected') throw posix('ENOTCONN', operation)
    return this.#state.connection
  }

  #allow(operation: Operation): void {
    refuseMisuse(streamMisuse, operation, this.#state.at)
  }

  #phase(): Phase {
    return this.#state.at
  }
}

function connectionOf(stream: SystemStream, remote: SocketAddress): Connection {
  const inbox = new Inbox(stream.bytes)
  return { stream, inbox, remote, receives: new Turns(), sends: new Turns(), room: undefined }
}

export function bytesOf(payload: Payload): Buffer {
  if (typeof payload === 'string') return Buffer.from(payload)
  return Buffer.from(new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength))
}

export function withDefault(options: CallOptions, timeoutMs: number | undefined): CallOptions {
  return options.timeoutMs !== undefined || timeoutMs === undefined ? options : { ...options, timeoutMs }
}

/** Errors: EINVAL for what is not of the option's kind. */
export function checkOption(option: string, value: unknown, kind: string): void {
  const isTime = option === 'SO_RCVTIMEO' || option === 'SO_SNDTIMEO'
  const isGood = isTime
    ? value === undefined || (typeof value === 'number' && value >= 0)
    : kind === 'number'
      ? Number.isInteger(value) && Number(value) >= 0
      : typeof value === kind
  if (!isGood) throw posix('EINVAL', 'setOption', `${option} cannot be ${JSON.stringify(value)}`)
}

function checkCount(count: number, most: number): void {
  if (!Number.isInteger(count) || count < 1) throw posix('EINVAL', 'receive', `${count} bytes`)
  if (count > most) throw posix('EMSGSIZE', 'receive', `${count} bytes, at most ${most}`)
}
