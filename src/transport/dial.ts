// One way in to all stream transports: an address says which. What a transport has no use for (the noDelay of a pair in
// one process) is not asked of it; what it cannot do without (certificates of a tls listener) is asked for by name.

import type { World } from '../world/index.ts'
import { type Address, formatAddress, type Place, parseAddress } from './address.ts'
import { AddressError } from './address-errors.ts'
import { SocketError } from './errors.ts'
import { type InprocNames, inprocNames } from './inproc.ts'
import { listenHost } from './interfaces.ts'
import { connectIpc, listenIpc } from './ipc.ts'
import type { ListenSocketOptions, StreamSocketOptions } from './socket-options.ts'
import type { Listener, Stream } from './stream.ts'
import { connectTcp, listenTcp, type TlsClientOptions, type TlsServerOptions } from './tcp.ts'
import type { WsServing } from './ws/handshake.ts'
import type { WsLimits } from './ws/limits.ts'
import { byteStream } from './ws/message-stream.ts'
import { connectWs, listenWs } from './ws.ts'

/** What both ends may be told. */
interface CommonOptions extends StreamSocketOptions {
  /** inproc: where the names are. Default: those of the process. */
  readonly names?: InprocNames
  /** inproc: bytes that wait before a write asks to wait. */
  readonly bufferBytesMax?: number
  /** ws, wss: sub-protocols, best first. */
  readonly protocols?: readonly string[]
  readonly wsLimits?: Partial<WsLimits>
  readonly world?: World
}

export interface DialOptions extends CommonOptions {
  readonly signal?: AbortSignal
  /** tls, wss: how the server is checked. */
  readonly tls?: TlsClientOptions
  /** ws, wss: more fields of the request. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Connects a stream of bytes. Errors: AddressError (also for `*`, port 0 and udp), and those of the transport, each with
 * a `code`; the signal's reason.
 */
export async function connect(where: Address | string, options: DialOptions = {}): Promise<Stream> {
  const address = typeof where === 'string' ? parseAddress(where) : where
  const { names = inprocNames, wsLimits: limits, signal, tls = {} } = options
  signal?.throwIfAborted()
  switch (address.scheme) {
    case 'tcp':
    case 'tls': {
      const isTls = address.scheme === 'tls'
      const source = address.source && sourceOf(address.source)
      const { tls: _, ...rest } = options
      return connectTcp({ ...rest, ...target(address), ...(source && { source }), ...(isTls && { tls }) })
    }
    case 'ws':
    case 'wss': {
      const isTls = address.scheme === 'wss'
      const { path } = address
      const { tls: _, ...rest } = options
      return byteStream(
        await connectWs({
          ...rest,
          ...target(address),
          path,
          ...(isTls && { tls }),
          ...(limits && { limits }),
        }),
      )
    }
    case 'ipc':
      if (address.path === '*') throw new AddressError('ADDRESS_WILDCARD', formatAddress(address), '*')
      return connectIpc({ ...options, path: address.path })
    case 'inproc':
      return names.connect(address.name, options)
    case 'udp':
      throw new AddressError('ADDRESS_NO_STREAM', formatAddress(address), 'udp')
  }
}

function target(address: Address & Place): Place {
  const { host, port } = address
  if (host === '*' || port === 0)
    throw new AddressError('ADDRESS_WILDCARD', formatAddress(address), host === '*' ? host : String(port))
  return { host, port }
}

/** An interface or `*` on our side is the system's to choose from. */
function sourceOf({ host, port }: Place): { readonly host?: string; readonly port?: number } {
  return { ...(host !== '*' && { host: listenHost(host) }), ...(port !== 0 && { port }) }
}

export interface ListenAtOptions extends CommonOptions, ListenSocketOptions {
  /** tls, wss: certificate and key; without them such a listener is refused with EINVAL. */
  readonly tls?: TlsServerOptions
  /** Whether `*` and interfaces mean IPv6 too. Default false, as in ZeroMQ. */
  readonly ipv6?: boolean
  readonly connectionsMax?: number
  /** Told of connections that failed before they became streams. */
  readonly onRefused?: (reason: Error, address: string) => void
  /** ws, wss: whether scripts of that page may connect. */
  readonly allowOrigin?: WsServing['allowOrigin']
}

/** Where streams arrive. */
export interface Endpoint {
  /** The real one: with the port that the system chose, or the file. Hosts stay as they were written. */
  readonly address: Address
  /** Takes no more connections; those that are there stay. Idempotent. */
  close(): Promise<void>
}

/** Listens for streams of bytes. Errors: AddressError, and those of the transport, each with a `code`. */
export async function listen(
  where: Address | string,
  options: ListenAtOptions,
  accept: (stream: Stream) => void,
): Promise<Endpoint> {
  const address = typeof where === 'string' ? parseAddress(where) : where
  const { listener, real } = await open(address, options, accept)
  return { address: real, close: () => listener.close() }
}

interface Opened {
  readonly listener: Listener
  readonly real: Address
}

async function open(
  address: Address,
  options: ListenAtOptions,
  accept: (stream: Stream) => void,
): Promise<Opened> {
  const { names = inprocNames, wsLimits: limits, tls, ...rest } = options
  switch (address.scheme) {
    case 'tcp':
    case 'tls': {
      const listener = await listenTcp(
        { ...rest, ...secured(address, tls), ...place(address, options) },
        accept,
      )
      return { listener, real: { ...address, port: listener.port } }
    }
    case 'ws':
    case 'wss': {
      const { path } = address
      const listener = await listenWs(
        {
          ...rest,
          ...secured(address, tls),
          ...place(address, options),
          path,
          ...(limits && { limits }),
        },
        stream => accept(byteStream(stream)),
      )
      return { listener, real: { ...address, port: listener.port } }
    }
    case 'ipc': {
      const { path } = address
      const { onRefused } = options
      const listener = await listenIpc(
        { ...rest, path, onRefused: reason => onRefused?.(reason, path) },
        accept,
      )
      return { listener, real: { ...address, path: listener.host } }
    }
    case 'inproc':
      return { listener: names.listen(address.name, accept, options), real: address }
    case 'udp':
      throw new AddressError('ADDRESS_NO_STREAM', formatAddress(address), 'udp')
  }
}

function place({ host, port }: Place, { ipv6 = false }: ListenAtOptions): Place {
  return { host: listenHost(host, { ipv6 }), port }
}

function secured(address: Address, tls: TlsServerOptions | undefined): { readonly tls?: TlsServerOptions } {
  if (address.scheme === 'tcp' || address.scheme === 'ws') return {}
  if (tls === undefined)
    throw new SocketError('EINVAL', `${formatAddress(address)} needs a certificate and a key (option tls)`)
  return { tls }
}
