// Datagrams: UDP over IPv4 or IPv6, to one, to all of a network (broadcast), to a group (multicast, RFC 1112 and 4291).
// Nothing is promised about arrival. What arrives waits in a bounded queue; what has no room there is dropped and counted,
// as the system does with its own buffer below.
//
// Sending: node:dgram takes every datagram and keeps those that the system has no room for, so the socket counts bytes that
// are on their way and asks to wait beyond `sendBytesMax`.

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIP } from 'node:net'
import { BoundedQueue, type Deferred, deferred, type Incoming } from '../flow/index.ts'
import { SocketError } from './errors.ts'
import { applyKeepsProcess } from './socket-options.ts'

/** Bounds of datagram sockets. */
export const udpLimits = {
  /** Payload of one datagram: what the 16 bits of the length leave after the headers (RFC 768; IPv4's header counts in). */
  payloadBytesMax: { 4: 65_507, 6: 65_527 },
  /** Datagrams that have arrived and were not taken. */
  queueMessagesMax: 1000,
  /** Their bytes. */
  queueBytesMax: 1 << 20,
  /** Bytes on their way to the system before a send asks to wait. */
  sendBytesMax: 1 << 20,
} as const

/** What can be changed while the socket is open. */
export interface UdpTuning {
  /** SO_BROADCAST. Default false. */
  readonly broadcast?: boolean
  /** Hops of what is sent to one, 1 to 255. Default: the system's. */
  readonly ttl?: number
  /** Hops of what is sent to a group, 0 to 255. Default: the system's, 1. */
  readonly multicastTtl?: number
  /** Whether this machine hears what it sends to a group. Default: the system's, true. */
  readonly multicastLoopback?: boolean
  /** Interface by which groups are sent to: its address, or `::%eth0` for IPv6. */
  readonly multicastInterface?: string
  /** SO_RCVBUF and SO_SNDBUF, bytes; the system rounds, and has limits. */
  readonly receiveBufferBytes?: number
  readonly sendBufferBytes?: number
}

export interface UdpOptions extends UdpTuning {
  /** Whether the process goes on for its sake alone. Default true. */
  readonly keepsProcess?: boolean
  /** Default 4. */
  readonly family?: 4 | 6
  /** Address of our side; default: all of the family. */
  readonly host?: string
  /** Default 0: one that the system chooses. */
  readonly port?: number
  /** The only peer: others are not heard, and `send` needs no place (connect(2)). An IP address. */
  readonly remote?: UdpPlace
  /** SO_REUSEADDR: several sockets share the port, as members of one group do. Default false. */
  readonly reuseAddress?: boolean
  /** IPV6_V6ONLY. Default false. */
  readonly ipv6Only?: boolean
  readonly queueMessagesMax?: number
  readonly queueBytesMax?: number
  readonly sendBytesMax?: number
  /** Told of datagrams that the system refused to send, and of errors that it reports (ECONNREFUSED of a remote). */
  readonly onFault?: (error: Error) => void
  /** Calls the opening off; later it means nothing. */
  readonly signal?: AbortSignal
}

export interface UdpPlace {
  /** An IP address: names are looked up by whoever sends, once, not for each datagram. */
  readonly host: string
  readonly port: number
}

export interface Datagram {
  readonly payload: Buffer
  readonly from: UdpPlace
}

