// TCP, with or without TLS, as streams.

import { createServer, type Server, type Socket, connect as tcpConnect } from 'node:net'
import {
  createServer as createTlsServer,
  type DetailedPeerCertificate,
  TLSSocket,
  connect as tlsConnect,
} from 'node:tls'
import { deferred } from '../flow/index.ts'
import type { Listener, Peer, Stream } from './stream.ts'

/** Connections that wait for being accepted, as asked of the system. */
const BACKLOG = 511

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

export interface ListenOptions {
  readonly host: string
  readonly port: number
  readonly tls?: TlsServerOptions
  /** Connections beyond this many are closed at once. */
  readonly connectionsMax?: number
  /** Told of connections that failed before they became streams (TLS handshakes). */
  readonly onRefused?: (reason: Error, address: string) => void
}

/** Listens, and gives each connection to `accept`. Errors: Node's own (EADDRINUSE, EACCES, ...). */
export async function listenTcp(options: ListenOptions, accept: (stream: Stream) => void): Promise<Listener> {
  const server =
    options.tls === undefined
      ? createServer({ noDelay: true }, welcome)
      : tlsServer(options.tls, options, welcome)
  function welcome(socket: Socket): void {
    accept(new SocketStream(socket))
  }
  if (options.connectionsMax !== undefined) server.maxConnections = options.connectionsMax
  await listening(server, options)
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : options.port
  return { host: options.host, port, close: () => closed(server) }
}

export interface ConnectOptions {
  readonly host: string
  readonly port: number
  readonly tls?: {
    readonly ca?: string | Buffer
    readonly servername?: string
    readonly insecure?: boolean
    readonly cert?: string | Buffer
    readonly key?: string | Buffer
  }
  readonly signal?: AbortSignal
}

/** Connects. Errors: Node's own (ECONNREFUSED, ...), AbortError. */
export async function connectTcp({ host, port, tls, signal }: ConnectOptions): Promise<Stream> {
  signal?.throwIfAborted()
  const socket =
    tls === undefined
      ? tcpConnect({ host, port, noDelay: true })
      : tlsConnect({
          host,
          port,
          servername: tls.servername ?? host,
          rejectUnauthorized: tls.insecure !== true,
          ...pem(tls),
        })
  const done = deferred()
  const abort = (): void => {
    socket.destroy()
    done.reject(signal?.reason)
  }
  socket.once(tls === undefined ? 'connect' : 'secureConnect', () => done.resolve())
  socket.once('error', done.reject)
  signal?.addEventListener('abort', abort, { once: true })
  try {
    await done.promise
  } finally {
    signal?.removeEventListener('abort', abort)
    socket.removeListener('error', done.reject)
  }
  return new SocketStream(socket)
}

class SocketStream implements Stream {
  readonly peer: Peer
  readonly bytes: AsyncIterable<Buffer>
  readonly #socket: Socket
  #corked = false
  #drained: Promise<void> | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    this.peer = peerOf(socket)
    this.bytes = socket.iterator({ destroyOnReturn: false })
    socket.setNoDelay(true)
    socket.on('error', () => {}) // reading and writing report it; without a listener it would end the process
  }

  write(chunks: readonly Buffer[]): Promise<void> | undefined {
    const socket = this.#socket
    if (socket.destroyed || socket.writableEnded) return undefined
    this.#cork()
    let room = true
    for (const chunk of chunks) room = socket.write(chunk)
    if (room) return undefined
    this.#drained ??= this.#drain()
    return this.#drained
  }

  close(): Promise<void> {
    if (this.#socket.destroyed) return Promise.resolve()
    const done = deferred()
    this.#socket.once('close', () => done.resolve())
    this.#socket.end()
    this.#socket.resume() // an end that nobody reads would never be seen
    return done.promise
  }

  abort(reason?: Error): void {
    this.#socket.destroy(reason)
  }

  /** One write to the system for all that this turn of the event loop has to say. */
  #cork(): void {
    if (this.#corked) return
    this.#corked = true
    this.#socket.cork()
    setImmediate(() => {
      this.#corked = false
      this.#socket.uncork()
    })
  }

  #drain(): Promise<void> {
    const done = deferred()
    const finish = (): void => {
      this.#drained = undefined
      this.#socket.removeListener('drain', finish)
      this.#socket.removeListener('close', finish)
      done.resolve()
    }
    this.#socket.once('drain', finish)
    this.#socket.once('close', finish)
    return done.promise
  }
}

function peerOf(socket: Socket): Peer {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  const base = { address, port: socket.remotePort ?? 0, encrypted: socket instanceof TLSSocket }
  if (!(socket instanceof TLSSocket) || !socket.authorized) return base
  const certificate = socket.getPeerCertificate(true)
  const distinguishedName = nameOf(certificate)
  return distinguishedName === ''
    ? base
    : { ...base, certificate: { distinguishedName, commonName: String(certificate.subject.CN ?? '') } }
}

/** RFC 2253 order: the most specific part first. */
function nameOf(certificate: DetailedPeerCertificate): string {
  return Object.entries(certificate.subject ?? {})
    .flatMap(([key, value]) => [value ?? []].flat().map(one => `${key}=${one}`))
    .reverse()
    .join(',')
}

function tlsServer(tls: TlsServerOptions, options: ListenOptions, welcome: (socket: Socket) => void): Server {
  const server = createTlsServer(
    {
      ...pem(tls),
      passphrase: tls.passphrase,
      requestCert: tls.clientCertificate === 'requested' || tls.clientCertificate === 'required',
      rejectUnauthorized: tls.clientCertificate === 'required',
      minVersion: 'TLSv1.2',
    },
    welcome,
  )
  server.on('tlsClientError', (error, socket) =>
    options.onRefused?.(error, socket.remoteAddress ?? 'unknown'),
  )
  return server
}

function pem(options: {
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  readonly ca?: string | Buffer
}) {
  const { cert, key, ca } = options
  return { ...(cert && { cert }), ...(key && { key }), ...(ca && { ca }) }
}

function listening(server: Server, { host, port }: ListenOptions): Promise<void> {
  const done = deferred()
  server.once('error', done.reject)
  server.listen({ host, port, backlog: BACKLOG }, () => {
    server.removeListener('error', done.reject)
    done.resolve()
  })
  return done.promise
}

function closed(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve()
  const done = deferred()
  server.close(() => done.resolve())
  return done.promise
}
