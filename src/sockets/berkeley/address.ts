// Addresses as bind and connect take them (struct sockaddr_in, sockaddr_in6, sockaddr_un).

import { type Operation, posix } from './errors.ts'

/** AF_INET, AF_INET6, AF_UNIX. */
export type Family = 'inet' | 'inet6' | 'unix'

export interface InetAddress {
  /** Name or address. To bind, default: all of the family. */
  readonly host: string
  /** 0 to bind is one that the system chooses. */
  readonly port: number
}

export interface UnixAddress {
  /** A file, or on Linux `@name` for an abstract name. */
  readonly path: string
}

export type SocketAddress = InetAddress | UnixAddress

/** What bind takes: without a host all of the family (INADDR_ANY, in6addr_any). */
export type BindAddress = { readonly host?: string; readonly port?: number } | UnixAddress

/** The address to bind to, whole. Errors: EAFNOSUPPORT, EINVAL. */
export function bindAddress(family: Family, address: BindAddress): SocketAddress {
  if ('path' in address) return checked(family, address, 'bind')
  const { host = family === 'inet6' ? '::' : '0.0.0.0', port = 0 } = address
  return checked(family, { host, port }, 'bind')
}

/** The address if it is one of the family. Errors: EAFNOSUPPORT, EINVAL for what is no port or path. */
export function checked(family: Family, address: SocketAddress, operation: Operation): SocketAddress {
  const isUnix = 'path' in address
  if (isUnix !== (family === 'unix'))
    throw posix('EAFNOSUPPORT', operation, `the socket is '${family}', the address is ${show(address)}`)
  if (isUnix) {
    if (address.path === '') throw posix('EINVAL', operation, 'the path is empty')
    return address
  }
  const { host, port } = address
  const isPort = Number.isInteger(port) && port >= (operation === 'bind' ? 0 : 1) && port <= 0xffff
  if (!isPort) throw posix('EINVAL', operation, `port ${port}`)
  if (host === '') throw posix('EINVAL', operation, 'the host is empty')
  return address
}

export function isInet(address: SocketAddress): address is InetAddress {
  return !('path' in address)
}

export function show(address: SocketAddress): string {
  if ('path' in address) return address.path
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}