export interface DatagramSocket extends AsyncDisposable {
  readonly family: 4 | 6
  /** Where it is bound, as the system says. */
  readonly local: UdpPlace
  readonly datagrams: Incoming<Datagram>
  /** Datagrams that arrived and found the queue full. */
  readonly dropped: number
  /** Datagrams that the system refused to send. */
  readonly unsent: number
  /**
   * Sends one datagram, kept until it is sent. A promise means that much is on its way. `to` is the remote if there is
   * one. Errors: SocketError EMSGSIZE, EINVAL (a place where a remote is set, none where none is, no IP
   * address, no port).
   */
  send(payload: Buffer, to?: UdpPlace): Promise<void> | undefined
  /**
   * From now on the remote is the only peer; undefined takes that back, and Linux then takes a port that it had chosen
   * back too (`local` shows 0 until the next send). Datagrams that have arrived stay. Errors: Node's own, the signal's
   * reason.
   */
  connect(remote: UdpPlace | undefined, signal?: AbortSignal): Promise<void>
  /** Changes options. Errors: Node's own (EINVAL for a number or an interface that the system does not take). */
  tune(tuning: UdpTuning): void
  /** SO_RCVBUF and SO_SNDBUF as the system has set them, bytes. */
  readonly systemBuffers: { readonly receiveBytes: number; readonly sendBytes: number }
  /** Joins a group, on the interface with that address or the system's choice. Errors: Node's own (EINVAL, ENODEV, ...). */
  join(group: string, interfaceAddress?: string): void
  /** Leaves a group. Errors: Node's own (EADDRNOTAVAIL when it is no member). */
  leave(group: string, interfaceAddress?: string): void
  /** Sends what is on its way, then ends; what has arrived can still be taken. Idempotent. */
  close(): Promise<void>
  /** Ends now. Idempotent. */
  abort(reason?: Error): void
}

/** Opens and binds a socket. Errors: Node's own (EADDRINUSE, EADDRNOTAVAIL, EACCES, ...), the signal's reason. */
export async function openUdp(options: UdpOptions = {}): Promise<DatagramSocket> {
  const { family = 4, host, port = 0, signal, remote } = options
  signal?.throwIfAborted()
  const socket = createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    reuseAddr: options.reuseAddress ?? false,
    ipv6Only: options.ipv6Only ?? false,
  })
  try {
    await opened(
      socket,
      done => socket.bind({ port, ...(host !== undefined && { address: host }) }, done),
      signal,
    )
    if (remote !== undefined)
      await opened(socket, done => socket.connect(remote.port, remote.host, done), signal)
    configure(socket, options)
  } catch (error) {
    socket.close()
    throw error
  }
  applyKeepsProcess(socket, options)
  return new UdpSocket(socket, options)
}

/** Waits for one step of the opening. */
async function opened(
  socket: Socket,
  step: (done: () => void) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const done = deferred()
  const abort = (): void => done.reject(signal?.reason)
  socket.once('error', done.reject)
  signal?.addEventListener('abort', abort, { once: true })
  try {
    step(() => done.resolve())
    await done.promise
  } finally {
    socket.removeListener('error', done.reject)
    signal?.removeEventListener('abort', abort)
  }
}

function configure(socket: Socket, options: UdpTuning): void {
  if (options.broadcast !== undefined) socket.setBroadcast(options.broadcast)
  if (options.ttl !== undefined) socket.setTTL(options.ttl)
  if (options.multicastTtl !== undefined) socket.setMulticastTTL(options.multicastTtl)
  if (options.multicastLoopback !== undefined) socket.setMulticastLoopback(options.multicastLoopback)
  if (options.multicastInterface !== undefined) socket.setMulticastInterface(options.multicastInterface)
  if (options.receiveBufferBytes !== undefined) socket.setRecvBufferSize(options.receiveBufferBytes)
  if (options.sendBufferBytes !== undefined) socket.setSendBufferSize(options.sendBufferBytes)
}

class UdpSocket implements DatagramSocket {
  readonly family: 4 | 6
  readonly datagrams: BoundedQueue<Datagram>
  readonly #socket: Socket
  #isConnected: boolean
  readonly #sendBytesMax: number
  readonly #onFault: UdpOptions['onFault']
  readonly #gone = deferred()
  #state: 'open' | 'closing' | 'closed' = 'open'
  #local: { readonly address: string; readonly port: number }
  #dropped = 0
  #unsent = 0
  #bytesOnTheWay = 0
  #sendsOnTheWay = 0
  #room: Deferred<void> | undefined

