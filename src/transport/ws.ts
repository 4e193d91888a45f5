// WebSocket (RFC 6455) by hand over TCP or TLS: listening and connecting. The parts are in ws/: head (HTTP, as far as it
// goes), handshake, frame and incoming (the wire), connection (a session), message-stream (the interface).

import { type Deadline, deadline, Scope } from '../flow/index.ts'
import { systemWorld, type World } from '../world/index.ts'
import type { StreamSocketOptions } from './socket-options.ts'
import type { Listener, Stream } from './stream.ts'
import { connectTcp, type ListenOptions, listenTcp, type TlsClientOptions } from './tcp.ts'
import { WsConnection } from './ws/connection.ts'
import { WsError } from './ws/errors.ts'
import {
  agreedIn,
  decide,
  refuse,
  requestOf,
  type WsRefusal,
  type WsRequest,
  type WsServing,
} from './ws/handshake.ts'
import { readHead } from './ws/head.ts'
import { type WsLimits, wsLimits } from './ws/limits.ts'
import type { MessageStream } from './ws/message-stream.ts'

export interface ListenWsOptions extends Omit<ListenOptions, 'halfOpen'>, WsServing {
  readonly limits?: Partial<WsLimits>
  /** Clock and timers of handshakes and closings. */
  readonly world?: World
}

/**
 * Listens, and gives each connection to `accept` once its handshake is through; those that fail go to `onRefused`.
 * `close` of the listener also cuts handshakes that are under way. Errors: Node's own (EADDRINUSE, ...).
 */
export async function listenWs(
  options: ListenWsOptions,
  accept: (stream: MessageStream, request: WsRequest) => void,
): Promise<Listener> {
  const limits = { ...wsLimits, ...options.limits }
  const world = options.world ?? systemWorld
  const handshakes = new Scope()
  const welcome = async (stream: Stream): Promise<void> => {
    const accepted = await shaken(stream).catch((error: unknown) => {
      stream.abort()
      options.onRefused?.(error instanceof Error ? error : new Error(String(error)), stream.peer.address)
    })
    if (accepted !== undefined) accept(accepted.connection, accepted.request)
  }
  const shaken = async (stream: Stream): Promise<Accepted> => {
    handshakes.own(stream)
    const limit = limited(stream, world, limits)
    try {
      return await answer(stream, options, limits, world)
    } finally {
      limit.cancel()
      handshakes.release(stream)
    }
  }
  const listener = await listenTcp({ ...options, halfOpen: false }, stream => void welcome(stream))
  const close = async (): Promise<void> => {
    await listener.close()
    handshakes.abort()
  }
  return { host: listener.host, port: listener.port, close }
}

interface Accepted {
  readonly connection: MessageStream
  readonly request: WsRequest
}

async function answer(stream: Stream, serving: WsServing, limits: WsLimits, world: World): Promise<Accepted> {
  const head = await readHead(stream.bytes, limits)
  if ('flaw' in head) return refused(stream, refuse(head.status, head.flaw))
  const decision = decide(head, serving)
  if (decision.at === 'refused') return refused(stream, decision)
  stream.write([Buffer.from(decision.response, 'latin1')])
  const { protocol, request } = decision
  const connection = new WsConnection({ stream, rest: head.rest, side: 'server', protocol, limits, world })
  return { connection, request }
}

/** Says why, and ends. Throws what `onRefused` hears. */
async function refused(stream: Stream, { response, flaw, status }: WsRefusal): Promise<never> {
  stream.write([Buffer.from(response, 'latin1')])
  await stream.close()
  throw new WsError('WS_HANDSHAKE_INVALID', `a handshake was refused: ${flaw}`, status)
}

export interface ConnectWsOptions extends Omit<StreamSocketOptions, 'halfOpen'> {
  readonly host: string
  readonly port: number
  readonly tls?: TlsClientOptions
  /** Path and query; default `/`. */
  readonly path?: string
  /** Sub-protocols, best first. With any, the server must agree on one. */
  readonly protocols?: readonly string[]
  /** More fields of the request: Authorization, Origin, ... */
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  readonly limits?: Partial<WsLimits>
  readonly world?: World
}

/**
 * Connects and shakes hands. Errors: Node's own (ECONNREFUSED, ...), WsError WS_REFUSED (with the HTTP status) and
 * WS_HANDSHAKE_INVALID, TimeoutError after `handshakeMs`, the signal's reason, RangeError for names that can't be sent.
 */
export async function connectWs(options: ConnectWsOptions): Promise<MessageStream> {
  const { host, port, path = '/', protocols = [], headers = {}, signal } = options
  const limits = { ...wsLimits, ...options.limits }
  const world = options.world ?? systemWorld
  const key = world.randomBytes(16).toString('base64')
  const name = host.includes(':') ? `[${host}]` : host
  const isUsual = port === (options.tls === undefined ? 80 : 443)
  const asking = { authority: isUsual ? name : `${name}:${port}`, target: path, key, protocols, headers }
  const request = requestOf(asking)
  const stream = await connectTcp({ ...options, halfOpen: false })
  const limit = limited(stream, world, limits, signal)
  try {
    stream.write([Buffer.from(request, 'latin1')])
    const head = await readHead(stream.bytes, limits)
    if ('flaw' in head) throw new WsError('WS_HANDSHAKE_INVALID', `the server's answer: ${head.flaw}`)
    const protocol = agreedIn(head, asking)
    return new WsConnection({ stream, rest: head.rest, side: 'client', protocol, limits, world })
  } catch (error) {
    stream.abort()
    signal?.throwIfAborted()
    throw error
  } finally {
    limit.cancel()
  }
}

/** Aborts the stream when the handshake takes too long or is called off. */
function limited(stream: Stream, world: World, { handshakeMs }: WsLimits, signal?: AbortSignal): Deadline {
  const limit = deadline(world, handshakeMs, signal)
  const abort = (): void => {
    const { reason } = limit.signal
    stream.abort(reason instanceof Error ? reason : new DOMException(String(reason), 'AbortError'))
  }
  if (limit.signal.aborted) abort()
  else limit.signal.addEventListener('abort', abort, { once: true })
  return limit
}
