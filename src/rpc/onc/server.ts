// The serving side: listens, and gives calls to their handlers.

import { formatAddress, type ListenAtOptions, listen, parseAddress } from '../../transport/index.ts'
import { type RegisterOptions, registerServer } from '../rpcbind/register.ts'
import type { AuthStatus } from './auth.ts'
import { DatagramService, openDatagrams } from './datagram-server.ts'
import { Dispatcher } from './dispatcher.ts'
import { inTime } from './in-time.ts'
import { oncLimits } from './limits.ts'
import { ReplyCache, type ReplyCacheLimits, type Senders } from './reply-cache.ts'
import { ServedConnection } from './served-connection.ts'
import { type OncCall, type OncService, Services } from './service.ts'
import type { OncTlsServerOptions } from './tls.ts'

export interface OncServeOptions extends ListenAtOptions {
  /** Bytes of one call. */
  readonly recordBytesMax?: number
  /** Calls that run at a time: of one connection, or of all of UDP. */
  readonly runningMax?: number
  /** Ms that `close` waits for calls that run and for peers to end; then it cuts. */
  readonly closeMs?: number
  /**
   * Whether answers are kept and given again to a call that comes again, so that it runs at most once. Default: over UDP,
   * where callers send again; not over streams. Over streams for callers that connect anew and send again with the old xid.
   */
  readonly replyCache?: boolean | Partial<ReplyCacheLimits>
  /** Why a call is refused, or undefined. By default AUTH_NONE and AUTH_SYS are taken, other flavors rejected. */
  readonly refuse?: (call: OncCall) => AuthStatus | undefined
  /**
   * tcp: certificate and key, for clients that go over to TLS (RPC-with-TLS, RFC 9289), and whether they must. Not over UDP: there is
   * no DTLS.
   */
  readonly startTls?: OncTlsServerOptions
  /**
   * Whether the programs are registered with the machine's rpcbind, so that callers need not know the port; `close` takes
   * that back. Default false.
   */
  readonly register?: boolean | RegisterOptions
  /**
   * A handler threw (its caller gets SYSTEM_ERR), a connection broke, or the registration could not be taken back; `title` says
   * which.
   */
  readonly onFault?: (title: string, error: unknown) => void
}

/** A server that listens. */
export interface OncServer extends AsyncDisposable {
  /** Where it listens, with the real port. */
  readonly address: string
  /** Takes no more calls, answers those that run, and ends the connections. Idempotent. */
  close(): Promise<void>
}

/**
 * Serves programs at an address: `tcp://127.0.0.1:*`, any other of a stream, or `udp://127.0.0.1:*`. Errors: as transport's
 * `listen`; TypeError when a version of a program is given twice; with `register` those of `registerServer`.
 */
export async function serveOnc(
  address: string,
  services: readonly OncService[],
  options: OncServeOptions = {},
): Promise<OncServer> {
  const found = new Services(services)
  const { scheme } = parseAddress(address)
  if (options.startTls !== undefined && scheme !== 'tcp')
    throw new TypeError(`${address}: RPC-with-TLS is for tcp addresses; over UDP (DTLS) it is not there`)
  const serve = scheme === 'udp' ? serveDatagrams : serveStreams
  const server = await serve(address, found, options)
  const { register = false } = options
  return register === false
    ? server
    : registered(server, services, register === true ? {} : register, options)
}

async function registered(
  server: OncServer,
  services: readonly OncService[],
  register: RegisterOptions,
  { onFault, ipv6 }: OncServeOptions,
): Promise<OncServer> {
  try {
    const place = parseAddress(server.address)
    const unregister = await registerServer(place, services, { ...register, ...(ipv6 && { ipv6 }) })
    return serverAt(server.address, async () => {
      await unregister().catch((error: unknown) => onFault?.('taking the registration back', error))
      await server.close()
    })
  } catch (error) {
    await server.close()
    throw error
  }
}

async function serveDatagrams(
  address: string,
  services: Services,
  options: OncServeOptions,
): Promise<OncServer> {
  const socket = await openDatagrams(address)
  const dispatcher = dispatcherOf(services, options, cacheOf(options, 'by-port'))
  const service = new DatagramService(socket, dispatcher, options.runningMax)
  void service.run()
  const { host, port } = socket.local
  return serverAt(formatAddress({ scheme: 'udp', host, port }), () =>
    inTime(service.close(), options).then(() => service.abort()),
  )
}

async function serveStreams(
  address: string,
  services: Services,
  options: OncServeOptions,
): Promise<OncServer> {
  const connections = new Set<ServedConnection>()
  const dispatcher = dispatcherOf(services, options, cacheOf(options, 'by-address'))
  const { connectionsMax = oncLimits.connectionsMax } = options
  const endpoint = await listen(address, { ...options, connectionsMax }, stream => {
    const connection = new ServedConnection(stream, dispatcher, options)
    connections.add(connection)
    void connection.run().finally(() => connections.delete(connection))
  })
  return serverAt(formatAddress(endpoint.address), async () => {
    await endpoint.close()
    await Promise.all([...connections].map(one => one.close()))
  })
}

function dispatcherOf(
  services: Services,
  { refuse, onFault, startTls }: OncServeOptions,
  cache: ReplyCache | undefined,
): Dispatcher {
  const isTlsRequired = startTls?.required === true
  return new Dispatcher({ services, refuse, onFault, cache, isTlsRequired })
}

function cacheOf({ replyCache }: OncServeOptions, senders: Senders): ReplyCache | undefined {
  const wanted = replyCache ?? senders === 'by-port'
  if (wanted === false) return undefined
  const limits = wanted === true ? {} : wanted
  const { entriesMax = oncLimits.repliesMax, bytesMax = oncLimits.repliesBytesMax } = limits
  return new ReplyCache({ entriesMax, bytesMax }, senders)
}

function serverAt(address: string, close: () => Promise<void>): OncServer {
  let closing: Promise<void> | undefined
  const once = (): Promise<void> => {
    closing ??= close()
    return closing
  }
  return { address, close: once, [Symbol.asyncDispose]: once }
}