  constructor(socket: Socket, options: UdpOptions) {
    this.family = options.family ?? 4
    this.#local = socket.address()
    this.datagrams = new BoundedQueue<Datagram>({
      itemsMax: options.queueMessagesMax ?? udpLimits.queueMessagesMax,
      bytesMax: options.queueBytesMax ?? udpLimits.queueBytesMax,
      bytesOf: datagram => datagram.payload.length,
    })
    this.#socket = socket
    this.#isConnected = options.remote !== undefined
    this.#sendBytesMax = options.sendBytesMax ?? udpLimits.sendBytesMax
    this.#onFault = options.onFault
    socket.on('message', (payload, from) => this.#arrived(payload, from))
    socket.on('error', error => this.#onFault?.(error))
    socket.once('close', () => this.#gone.resolve())
  }

  get local(): UdpPlace {
    if (this.#state !== 'closed') this.#local = this.#socket.address()
    return { host: this.#local.address, port: this.#local.port }
  }
  get dropped(): number {
    return this.#dropped
  }
  get unsent(): number {
    return this.#unsent
  }

  send(payload: Buffer, to?: UdpPlace): Promise<void> | undefined {
    this.#check(payload, to)
    if (this.#state !== 'open') return undefined
    const bytes = payload.length
    const done = (error: Error | null): void => this.#sent(bytes, error)
    if (to === undefined) this.#socket.send(payload, done)
    else this.#socket.send(payload, to.port, to.host, done)
    this.#bytesOnTheWay += bytes
    this.#sendsOnTheWay++
    if (this.#bytesOnTheWay <= this.#sendBytesMax) return undefined
    this.#room ??= deferred()
    return this.#room.promise
  }

  #check(payload: Buffer, to: UdpPlace | undefined): void {
    const max = udpLimits.payloadBytesMax[this.family]
    if (payload.length > max)
      throw new SocketError('EMSGSIZE', `a datagram of ${payload.length} bytes, at most ${max} can be sent`)
    if ((to === undefined) !== this.#isConnected)
      throw new SocketError(
        'EINVAL',
        this.#isConnected ? 'the socket has a remote, it sends nowhere else' : 'where should it be sent to?',
      )
    if (to !== undefined && isIP(to.host) === 0)
      throw new SocketError('EINVAL', `'${to.host}' is not an IP address`)
    if (to !== undefined && !(to.port > 0 && to.port <= 0xffff))
      throw new SocketError('EINVAL', `one can't send to port ${to.port}`)
  }

  #sent(bytes: number, error: Error | null): void {
    this.#bytesOnTheWay -= bytes
    this.#sendsOnTheWay--
    if (error !== null && this.#state !== 'closed') {
      this.#unsent++
      this.#onFault?.(error)
    }
    if (this.#bytesOnTheWay <= this.#sendBytesMax / 2) this.#giveRoom()
    if (this.#sendsOnTheWay === 0 && this.#state === 'closing') this.#shut()
  }

  #giveRoom(): void {
    this.#room?.resolve()
    this.#room = undefined
  }

  #arrived(payload: Buffer, { address, port }: RemoteInfo): void {
    if (!this.datagrams.push({ payload, from: { host: address, port } })) this.#dropped++
  }

  async connect(remote: UdpPlace | undefined, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    if (this.#isConnected) this.#socket.disconnect()
    this.#isConnected = false
    if (remote === undefined) return
    await opened(this.#socket, done => this.#socket.connect(remote.port, remote.host, done), signal)
    this.#isConnected = true
  }

  tune(tuning: UdpTuning): void {
    configure(this.#socket, tuning)
  }

  get systemBuffers() {
    return { receiveBytes: this.#socket.getRecvBufferSize(), sendBytes: this.#socket.getSendBufferSize() }
  }

  join(group: string, interfaceAddress?: string): void {
    this.#socket.addMembership(group, interfaceAddress)
  }

  leave(group: string, interfaceAddress?: string): void {
    this.#socket.dropMembership(group, interfaceAddress)
  }

  close(): Promise<void> {
    if (this.#state === 'open') {
      this.#state = 'closing'
      this.datagrams.close()
      if (this.#sendsOnTheWay === 0) this.#shut()
    }
    return this.#gone.promise
  }

  abort(reason: Error = new SocketError('ECONNABORTED', 'the socket was aborted')): void {
    this.datagrams.abort(reason)
    if (this.#state !== 'closed') this.#shut()
  }

  #shut(): void {
    this.#state = 'closed'
    this.#giveRoom()
    this.#socket.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
