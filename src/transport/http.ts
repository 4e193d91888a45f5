// HTTP/1.1: the small server behind health checks, metrics and the management API, and the only home of node:http. Without
// more being said it takes GET and HEAD without a body (RFC 9110 section 9.3); for each path its owner may allow other
// methods, and bodies up to a bound, which are read only when they are asked for. Headers, bodies, connections and every
// wait are bounded, so that a slow or hostile peer costs nothing. node:http is loaded when the first listener opens.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { deferred } from '../flow/index.ts'
import { HttpBodies, HttpBodyError } from './http-body.ts'
import { listening } from './socket-events.ts'
import type { Listener } from './stream.ts'
import type { TlsServerOptions } from './tcp.ts'

/** Every bound of the HTTP server. */
export const httpLimits = {
  /** Bytes of request line and headers together; more is answered with 431. */
  headerBytesMax: 8192,
  /** Header fields of one request; Node ignores those beyond. */
  headersMax: 64,
  /** Connections of one listener; more are closed at once. */
  connectionsMax: 256,
  /** Requests on one connection before it is closed. */
  requestsPerConnectionMax: 10_000,
  /** From the first byte of a request to the end of its headers, ms; then 408. */
  headersMs: 10_000,
  /** From the first byte of a request to its end, ms; then 408. */
  requestMs: 15_000,
  /** A connection without a request for this long is closed, in ms. */
  idleMs: 10_000,
  /** A connection on which nothing moves for this long, also while it is answered, is cut, in ms. */
  silenceMs: 30_000,
  /** Bytes of the bodies of all requests of one listener that are held at a time; more are answered with 503. */
  heldBodyBytesMax: 67_108_864,
} as const

export const httpMethods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'] as const

export type HttpMethod = (typeof httpMethods)[number]

export interface HttpRequest {
  readonly method: HttpMethod
  /** As sent, without the query: `/metrics`. */
  readonly path: string
  readonly query: URLSearchParams
  /** IP address of the peer. */
  readonly peer: string
  /** The value of a header field, by its name in lower case; undefined when it is absent or repeated with no one value. */
  header(name: string): string | undefined
  /**
   * Reads the body, empty when there is none. Rejects with HttpBodyError when it is longer than the path allows, or when
   * others hold too much: leave that to the server, which answers it.
   */
  body(): Promise<Buffer>
}

export interface HttpResponse {
  readonly status: number
  /** Content-Type. */
  readonly type: string
  readonly body: string | Buffer
  /** More header fields: `Location`, `WWW-Authenticate`, `Allow`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What a path takes. */
export interface HttpAcceptance {
  readonly methods: readonly HttpMethod[]
  /** Longest body in bytes; 0 refuses any. */
  readonly bodyBytesMax: number
}

export interface HttpListenOptions {
  readonly host: string
  readonly port: number
  readonly tls?: TlsServerOptions
  /** What the path takes; called with the path as sent. Default: GET and HEAD without a body. */
  readonly accepts?: (path: string) => HttpAcceptance
  /** Hears of what `answer` threw; the peer only gets 500. The path is 'accept' for connections that could not be taken. */
  readonly onFault?: (error: unknown, path: string) => void
}

type Answer = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>

/** For paths that are only read. */
export const readOnly: HttpAcceptance = { methods: ['GET', 'HEAD'], bodyBytesMax: 0 }

/**
 * Listens, and has each request answered. `close` takes no more requests, lets those under way finish, and ends idle
 * connections. Errors: Node's own (EADDRINUSE, EACCES, ...; those of OpenSSL for TLS).
 */
export async function listenHttp(options: HttpListenOptions, answer: Answer): Promise<Listener> {
  const { host, port, onFault } = options
  const bodies = new HttpBodies(httpLimits.heldBodyBytesMax)
  const server = await serverOf(options, (request, response) => {
    void serve({ request, response, bodies, answer, options })
  })
  server.maxHeadersCount = httpLimits.headersMax
  server.maxConnections = httpLimits.connectionsMax
  server.maxRequestsPerSocket = httpLimits.requestsPerConnectionMax
  server.timeout = httpLimits.silenceMs
  await listening(server, { host, port }, error => onFault?.(error, 'accept'))
  const address = server.address()
  const real = address !== null && typeof address === 'object' ? address.port : port
  let closing: Promise<void> | undefined
  return {
    host,
    port: real,
    close: () => {
      closing ??= closed(server)
      return closing
    },
  }
}

const timing = {
  maxHeaderSize: httpLimits.headerBytesMax,
  headersTimeout: httpLimits.headersMs,
  requestTimeout: httpLimits.requestMs,
  keepAliveTimeout: httpLimits.idleMs,
}

async function serverOf(
  { tls }: HttpListenOptions,
  take: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  if (tls === undefined) return (await import('node:http')).createServer(timing, take)
  const { cert, key, passphrase, ca, clientCertificate = 'none' } = tls
  const { createServer } = await import('node:https')
  return createServer(
    {
      ...timing,
      cert,
      key,
      ...(passphrase !== undefined && { passphrase }),
      ...(ca !== undefined && { ca }),
      requestCert: clientCertificate !== 'none',
      rejectUnauthorized: clientCertificate === 'required',
    },
    take,
  )
}

const plain = 'text/plain; charset=utf-8'

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly bodies: HttpBodies
  readonly answer: Answer
  readonly options: HttpListenOptions
}

