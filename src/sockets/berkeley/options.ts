// Socket options by their POSIX names (setsockopt(2), socket(7), tcp(7), ip(7), ipv6(7)): those that Node can set, what
// each takes, and those that it can't, each with the reason and what to do instead. Nothing is accepted and ignored.

import type { UdpTuning } from '../../transport/index.ts'
import { type Operation, PosixError } from './errors.ts'

/** Membership of a group: IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP and their IPv6 forms. */
export interface Membership {
  readonly group: string
  /** Address of the interface; default: the system's choice. */
  readonly interfaceAddress?: string
}

/** Options that both kinds of socket have. */
export interface CommonOptions {
  /** Ms that a `receive` or `accept` waits before ETIMEDOUT; undefined, the default, waits for ever. */
  readonly SO_RCVTIMEO: number | undefined
  /** Ms that a `send` or `connect` waits before ETIMEDOUT; undefined, the default, waits for ever. */
  readonly SO_SNDTIMEO: number | undefined
  /** To be set before the socket is opened. */
  readonly IPV6_V6ONLY: boolean
}

/** Options of stream sockets that can be set. */
export interface StreamOptions extends CommonOptions {
  /** Default true, unlike the system's: what one turn of the event loop sends goes out together. */
  readonly TCP_NODELAY: boolean
  readonly SO_KEEPALIVE: boolean
  /** Seconds of silence before the first probe; 0 is the system's. */
  readonly TCP_KEEPIDLE: number
}

/** Options of datagram sockets that can be set. */
export interface DatagramOptions extends CommonOptions {
  /** To be set before the socket is opened. */
  readonly SO_REUSEADDR: boolean
  readonly SO_BROADCAST: boolean
  /** Bytes. The system rounds and has limits of its own: read it back. */
  readonly SO_RCVBUF: number
  readonly SO_SNDBUF: number
  readonly IP_TTL: number
  readonly IP_MULTICAST_TTL: number
  readonly IP_MULTICAST_LOOP: boolean
  /** Address of the interface, or `::%name`. */
  readonly IP_MULTICAST_IF: string
  readonly IPV6_UNICAST_HOPS: number
  readonly IPV6_MULTICAST_HOPS: number
  readonly IPV6_MULTICAST_LOOP: boolean
  readonly IPV6_MULTICAST_IF: string
  readonly IP_ADD_MEMBERSHIP: Membership
  readonly IP_DROP_MEMBERSHIP: Membership
  readonly IPV6_JOIN_GROUP: Membership
  readonly IPV6_LEAVE_GROUP: Membership
}

/** Options that can only be read. */
export interface ReadOnlyOptions {
  readonly SO_TYPE: 'stream' | 'datagram'
  readonly SO_DOMAIN: 'inet' | 'inet6' | 'unix'
  readonly SO_ACCEPTCONN: boolean
  /** The code of what broke the connection; undefined when nothing did. */
  readonly SO_ERROR: string | undefined
}

/** Where Node keeps the options of datagrams. */
export const tunings = {
  SO_BROADCAST: 'broadcast',
  SO_RCVBUF: 'receiveBufferBytes',
  SO_SNDBUF: 'sendBufferBytes',
  IP_TTL: 'ttl',
  IP_MULTICAST_TTL: 'multicastTtl',
  IP_MULTICAST_LOOP: 'multicastLoopback',
  IP_MULTICAST_IF: 'multicastInterface',
  IPV6_UNICAST_HOPS: 'ttl',
  IPV6_MULTICAST_HOPS: 'multicastTtl',
  IPV6_MULTICAST_LOOP: 'multicastLoopback',
  IPV6_MULTICAST_IF: 'multicastInterface',
} as const satisfies Partial<Record<keyof DatagramOptions, keyof UdpTuning>>

interface Refusal {
  readonly why: string
  readonly instead?: string
}

const noCall: Refusal = { why: 'Node has no call that sets it' }

/** Options that are refused on every socket. */
export const refusedOptions: Readonly<Record<string, Refusal>> = {
  SO_LINGER: { ...noCall, instead: 'close({ timeoutMs }) waits as long as you say, abort() cuts at once' },
  SO_REUSEPORT: { why: 'Node can set it only from version 23 on' },
  SO_BINDTODEVICE: { ...noCall, instead: 'bind to the address of the interface' },
  SO_RCVLOWAT: { ...noCall, instead: 'receiveExactly(n)' },
  SO_SNDLOWAT: noCall,
  SO_OOBINLINE: { why: 'Node has no urgent data' },
  SO_DONTROUTE: noCall,
  SO_DEBUG: noCall,
  SO_PRIORITY: noCall,
  SO_MARK: noCall,
  SO_BUSY_POLL: noCall,
  SO_TIMESTAMP: { why: 'Node does not give control messages' },
  SO_PEERCRED: { why: 'Node does not tell who is at the other end of a Unix-domain socket' },
  SO_PASSCRED: { why: 'Node does not give control messages' },
  TCP_CORK: { ...noCall, instead: 'nothing: what one turn of the event loop sends goes out together' },
  TCP_QUICKACK: noCall,
  TCP_MAXSEG: noCall,
  TCP_KEEPINTVL: { why: 'Node sets it to 1 s by itself' },
  TCP_KEEPCNT: { why: 'Node sets it to 10 by itself' },
  TCP_USER_TIMEOUT: { ...noCall, instead: 'a timeoutMs on the call that must not wait longer' },
  TCP_DEFER_ACCEPT: noCall,
  TCP_FASTOPEN: noCall,
  TCP_CONGESTION: noCall,
  TCP_SYNCNT: { ...noCall, instead: 'connect(address, { timeoutMs })' },
  IP_TOS: noCall,
  IPV6_TCLASS: noCall,
  IP_PKTINFO: { why: 'Node does not give control messages' },
  IPV6_RECVPKTINFO: { why: 'Node does not give control messages' },
  IP_RECVERR: { why: 'Node does not give the error queue' },
  IP_MTU_DISCOVER: noCall,
  IP_HDRINCL: { why: 'Node has no raw sockets' },
  IP_TRANSPARENT: noCall,
  IP_FREEBIND: noCall,
}

/** Options that only stream sockets are refused, because datagram sockets have them. */
const refusedOfStreams: Readonly<Record<string, Refusal>> = {
  SO_RCVBUF: { why: 'Node sets it on datagram sockets only' },
  SO_SNDBUF: { why: 'Node sets it on datagram sockets only' },
  SO_REUSEADDR: { why: 'Node sets it on every listening socket, and it cannot be taken away' },
  IP_TTL: { why: 'Node sets it on datagram sockets only' },
}

/** The option exists, or not, but here it cannot be had: `reason` says why, `instead` what to do. */
export class OptionRefusedError extends PosixError {
  override readonly name = 'OptionRefusedError'
  readonly option: string
  readonly reason: string
  readonly instead: string | undefined

  constructor(operation: Operation, option: string, { why, instead }: Refusal) {
    super('ENOPROTOOPT', operation, `${option}: ${why}${instead === undefined ? '' : `; use ${instead}`}`)
    this.option = option
    this.reason = why
    this.instead = instead
  }
}

/** Why an option that this kind of socket does not have is refused. */
export function refusal(
  operation: Operation,
  option: string,
  type: 'stream' | 'datagram',
): OptionRefusedError {
  const known = refusedOptions[option] ?? (type === 'stream' ? refusedOfStreams[option] : undefined)
  return new OptionRefusedError(operation, option, known ?? { why: `a ${type} socket has no such option` })
}
