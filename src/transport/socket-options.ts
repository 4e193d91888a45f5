// Options of sockets, as far as Node can set them (it has no way to SO_LINGER, SO_REUSEPORT before 23, or TCP's own
// keep-alive interval and count). One type for each kind of thing that they belong to.

import type { ListenOptions, Socket, TcpNetConnectOpts } from 'node:net'

/** What a connection can be told. Unix-domain sockets take these too; those that mean nothing there do nothing. */
export interface StreamSocketOptions {
  /** TCP_NODELAY: small writes are not held back. Default true. */
  readonly noDelay?: boolean
  /** SO_KEEPALIVE with the ms of silence before the first probe (TCP_KEEPIDLE, whole seconds). Default off. */
  readonly keepAlive?: { readonly initialDelayMs: number }
  /**
   * When the peer ends, our direction stays open until `end` or `close`. Default false: it ends as soon as the peer's
   * end has been read.
   */
  readonly halfOpen?: boolean
  /** Whether the process goes on for its sake alone, when nothing is being connected or written. Default true. */
  readonly keepsProcess?: boolean
}

/** What a listening socket can be told. */
export interface ListenSocketOptions {
  /** Connections that wait for being accepted, as asked of the system, which may have a limit of its own. */
  readonly backlog?: number
  /** IPV6_V6ONLY: a socket on `::` takes no IPv4 connections. Default false. */
  readonly ipv6Only?: boolean
}

/** Connections that wait for being accepted when nothing else is said. */
export const BACKLOG = 511

/** For `net.createServer` and `tls.createServer`. */
export function serverOptions({ noDelay = true, keepAlive, halfOpen = false }: StreamSocketOptions) {
  return {
    noDelay,
    allowHalfOpen: halfOpen,
    ...(keepAlive && { keepAlive: true, keepAliveInitialDelay: keepAlive.initialDelayMs }),
  }
}

/** For `net.connect`. */
export function connectOptions(
  options: StreamSocketOptions,
): Pick<TcpNetConnectOpts, 'noDelay' | 'keepAlive' | 'keepAliveInitialDelay' | 'allowHalfOpen'> {
  return serverOptions(options)
}

/** For `tls.connect`, which sets these on the socket itself. */
export function applyOptions(socket: Socket, { noDelay = true, keepAlive }: StreamSocketOptions): void {
  socket.setNoDelay(noDelay)
  if (keepAlive) socket.setKeepAlive(true, keepAlive.initialDelayMs)
}

/** For servers that listen and sockets that are connected. */
export function applyKeepsProcess(
  handle: { unref(): unknown },
  { keepsProcess = true }: { readonly keepsProcess?: boolean },
): void {
  if (!keepsProcess) handle.unref()
}

/** For `server.listen`. */
export function listenOptions({ backlog = BACKLOG, ipv6Only }: ListenSocketOptions): ListenOptions {
  return { backlog, ...(ipv6Only !== undefined && { ipv6Only }) }
}
