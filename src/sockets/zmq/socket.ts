// The Socket class of `zeromq` 6, over a SocketCore. Options are properties (properties.ts); instances are sealed, so that a
// misspelt option is an error.

import type { TlsClientOptions, TlsServerOptions } from '../../transport/index.ts'
import { type Context, contextCoreOf, context as defaultContext } from './context.ts'
import { ZmqError } from './errors.ts'
import { framesOf, type MessageLike } from './message.ts'
import { Observer } from './observer.ts'
import { readOption, writeOption } from './option-access.ts'
import { patternWithId } from './patterns/index.ts'
import type { MessageDetails, PatternDefinition, Received } from './patterns/pattern.ts'
import { SocketCore } from './socket-core.ts'

/** What belongs to a socket and is not its user's. */
interface Inside {
  readonly core: SocketCore
  readonly context: Context
  observer: Observer | undefined
}

const insides = new WeakMap<Socket, Inside>()

/** For proxies, observers and tests. */
export function coreOf(socket: Socket): SocketCore {
  return insideOf(socket).core
}

function insideOf(socket: Socket): Inside {
  const inside = insides.get(socket)
  if (inside === undefined) throw new TypeError('Socket must be a socket object')
  return inside
}

export abstract class Socket {
  declare affinity: number
  declare rate: number
  declare recoveryInterval: number
  declare linger: number
  declare reconnectInterval: number
  declare backlog: number
  declare reconnectMaxInterval: number
  declare maxMessageSize: number
  declare tcpKeepalive: number
  declare tcpKeepaliveCount: number
  declare tcpKeepaliveIdle: number
  declare tcpKeepaliveInterval: number
  declare tcpAcceptFilter: string | null
  declare immediate: boolean
  declare ipv6: boolean
  declare plainServer: boolean
  declare plainUsername: string | null
  declare plainPassword: string | null
  declare curveServer: boolean
  declare curvePublicKey: string | null
  declare curveSecretKey: string | null
  declare curveServerKey: string | null
  declare zapDomain: string | null
  declare zapEnforceDomain: boolean
  declare typeOfService: number
  declare handshakeInterval: number
  declare socksProxy: string | null
  declare heartbeatInterval: number
  declare heartbeatTimeToLive: number
  declare heartbeatTimeout: number
  declare connectTimeout: number
  declare tcpMaxRetransmitTimeout: number
  declare multicastMaxTransportDataUnit: number
  declare vmciBufferSize: number
  declare vmciBufferMinSize: number
  declare vmciBufferMaxSize: number
  declare vmciConnectTimeout: number
  declare interface: string | null
  declare loopbackFastPath: boolean
  // The package declares these whether or not its libzmq has GSSAPI; here too setting them is a TypeError (`capability`).
  declare gssapiServer: boolean
  declare gssapiPrincipal: string | null
  declare gssapiServicePrincipal: string | null
  declare gssapiPlainText: boolean
  declare gssapiPrincipalNameType: 'hostBased' | 'userName' | 'krb5Principal'
  declare gssapiServicePrincipalNameType: 'hostBased' | 'userName' | 'krb5Principal'
  /** Ours: bits of ZMQ_RECONNECT_STOP_*. */
  declare reconnectStop: number
  declare readonly type: number
  declare readonly lastEndpoint: string | null
  declare readonly securityMechanism: null | 'plain' | 'curve' | 'gssapi'
  declare readonly threadSafe: boolean

  /** `type` is a number of libzmq's, or a pattern. Errors: ZmqError EINVAL, EMFILE. */
  protected constructor(type: number | PatternDefinition, options: object = {}, ...more: readonly never[]) {
    if (typeof type !== 'number' && !isPattern(type)) throw new TypeError('Socket type must be a number')
    if (more.length > 0) throw new TypeError('Expected 2 arguments')
    if (typeof options !== 'object') throw new TypeError('Options must be an object')
    const { context = defaultContext, ...rest } = options as { readonly context?: Context }
    const definition = typeof type === 'number' ? patternWithId(type) : type
    if (definition === undefined) throw new ZmqError('EINVAL')
    const core = new SocketCore(definition, contextCoreOf(context))
    insides.set(this, { core, context, observer: undefined })
    Object.seal(this)
    Object.assign(this, rest)
  }

  get context(): Context {
    return insideOf(this).context
  }
  get closed(): boolean {
    return coreOf(this).isClosed
  }
  get readable(): boolean {
    return coreOf(this).canReceive
  }
  get writable(): boolean {
    return coreOf(this).canSend
  }

  /** What happens to the socket's connections. */
  get events(): Observer {
    const inside = insideOf(this)
    inside.observer ??= new Observer(this)
    return inside.observer
  }

