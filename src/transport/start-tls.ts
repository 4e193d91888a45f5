// TLS on a connection that is in use already (the STARTTLS of several protocols): both sides have said in clear text that
// TLS comes next, and hand over the stream. What has arrived and was not read belongs to TLS, so that nothing which somebody
// in between put there in clear text is taken for part of the secured conversation.

import type { Socket } from 'node:net'
import { createServer, type TLSSocket, connect as tlsConnect } from 'node:tls'
import { deferred } from '../flow/index.ts'
import { SocketError } from './errors.ts'
import { connecting } from './socket-events.ts'
import { SocketStream } from './socket-stream.ts'
import type { Stream, SystemStream } from './stream.ts'
import { clientPem, peerOf, serverPem, type TlsClientOptions, type TlsServerOptions } from './tcp.ts'

export type AlpnPolicy = 'required' | 'optional'

/** What the protocol asks of TLS. */
export interface StartTlsTerms {
  /** The name of the protocol (RFC 7301, ALPN): a peer that names another is refused. */
  readonly alpn: string
  /** Whether a peer that names none is refused, too. Default 'required'. */
  readonly alpnPolicy?: AlpnPolicy | undefined
  /** Default TLSv1.2. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3'
  /** Ms that the handshake may take. Default 30,000. */
  readonly handshakeMs?: number
  readonly signal?: AbortSignal
}

const HANDSHAKE_MS = 30_000

/**
 * Our side begins the handshake. `host` is whom the certificate must name, unless the options have another name. The old stream
 * is of no use afterwards. Errors: Node's own (certificates, alerts), SocketError EPROTO when the peer does not agree on the
 * protocol, EINVAL for what is no TCP connection, the signal's reason; the connection is cut then.
 */
export async function startTlsClient(
  stream: Stream,
  tls: TlsClientOptions & { readonly host: string },
  terms: StartTlsTerms,
): Promise<SystemStream> {
  const socket = await handedOver(stream, terms.signal)
  const secured = tlsConnect({
    ...clientPem(tls.host, tls),
    ...{ socket, host: tls.host, ALPNProtocols: [terms.alpn], minVersion: terms.minVersion ?? 'TLSv1.2' },
  })
  const { signal, handshakeMs = HANDSHAKE_MS } = terms
  secured.setTimeout(handshakeMs, () => secured.destroy(new SocketError('ETIMEDOUT', 'the TLS handshake')))
  try {
    await connecting(secured, 'secureConnect', signal)
  } catch (error) {
    socket.destroy()
    throw error
  }
  secured.setTimeout(0)
  return agreed(secured, terms)
}

/** The other side begins the handshake. Errors: as `startTlsClient`. */
export async function startTlsServer(
  stream: Stream,
  tls: TlsServerOptions,
  terms: StartTlsTerms,
): Promise<SystemStream> {
  const { alpn, minVersion = 'TLSv1.2', handshakeMs = HANDSHAKE_MS, signal } = terms
  const socket = await handedOver(stream, signal)
  // A server for the one connection: it checks the client's certificate and says what came of it, which a bare TLSSocket
  // does not.
  const server = createServer({
    ...serverPem(tls),
    ...{ minVersion, handshakeTimeout: handshakeMs, ALPNProtocols: [alpn] },
  })
  const done = deferred<TLSSocket>()
  const abort = (): void => done.reject(signal?.reason)
  const gone = (): void => done.reject(new SocketError('ECONNRESET', 'the peer ended the TLS handshake'))
  server.once('secureConnection', done.resolve)
  server.once('tlsClientError', done.reject)
  socket.once('close', gone)
  signal?.addEventListener('abort', abort, { once: true })
  try {
    server.emit('connection', socket)
    return agreed(await done.promise, terms)
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    socket.removeListener('close', gone)
    signal?.removeEventListener('abort', abort)
  }
}

async function handedOver(stream: Stream, signal: AbortSignal | undefined): Promise<Socket> {
  if (!(stream instanceof SocketStream) || stream.peer.encrypted)
    throw new SocketError('EINVAL', `TLS can be started on a TCP connection, not on ${stream.peer.address}`)
  const socket = await stream.handOver()
  if (!signal?.aborted) return socket
  socket.destroy()
  throw signal.reason
}

function agreed(socket: TLSSocket, { alpn, alpnPolicy = 'required' }: StartTlsTerms): SystemStream {
  const namesNone = socket.alpnProtocol === false
  if (socket.alpnProtocol === alpn || (namesNone && alpnPolicy === 'optional'))
    return new SocketStream(socket, peerOf(socket))
  socket.on('error', () => {}) // it is being cut
  socket.destroy()
  throw new SocketError('EPROTO', `the peer does not say that it speaks ${alpn} over TLS`)
}
