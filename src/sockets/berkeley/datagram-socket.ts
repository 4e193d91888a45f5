// Datagram sockets: UDP (SOCK_DGRAM), as promises. What arrives waits in a bounded queue and is dropped and counted beyond
// it. A socket that sends before it was bound gets a port of the system's choice, as in POSIX.

import { withSignal } from '../../flow/index.ts'
import {
  type Datagram,
  openUdp,
  type DatagramSocket as UdpSocket,
  type UdpTuning,
} from '../../transport/index.ts'
import type { World } from '../../world/index.ts'
import {
  type BindAddress,
  bindAddress,
  checked,
  type InetAddress,
  isInet,
  type SocketAddress,
} from './address.ts'
import { type CallOptions, waiting } from './call.ts'
import { asPosix, type Operation, posix } from './errors.ts'
import { type DatagramOptions, type Membership, type ReadOnlyOptions, refusal, tunings } from './options.ts'
import { datagramMisuse, type Phase, refuseMisuse } from './state.ts'
import { bytesOf, checkOption, type Payload, withDefault } from './stream-socket.ts'
import { Turns } from './turns.ts'

type State =
  | { readonly at: 'created' }
  | { readonly at: 'bound'; readonly udp: UdpSocket }
  | { readonly at: 'connected'; readonly udp: UdpSocket; readonly remote: InetAddress }
  | { readonly at: 'closed'; readonly done: Promise<void> }

/** Options that live here; the others are asked of the socket. */
interface Kept {
  SO_RCVTIMEO: number | undefined
  SO_SNDTIMEO: number | undefined
  IPV6_V6ONLY: boolean
  SO_REUSEADDR: boolean
}

type SettableOption = keyof DatagramOptions

const memberships = {
  IP_ADD_MEMBERSHIP: 'join',
  IPV6_JOIN_GROUP: 'join',
  IP_DROP_MEMBERSHIP: 'leave',
  IPV6_LEAVE_GROUP: 'leave',
} as const

