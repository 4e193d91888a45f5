// Network ids (RFC 5665, section 5.1): the transports by which programs are served, as rpcbind names them.

/** What travels under a network id. */
export type Protocol = 'tcp' | 'udp' | 'local'

export interface Network {
  readonly protocol: Protocol
  /** The family as rpcbind names it. */
  readonly family: 'inet' | 'inet6' | 'loopback'
  /** 1: datagrams; 2 and 3: streams, 3 with an orderly end. */
  readonly semantics: 1 | 2 | 3
}

/** Those that there are here. */
export const networks = {
  tcp: { protocol: 'tcp', family: 'inet', semantics: 3 },
  tcp6: { protocol: 'tcp', family: 'inet6', semantics: 3 },
  udp: { protocol: 'udp', family: 'inet', semantics: 1 },
  udp6: { protocol: 'udp', family: 'inet6', semantics: 1 },
  local: { protocol: 'local', family: 'loopback', semantics: 3 },
} as const satisfies Readonly<Record<string, Network>>

export type Netid = keyof typeof networks

/** Whether it is one of those that there are here. */
export function isNetid(text: string): text is Netid {
  return Object.hasOwn(networks, text)
}

/** The network id of a transport to an IP address; Unix-domain sockets have no IP address. */
export function netidOf(protocol: Protocol, host: string): Netid {
  if (protocol === 'local') return 'local'
  return host.includes(':') ? `${protocol}6` : protocol
}

/** Numbers of IP's protocols, by which version 2 says it. */
export const protocolNumbers = { tcp: 6, udp: 17 } as const

/** The network id of a protocol's number over IPv4; undefined for others. */
export function netidOfNumber(number: number): 'tcp' | 'udp' | undefined {
  if (number === protocolNumbers.tcp) return 'tcp'
  return number === protocolNumbers.udp ? 'udp' : undefined
}
