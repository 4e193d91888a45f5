// From an address to links: connecting and listening on every transport, with the handshake that each has.

import { deadline } from '../../flow/index.ts'
import {
  type Address,
  connect,
  connectWs,
  listen,
  listenHost,
  listenWs,
  type MessageStream,
  type Stream,
  type TlsClientOptions,
  type TlsServerOptions,
} from '../../transport/index.ts'
import { formatSpAddress, parseSpAddress } from './address.ts'
import { asError, SpError } from './errors.ts'
import { shakeHands } from './handshake.ts'
import { spLimits } from './limits.ts'
import type { Link } from './link.ts'
import { MessageLink } from './message-link.ts'
import type { Settings } from './options.ts'
import { type ProtocolName, protocols, subProtocol } from './protocols.ts'
import { StreamLink } from './stream-link.ts'
import type { Framing } from './wire.ts'

export interface DialTransportOptions {
  /** tls+tcp, wss: how the server is checked. */
  readonly tls?: TlsClientOptions
  /** ws, wss: more fields of the request (NNG_OPT_WS_REQUEST_HEADERS). */
  readonly headers?: Readonly<Record<string, string>>
}

/** Connects and shakes hands. Errors: those of the transport; SpError EPROTO; TimeoutError; the signal's reason. */
export async function dialLink(
  address: Address,
  protocol: ProtocolName,
  settings: Settings,
  options: DialTransportOptions,
  signal: AbortSignal,
): Promise<Link> {
  const { noDelay, keepAlive, world, receiveSizeMax } = settings
  const shared = { noDelay, ...(keepAlive && { keepAlive }), world, signal }
  if (address.scheme === 'ws' || address.scheme === 'wss') {
    const { host, port, path } = address
    const stream = await connectWs({
      ...{ ...shared, host, port, path },
      protocols: [subProtocol(protocols[protocol].peer)],
      ...(options.headers && { headers: options.headers }),
      ...(address.scheme === 'wss' && { tls: options.tls ?? {} }),
      limits: wsLimitsOf(receiveSizeMax),
    })
    return new MessageLink(stream, receiveSizeMax)
  }
  const stream = await connect(address, { ...shared, ...(options.tls && { tls: options.tls }) })
  return shaken(stream, framingOf(address), protocol, settings, signal)
}

/** Shakes hands within `handshakeMs`; a stream that does not is aborted. */
async function shaken(
  stream: Stream,
  framing: Framing,
  protocol: ProtocolName,
  { world, receiveSizeMax }: Settings,
  signal: AbortSignal,
): Promise<Link> {
  const limit = deadline(world, spLimits.handshakeMs, signal)
  const cut = (): void => stream.abort(asError(limit.signal.reason))
  if (limit.signal.aborted) cut()
  else limit.signal.addEventListener('abort', cut, { once: true })
  try {
    const rest = await shakeHands(stream, protocol)
    return new StreamLink(stream, { framing, payloadBytesMax: receiveSizeMax, rest })
  } catch (error) {
    stream.abort()
    signal.throwIfAborted()
    throw error
  } finally {
    limit.cancel()
  }
}

export interface ListenTransportOptions {
  /** tls+tcp, wss: certificate and key. */
  readonly tls?: TlsServerOptions
  /** Connections that wait for being accepted, as asked of the system. */
  readonly backlog?: number
}

/** Where links arrive. */
export interface LinkListener {
  /** The real address, with the port that the system chose. */
  readonly address: string
  close(): Promise<void>
}

/**
 * Listens, and gives each link to `accept` once its handshake is through; those that fail go to the settings' `onFault`.
 * Errors: those of the transport (EADDRINUSE, ...), SpError EADDRINVAL, EINVAL.
 */
export async function listenLinks(
  text: string,
  protocol: ProtocolName,
  settings: Settings,
  options: ListenTransportOptions,
  signal: AbortSignal,
  accept: (link: Link) => void,
): Promise<LinkListener> {
  const address = parseSpAddress(text)
  const { noDelay, keepAlive, world, onFault, receiveSizeMax } = settings
  const onRefused = (error: Error): void => onFault?.(error, text)
  const { backlog } = options
  const shared = {
    noDelay,
    ...(keepAlive && { keepAlive }),
    world,
    onRefused,
    ...(backlog !== undefined && { backlog }),
  }
  if (address.scheme === 'ws' || address.scheme === 'wss') {
    if (address.scheme === 'wss' && options.tls === undefined)
      throw new SpError('EINVAL', `${text} needs a certificate and a key (option tls)`)
    const listener = await listenWs(
      {
        ...{ ...shared, host: listenHost(address.host), port: address.port, path: address.path },
        protocols: [subProtocol(protocol)],
        ...(address.scheme === 'wss' && options.tls && { tls: options.tls }),
        limits: wsLimitsOf(receiveSizeMax),
      },
      (stream: MessageStream) => accept(new MessageLink(stream, receiveSizeMax)),
    )
    return { address: formatSpAddress({ ...address, port: listener.port }), close: () => listener.close() }
  }
  const endpoint = await listen(address, { ...shared, ...(options.tls && { tls: options.tls }) }, stream => {
    shaken(stream, framingOf(address), protocol, settings, signal).then(accept, (error: unknown) => {
      if (!signal.aborted) onRefused(asError(error))
    })
  })
  return { address: formatSpAddress(endpoint.address), close: () => endpoint.close() }
}

function framingOf({ scheme }: Address): Framing {
  return scheme === 'ipc' ? 'ipc' : 'tcp'
}

function wsLimitsOf(receiveSizeMax: number) {
  return {
    frameBytesMax: receiveSizeMax,
    messageBytesMax: receiveSizeMax,
    sendFrameBytesMax: spLimits.wsFrameBytes,
  }
}
