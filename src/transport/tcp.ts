// TCP, with or without TLS, as streams.

import { createServer, isIP, type Server, type Socket, connect as tcpConnect } from 'node:net'
import {
  createServer as createTlsServer,
  type PeerCertificate,
  TLSSocket,
  connect as tlsConnect,
} from 'node:tls'
import { connecting, listening, stopListening } from './socket-events.ts'
import {
  applyKeepsProcess,
  applyOptions,
  connectOptions,
  type ListenSocketOptions,
  listenOptions,
  type StreamSocketOptions,
  serverOptions,
} from './socket-options.ts'
import { SocketStream } from './socket-stream.ts'
import type { Listener, Peer, SystemStream } from './stream.ts'

export interface TlsServerOptions {
  /** PEM texts. */
  readonly cert: string | Buffer
  readonly key: string | Buffer
  readonly passphrase?: string
  /** Authorities that client certificates are checked against. */
  readonly ca?: string | Buffer
  /** Whether a client must, may or need not show a certificate. Default 'none'. */
  readonly clientCertificate?: 'none' | 'requested' | 'required'
}

export interface ListenOptions extends StreamSocketOptions, ListenSocketOptions {
  readonly host: string
  readonly port: number
  readonly tls?: TlsServerOptions
  /** Connections beyond this many are closed at once. */
  readonly connectionsMax?: number
  /** Told of connections that failed before they became streams (TLS handshakes, no descriptors left). */
  readonly onRefused?: (reason: Error, address: string) => void
}

/** Listens, and gives each connection to `accept`. Errors: Node's own (EADDRINUSE, EACCES, ...). */
export async function listenTcp(
  options: ListenOptions,
  accept: (stream: SystemStream) => void,
): Promise<Listener> {
  const server =
    options.tls === undefined
      ? createServer(serverOptions(options), welcome)
      : tlsServer(options.tls, options, welcome)
  function welcome(socket: Socket): void {
    applyKeepsProcess(socket, options)
    accept(new SocketStream(socket, peerOf(socket)))
  }
  if (options.connectionsMax !== undefined) server.maxConnections = options.connectionsMax
  const { host, port } = options
  await listening(server, { host, port, ...listenOptions(options) }, error =>
    options.onRefused?.(error, 'unknown'),
  )
  applyKeepsProcess(server, options)
  const address = server.address()
  const real = address !== null && typeof address === 'object' ? address.port : port
  return { host, port: real, close: () => stopListening(server) }
}

export interface TlsClientOptions {
  /** Authorities that the server's certificate is checked against, PEM; default: those that Node knows. */
  readonly ca?: string | Buffer
  /** Name that the certificate must have; default: the host. */
  readonly servername?: string
  /** The server's certificate is not checked. */
  readonly insecure?: boolean
  /** Certificate and key of the client, PEM. */
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
}

export interface ConnectOptions extends StreamSocketOptions {
  readonly host: string
  readonly port: number
  /** Address and port of our side; default: what the system chooses. */
  readonly source?: { readonly host?: string; readonly port?: number }
  readonly tls?: TlsClientOptions
  readonly signal?: AbortSignal
}

/** Connects. Errors: Node's own (ECONNREFUSED, ...), the signal's reason. */
export async function connectTcp(options: ConnectOptions): Promise<SystemStream> {
  const { host, port, tls, signal, source } = options
  signal?.throwIfAborted()
  const place = {
    host,
    port,
    ...(source?.host !== undefined && { localAddress: source.host }),
    ...(source?.port !== undefined && { localPort: source.port }),
    ...connectOptions(options),
  }
  const socket =
    tls === undefined
      ? tcpConnect(place)
      : tlsConnect({
          ...place,
          ...clientPem(host, tls),
        })
  await connecting(socket, tls === undefined ? 'connect' : 'secureConnect', signal)
  if (tls !== undefined) applyOptions(socket, options)
  applyKeepsProcess(socket, options)
  return new SocketStream(socket, peerOf(socket))
}

/** What `tls.connect` is told of certificates and names. */
export function clientPem(
  host: string,
  tls: TlsClientOptions,
): Pem & { servername: string; rejectUnauthorized: boolean } {
  return {
    servername: tls.servername ?? serverNameOf(host),
    rejectUnauthorized: tls.insecure !== true,
    ...pem(tls),
  }
}

/** An address is no server name (RFC 6066 section 3). */
function serverNameOf(host: string): string {
  return isIP(host) === 0 ? host : ''
}

/** Who is at the other end of a socket. */
export function peerOf(socket: Socket): Peer {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  const base = { address, port: socket.remotePort ?? 0, encrypted: socket instanceof TLSSocket }
  if (!(socket instanceof TLSSocket) || !socket.authorized) return base
  const certificate = socket.getPeerCertificate(true)
  const name = distinguishedName(certificate)
  return name === ''
    ? base
    : { ...base, certificate: { distinguishedName: name, commonName: String(certificate.subject.CN ?? '') } }
}

/** The name of whom a certificate is for, in the order of RFC 2253: the most specific part first. */
export function distinguishedName(certificate: Pick<PeerCertificate, 'subject'>): string {
  return Object.entries(certificate.subject ?? {})
    .flatMap(([key, value]) => [value ?? []].flat().map(one => `${key}=${one}`))
    .reverse()
    .join(',')
}

function tlsServer(tls: TlsServerOptions, options: ListenOptions, welcome: (socket: Socket) => void): Server {
  const server = createTlsServer(
    {
      ...serverOptions(options),
      ...serverPem(tls),
      minVersion: 'TLSv1.2',
    },
    welcome,
  )
  server.on('tlsClientError', (error, socket) =>
    options.onRefused?.(error, socket.remoteAddress ?? 'unknown'),
  )
  return server
}

/** What `tls.createServer` is told of certificates. */
export function serverPem(tls: TlsServerOptions): Pem & {
  passphrase: string | undefined
  requestCert: boolean
  rejectUnauthorized: boolean
} {
  return {
    ...pem(tls),
    passphrase: tls.passphrase,
    requestCert: tls.clientCertificate === 'requested' || tls.clientCertificate === 'required',
    rejectUnauthorized: tls.clientCertificate === 'required',
  }
}

/** Written out, for an inferred `Buffer<ArrayBufferLike>` in the declarations is not known to TypeScript before 5.7. */
interface Pem {
  cert?: string | Buffer
  key?: string | Buffer
  ca?: string | Buffer
}

function pem(options: Readonly<Pem>): Pem {
  const { cert, key, ca } = options
  return { ...(cert && { cert }), ...(key && { key }), ...(ca && { ca }) }
}