  /** Certificates for `tls://` and `wss://`, transports of our own. Takes effect with the next bind or connect. */
  set tls(options: { readonly client?: TlsClientOptions; readonly server?: TlsServerOptions }) {
    Object.assign(coreOf(this).tls, options)
  }

  /** Errors: ZmqError with `address`: EADDRINUSE, EADDRNOTAVAIL, EACCES, EINVAL, ENODEV, EPROTONOSUPPORT, ENOCOMPATPROTO. */
  bind(address: string): Promise<void> {
    return coreOf(this).bind(addressIn(address))
  }

  /**
   * Node can't tell at once whether the system lets us listen: a failure is a `bind:error` event, and an uncaught error
   * where nobody observes.
   */
  bindSync(address: string): void {
    const core = coreOf(this)
    core.checkOpen()
    const inside = insideOf(this)
    void core.bind(addressIn(address)).catch((error: unknown) => {
      if (inside.observer === undefined) throw error
    })
  }

  /** Ends with the peers that came there, too. Errors: ZmqError ENOENT. */
  unbind(address: string): Promise<void> {
    return coreOf(this).unbind(addressIn(address))
  }

  unbindSync(address: string): void {
    const core = coreOf(this)
    core.checkOpen()
    void core.unbind(addressIn(address))
  }

  /** Returns at once; the connection is made, and made again, behind. Errors: ZmqError EINVAL, EPROTONOSUPPORT, ... */
  connect(address: string): void {
    coreOf(this).connect(addressIn(address))
  }

  /** Errors: ZmqError ENOENT. */
  disconnect(address: string): void {
    coreOf(this).disconnect(addressIn(address))
  }

  /** What waits to be sent is sent within `linger`. Idempotent. */
  close(): void {
    void coreOf(this).close()
  }

  /** Closes, and resolves when what waited was sent or `linger` is over. */
  [Symbol.asyncDispose](): Promise<void> {
    return coreOf(this).close()
  }

  // By libzmq's numbers, for options without a property.

  protected getBoolOption(option: number): boolean {
    return Boolean(readOption(coreOf(this), option))
  }
  protected setBoolOption(option: number, value: boolean): void {
    writeOption(coreOf(this), option, value)
  }
  protected getInt32Option(option: number): number {
    return Number(readOption(coreOf(this), option))
  }
  protected setInt32Option(option: number, value: number): void {
    writeOption(coreOf(this), option, value)
  }
  protected getUint32Option(option: number): number {
    return Number(readOption(coreOf(this), option))
  }
  protected setUint32Option(option: number, value: number): void {
    writeOption(coreOf(this), option, value)
  }
  protected getInt64Option(option: number): number {
    return Number(readOption(coreOf(this), option))
  }
  protected setInt64Option(option: number, value: number): void {
    writeOption(coreOf(this), option, value)
  }
  protected getUint64Option(option: number): number {
    return Number(readOption(coreOf(this), option))
  }
  protected setUint64Option(option: number, value: number): void {
    writeOption(coreOf(this), option, value)
  }
  protected getStringOption(option: number): string | null {
    const value = readOption(coreOf(this), option)
    return value === null ? null : String(value)
  }
  protected setStringOption(option: number, value: string | Buffer | null): void {
    writeOption(coreOf(this), option, value)
  }
}

function isPattern(type: unknown): type is PatternDefinition {
  return typeof type === 'object' && type !== null && 'open' in type
}

function addressIn(address: unknown): string {
  if (typeof address !== 'string') throw new TypeError('Address must be a string')
  return address
}

/** What `send` is on every class that can. */
export function sendOn(
  socket: Socket,
  message: MessageLike | readonly MessageLike[],
  details?: MessageDetails,
): Promise<void> {
  if (message === undefined) throw new TypeError('Message must be present')
  const { core } = insideOf(socket)
  return core.send(framesOf(message), details)
}

/** What `receive` is on every class that can. */
export function receiveOn(socket: Socket): Promise<Received> {
  return insideOf(socket).core.receive()
}

/** What `for await` is on every class that can be read: it ends when the socket is closed. */
export function iterate<M>(socket: Socket): AsyncIterator<M, undefined> {
  const { core } = insideOf(socket)
  return {
    async next(): Promise<IteratorResult<M, undefined>> {
      if (core.isClosed) return { done: true, value: undefined }
      try {
        return { done: false, value: (await core.receive()) as M }
      } catch (error) {
        // Only what closing calls off: another error was there before.
        if (core.isClosed && error instanceof ZmqError && error.code === 'EAGAIN')
          return { done: true, value: undefined }
        throw error
      }
    },
  }
}