/** A datagram socket. All methods but `close` and `abort` fail with EBADF once it is closed. */
export class DatagramSocket implements AsyncDisposable {
  readonly family: 'inet' | 'inet6'
  readonly type = 'datagram'
  readonly #world: World
  readonly #opening = new Turns()
  readonly #kept: Kept = {
    SO_RCVTIMEO: undefined,
    SO_SNDTIMEO: undefined,
    IPV6_V6ONLY: false,
    SO_REUSEADDR: false,
  }
  #tuning: UdpTuning = {}
  #state: State = { at: 'created' }
  #fault: Error | undefined
  #room: Promise<void> | undefined

  constructor(family: 'inet' | 'inet6', world: World) {
    this.family = family
    this.#world = world
  }

  /** created, bound, connected or closed. */
  get phase(): Phase {
    return this.#state.at
  }

  /** getsockname(2). */
  get localAddress(): InetAddress | undefined {
    return 'udp' in this.#state ? this.#state.udp.local : undefined
  }

  /** getpeername(2): the only peer, after `connect`. */
  get remoteAddress(): InetAddress | undefined {
    return this.#state.at === 'connected' ? this.#state.remote : undefined
  }

  /** Datagrams that arrived while the queue was full. */
  get dropped(): number {
    return 'udp' in this.#state ? this.#state.udp.dropped : 0
  }

  /** Errors: EINVAL (it is bound), EAFNOSUPPORT, EADDRINUSE, EADDRNOTAVAIL, EACCES, EAI_NONAME, ETIMEDOUT, ... */
  async bind(address: BindAddress, options: CallOptions = {}): Promise<void> {
    this.#allow('bind')
    const { host, port } = this.#inet(bindAddress(this.family, address), 'bind')
    await this.#open('bind', options, { host, port })
  }

  /** Once at a time, and once at all. */
  #open(operation: Operation, options: CallOptions, at: Partial<InetAddress>): Promise<UdpSocket> {
    return waiting(this.#world, operation, options, signal =>
      this.#opening.take(signal, async () => {
        if ('udp' in this.#state) {
          if (operation === 'bind') throw posix('EINVAL', 'bind', 'the socket is bound')
          return this.#state.udp
        }
        const udp = await openUdp({
          ...this.#tuning,
          ...at,
          family: this.family === 'inet' ? 4 : 6,
          ipv6Only: this.#kept.IPV6_V6ONLY,
          reuseAddress: this.#kept.SO_REUSEADDR,
          onFault: error => this.#faulted(error),
          ...(signal && { signal }),
        })
        if (this.#state.at === 'closed') {
          udp.abort()
          throw posix('EBADF', operation, 'it was closed meanwhile')
        }
        this.#state = { at: 'bound', udp }
        return udp
      }),
    )
  }

  /**
   * From now on the address is the only peer, and `send` needs none; undefined takes that back (AF_UNSPEC); a port that
   * the system had chosen Linux takes back too, then. Errors:
   * EAFNOSUPPORT, EINVAL, EAI_NONAME, ENETUNREACH, ...
   */
  async connect(address: InetAddress | undefined, options: CallOptions = {}): Promise<void> {
    this.#allow('connect')
    const remote = address && this.#inet(checked(this.family, address, 'connect'), 'connect')
    const udp = await this.#opened('connect', options)
    await waiting(this.#world, 'connect', withDefault(options, this.#kept.SO_SNDTIMEO), signal =>
      udp.connect(remote, signal),
    )
    this.#state = remote === undefined ? { at: 'bound', udp } : { at: 'connected', udp, remote }
  }

  /**
   * Sends one datagram and resolves with its length. Without `to` it goes to the connected peer. Errors: EDESTADDRREQ,
   * EISCONN (an address where there is a peer), EMSGSIZE, EAFNOSUPPORT, EINVAL (`to` is not an IP address), what the
   * system said of an earlier datagram (ECONNREFUSED), ETIMEDOUT, the signal's reason.
   */
  async send(payload: Payload, to?: InetAddress, options: CallOptions = {}): Promise<number> {
    this.#allow('send')
    const state = this.#state
    if (state.at === 'connected' && to !== undefined) throw posix('EISCONN', 'send')
    if (state.at !== 'connected' && to === undefined) throw posix('EDESTADDRREQ', 'send')
    const target = to && this.#inet(checked(this.family, to, 'send'), 'send')
    const udp = await this.#opened('send', options)
    this.#throwFault('send')
    const bytes = bytesOf(payload)
    await waiting(this.#world, 'send', withDefault(options, this.#kept.SO_SNDTIMEO), async signal => {
      while (this.#room !== undefined) await withSignal(this.#room, signal)
      const room = udp.send(bytes, target)
      if (room !== undefined)
        this.#room = room.then(() => {
          this.#room = undefined
        })
    })
    return bytes.length
  }

  /**
   * The datagram that has waited longest, or the next, whole, with who sent it. Errors: what the system said of a
   * datagram that was sent (ECONNREFUSED from a connected peer), ETIMEDOUT, the signal's reason, EBADF when the socket is
   * closed meanwhile.
   */
  async receive(options: CallOptions = {}): Promise<Datagram> {
    this.#allow('receive')
    const udp = await this.#opened('receive', options)
    return waiting(this.#world, 'receive', withDefault(options, this.#kept.SO_RCVTIMEO), async signal => {
      for (;;) {
        this.#throwFault('receive')
        const [datagram] = udp.datagrams.take(1)
        if (datagram !== undefined) return datagram
        if (udp.datagrams.ended) throw posix('EBADF', 'receive', 'it was closed meanwhile')
        await this.#arrival(udp, signal)
      }
    })
  }

  /** Until there is a datagram, an error of the system, or the end. */
  async #arrival(udp: UdpSocket, signal: AbortSignal | undefined): Promise<void> {
    const controller = new AbortController()
    this.#listening.add(controller)
    const stop = (): void => controller.abort(signal?.reason)
    if (signal?.aborted === true) stop()
    else signal?.addEventListener('abort', stop, { once: true })
    try {
      await udp.datagrams.ready(controller.signal)
    } catch (error) {
      if (error !== faulted) throw error
    } finally {
      signal?.removeEventListener('abort', stop)
      this.#listening.delete(controller)
    }
  }

  readonly #listening = new Set<AbortController>()

  #faulted(error: Error): void {
    this.#fault = error
    for (const one of this.#listening) one.abort(faulted)
  }

  /** As SO_ERROR: told once. */
  #throwFault(operation: Operation): void {
    const fault = this.#fault
    if (fault === undefined) return
    this.#fault = undefined
    throw asPosix(fault, operation)
  }

  /** Datagrams one by one, until the socket is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Datagram, undefined> {
    this.#allow('receive')
    const udp = await this.#opened('receive', {})
    yield* udp.datagrams
  }

  /** Sends what is on its way, then ends. Never rejects; idempotent. */
  close(): Promise<void> {
    if (this.#state.at === 'closed') return this.#state.done
    const done = 'udp' in this.#state ? this.#state.udp.close() : Promise.resolve()
    this.#state = { at: 'closed', done }
    return done
  }

  /** Ends now. Idempotent. */
  abort(reason: Error = posix('ECONNABORTED', 'close', 'the socket was aborted')): void {
    if ('udp' in this.#state) this.#state.udp.abort(reason)
    if (this.#state.at !== 'closed') this.#state = { at: 'closed', done: Promise.resolve() }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /**
   * setsockopt(2). Joining a group needs a socket that is bound. Errors: OptionRefusedError, EINVAL, those of the system
   * (ENODEV, EADDRNOTAVAIL).
   */
  setOption<K extends SettableOption>(option: K, value: DatagramOptions[K]): void {
    this.#allow('setOption')
    try {
      this.#set(option, value)
    } catch (error) {
      throw asPosix(error, 'setOption')
    }
  }

  #set(option: SettableOption, value: unknown): void {
    const udp = 'udp' in this.#state ? this.#state.udp : undefined
    const other = this.family === 'inet' ? 'IPV6_' : 'IP_'
    if (option.startsWith(other) && option !== 'IPV6_V6ONLY') throw refusal('setOption', option, 'datagram')
    if (isMembership(option)) {
      const { group, interfaceAddress } = value as Membership
      if (udp === undefined) throw posix('EINVAL', 'setOption', `${option} before bind`)
      udp[memberships[option]](group, interfaceAddress)
    } else if (isTuning(option)) {
      checkOption(option, value, kindOf(option))
      const tuning: UdpTuning = { [tunings[option]]: value }
      udp?.tune(tuning)
      this.#tuning = { ...this.#tuning, ...tuning }
    } else if (Object.hasOwn(this.#kept, option)) {
      const isLate = udp !== undefined && (option === 'SO_REUSEADDR' || option === 'IPV6_V6ONLY')
      if (isLate) throw posix('EINVAL', 'setOption', `${option} after opening`)
      checkOption(option, value, 'boolean')
      Object.assign(this.#kept, { [option]: value })
    } else throw refusal('setOption', option, 'datagram')
  }

  /** getsockopt(2): what the system has for buffers once the socket is open; else what was set. Errors: OptionRefusedError. */
  getOption<K extends keyof (Omit<DatagramOptions, keyof typeof memberships> & ReadOnlyOptions)>(
    option: K,
  ): (DatagramOptions & ReadOnlyOptions)[K] | undefined {
    this.#allow('getOption')
    const buffers = 'udp' in this.#state ? this.#state.udp.systemBuffers : undefined
    const all: Record<string, unknown> = {
      ...this.#kept,
      ...Object.fromEntries(Object.entries(tunings).map(([name, key]) => [name, this.#tuning[key]])),
      ...(buffers && { SO_RCVBUF: buffers.receiveBytes, SO_SNDBUF: buffers.sendBytes }),
      SO_TYPE: 'datagram',
      SO_DOMAIN: this.family,
      SO_ACCEPTCONN: false,
      SO_ERROR: this.#fault && 'code' in this.#fault ? String(this.#fault.code) : undefined,
    }
    if (!Object.hasOwn(all, option)) throw refusal('getOption', option, 'datagram')
    return all[option] as (DatagramOptions & ReadOnlyOptions)[K] | undefined
  }

  #opened(operation: Operation, options: CallOptions): Promise<UdpSocket> {
    if ('udp' in this.#state) return Promise.resolve(this.#state.udp)
    return this.#open(operation, options, {})
  }

  #inet(address: SocketAddress, operation: Operation): InetAddress {
    if (!isInet(address)) throw posix('EAFNOSUPPORT', operation)
    return address
  }

  #allow(operation: Operation): void {
    refuseMisuse(datagramMisuse, operation, this.#state.at)
  }
}

/** Wakes who waits for a datagram when the system has reported an error. */
const faulted = new Error('the system has reported an error')

function isMembership(option: string): option is keyof typeof memberships {
  return Object.hasOwn(memberships, option)
}

function isTuning(option: string): option is keyof typeof tunings {
  return Object.hasOwn(tunings, option)
}

function kindOf(option: keyof typeof tunings): 'boolean' | 'string' | 'number' {
  if (option === 'SO_BROADCAST' || option.endsWith('_LOOP')) return 'boolean'
  return option.endsWith('_IF') ? 'string' : 'number'
}
