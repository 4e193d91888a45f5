// Addresses as ZeroMQ and nanomsg write them, `transport://where` (zmq_tcp(7), zmq_ipc(7), nng_tcp(7), nng_ws(7)):
//
//   tcp://host:port  tls://host:port  udp://host:port      host: name, IPv4, [IPv6], interface or *; port: number or *
//   tcp://source:port;host:port                            connecting from an address of our own
//   ws://host:port/path  wss://host:port/path              path optional, default /
//   ipc:///file  ipc://file  ipc://@abstract  ipc://*
//   inproc://name
//
// Pure: what a host is (an interface?) is asked when it is used. An ephemeral port, written * or 0, is 0 here.

import { isIPv6 } from 'node:net'
import { AddressError } from './address-errors.ts'

/** A host, without brackets, and a port. */
export interface Place {
  /** `*` for all interfaces. */
  readonly host: string
  /** 0 for one that the system chooses. */
  readonly port: number
}

export type Address =
  | ({ readonly scheme: 'tcp' | 'tls'; readonly source?: Place } & Place)
  | ({ readonly scheme: 'udp' } & Place)
  | ({ readonly scheme: 'ws' | 'wss'; readonly path: string } & Place)
  /** A file, `@name`, or `*`. */
  | { readonly scheme: 'ipc'; readonly path: string }
  | { readonly scheme: 'inproc'; readonly name: string }

/** Characters of an in-process name, as libzmq and nng have it. */
export const INPROC_NAME_MAX = 256

/** The address that the text says. Errors: AddressError. */
export function parseAddress(text: string): Address {
  const at = text.indexOf('://')
  if (at < 1) throw new AddressError('ADDRESS_SCHEME_MISSING', text, '')
  const scheme = text.slice(0, at).toLowerCase()
  const rest = text.slice(at + 3)
  switch (scheme) {
    case 'tcp':
    case 'tls':
      return { scheme, ...sourceAndPlace(text, rest) }
    case 'udp':
      return { scheme, ...placeOf(text, rest) }
    case 'ws':
    case 'wss':
      return { scheme, ...placeAndPath(text, rest) }
    case 'ipc':
      if (rest === '' || rest === '@' || rest.includes('\0'))
        throw new AddressError('ADDRESS_PATH_INVALID', text, rest)
      return { scheme, path: rest }
    case 'inproc':
      if (rest === '' || rest.length > INPROC_NAME_MAX)
        throw new AddressError('ADDRESS_NAME_INVALID', text, rest)
      return { scheme, name: rest }
    default:
      throw new AddressError('ADDRESS_SCHEME_UNKNOWN', text, scheme)
  }
}

function sourceAndPlace(text: string, rest: string): Place & { readonly source?: Place } {
  const cut = rest.indexOf(';')
  if (cut < 0) return placeOf(text, rest)
  return { source: placeOf(text, rest.slice(0, cut)), ...placeOf(text, rest.slice(cut + 1)) }
}

function placeAndPath(text: string, rest: string): Place & { readonly path: string } {
  const cut = rest.search(/[/?]/)
  if (cut < 0) return { ...placeOf(text, rest), path: '/' }
  const path = rest[cut] === '/' ? rest.slice(cut) : `/${rest.slice(cut)}`
  if (!/^[\x21-\x7e]*$/.test(path) || path.includes('#'))
    throw new AddressError('ADDRESS_PATH_INVALID', text, path)
  return { ...placeOf(text, rest.slice(0, cut)), path }
}

function placeOf(text: string, place: string): Place {
  const cut = place.lastIndexOf(':')
  const isPortless = cut < 0 || (place.startsWith('[') && place.endsWith(']'))
  if (isPortless) throw new AddressError('ADDRESS_PORT_MISSING', text, place)
  return { host: hostOf(text, place.slice(0, cut)), port: portOf(text, place.slice(cut + 1)) }
}

/** RFC 1123 labels, with the underscores, colons of aliases (eth0.1) and the like that interfaces may have. */
const name = /^[A-Za-z0-9_]([A-Za-z0-9._-]{0,252}[A-Za-z0-9_])?$/

function hostOf(text: string, host: string): string {
  const [, inside] = /^\[(.*)\]$/.exec(host) ?? []
  const isValid = inside === undefined ? host === '*' || name.test(host) : isIPv6(inside)
  if (!isValid) throw new AddressError('ADDRESS_HOST_INVALID', text, host)
  return inside ?? host
}

function portOf(text: string, port: string): number {
  if (port === '') throw new AddressError('ADDRESS_PORT_MISSING', text, '')
  if (port === '*') return 0
  if (!/^\d{1,5}$/.test(port) || Number(port) > 0xffff)
    throw new AddressError('ADDRESS_PORT_INVALID', text, port)
  return Number(port)
}

/** The text of an address; `parseAddress` gives the same address back. */
export function formatAddress(address: Address): string {
  switch (address.scheme) {
    case 'tcp':
    case 'tls': {
      const source = address.source === undefined ? '' : `${formatPlace(address.source)};`
      return `${address.scheme}://${source}${formatPlace(address)}`
    }
    case 'udp':
      return `udp://${formatPlace(address)}`
    case 'ws':
    case 'wss':
      return `${address.scheme}://${formatPlace(address)}${address.path}`
    case 'ipc':
      return `ipc://${address.path}`
    case 'inproc':
      return `inproc://${address.name}`
  }
}

function formatPlace({ host, port }: Place): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