async function serve({ request, response, bodies, answer, options }: Exchange): Promise<void> {
  const [path = '/', query = ''] = splitUrl(request.url ?? '/')
  const accepted = options.accepts?.(path) ?? readOnly
  const method = accepted.methods.find(one => one === request.method)
  const refused = method === undefined ? methodRefusal(accepted) : bodyRefusal(request, accepted)
  if (method === undefined || refused !== undefined) {
    response.setHeader('Connection', 'close') // whatever follows on this connection is not read
    send(request, response, refused ?? methodRefusal(accepted))
    return
  }
  const body = bodies.of(request, accepted.bodyBytesMax)
  try {
    const asked: HttpRequest = {
      method,
      path,
      query: new URLSearchParams(query),
      peer: request.socket.remoteAddress ?? '',
      header: name => headerOf(request, name),
      body: () => body.read(),
    }
    const answered = await answer(asked)
    if (!request.complete && hasBody(request)) response.setHeader('Connection', 'close') // nobody wanted the rest
    send(request, response, answered)
  } catch (error) {
    if (error instanceof HttpBodyError) {
      response.setHeader('Connection', 'close')
      send(request, response, { status: error.status, type: plain, body: `${error.message}\n` })
      return
    }
    options.onFault?.(error, path)
    send(request, response, { status: 500, type: plain, body: 'internal error\n' })
  } finally {
    body.release()
  }
}

function splitUrl(url: string): [path: string, query: string] {
  const at = url.indexOf('?')
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)]
}

function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

function methodRefusal({ methods }: HttpAcceptance): HttpResponse {
  const headers = { Allow: methods.join(', ') }
  const shown =
    methods.length < 2 ? methods.join() : `${methods.slice(0, -1).join(', ')} and ${methods.at(-1)}`
  return { status: 405, type: plain, body: `only ${shown} are served\n`, headers }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}

function bodyRefusal(request: IncomingMessage, { bodyBytesMax }: HttpAcceptance): HttpResponse | undefined {
  if (!hasBody(request)) return undefined
  const length = Number(request.headers['content-length'] ?? 0)
  if (bodyBytesMax > 0 && length <= bodyBytesMax) return undefined
  const what =
    bodyBytesMax === 0
      ? 'a request must not have a body'
      : `a body has ${bodyBytesMax} bytes at most, this one ${length}`
  return { status: 413, type: plain, body: `${what}\n` }
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, type, body, headers }: HttpResponse,
): void {
  if (response.headersSent || response.destroyed) return
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const hasContent = status !== 204 && status !== 304
  response.writeHead(status, {
    ...(hasContent && { 'Content-Type': type, 'Content-Length': bytes.length }),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  })
  response.end(request.method === 'HEAD' || !hasContent ? undefined : bytes)
}

function closed(server: Server): Promise<void> {
  const done = deferred()
  server.close(() => done.resolve())
  server.closeIdleConnections()
  return done.promise
}
