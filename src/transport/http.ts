// HTTP/1.1 for reading: the small server behind health checks and metrics, and the only home of node:http. It takes GET
// and HEAD without a body (RFC 9110 section 9.3), and bounds headers, connections and every wait, so that a slow or
// hostile peer costs nothing. node:http is loaded when the first listener opens.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { deferred } from '../flow/index.ts'
import { listening } from './socket-events.ts'
import type { Listener } from './stream.ts'

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
} as const

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD'
  /** As sent, without the query: `/metrics`. */
  readonly path: string
  readonly query: URLSearchParams
}

export interface HttpResponse {
  readonly status: number
  /** Content-Type. */
  readonly type: string
  readonly body: string
}

export interface HttpListenOptions {
  readonly host: string
  readonly port: number
  /** Hears of what `answer` threw; the peer only gets 500. The path is 'accept' for connections that could not be taken. */
  readonly onFault?: (error: unknown, path: string) => void
}

/**
 * Listens, and has each request answered. `close` takes no more requests, lets those under way finish, and ends idle
 * connections. Errors: Node's own (EADDRINUSE, EACCES, ...).
 */
export async function listenHttp(
  { host, port, onFault }: HttpListenOptions,
  answer: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>,
): Promise<Listener> {
  const { createServer } = await import('node:http')
  const server = createServer(
    {
      maxHeaderSize: httpLimits.headerBytesMax,
      headersTimeout: httpLimits.headersMs,
      requestTimeout: httpLimits.requestMs,
      keepAliveTimeout: httpLimits.idleMs,
    },
    (request, response) => {
      void serve(request, response, answer, onFault)
    },
  )
  server.maxHeadersCount = httpLimits.headersMax
  server.maxConnections = httpLimits.connectionsMax
  server.maxRequestsPerSocket = httpLimits.requestsPerConnectionMax
  server.timeout = httpLimits.silenceMs
  server.on('upgrade', (_request, socket) => socket.destroy())
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

const plain = 'text/plain; charset=utf-8'

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>,
  onFault: HttpListenOptions['onFault'],
): Promise<void> {
  const refused = refusal(request)
  if (refused !== undefined) {
    response.setHeader('Connection', 'close') // whatever follows on this connection is not read
    send(request, response, refused)
    return
  }
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2)
  const method = request.method === 'HEAD' ? 'HEAD' : 'GET'
  try {
    send(request, response, await answer({ method, path, query: new URLSearchParams(query) }))
  } catch (error) {
    onFault?.(error, path)
    send(request, response, { status: 500, type: plain, body: 'internal error\n' })
  }
}

function refusal({ method, headers }: IncomingMessage): HttpResponse | undefined {
  if (method !== 'GET' && method !== 'HEAD')
    return { status: 405, type: plain, body: 'only GET and HEAD are served\n' }
  const hasBody = headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
  return hasBody ? { status: 413, type: plain, body: 'a request must not have a body\n' } : undefined
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, type, body }: HttpResponse,
): void {
  if (response.headersSent || response.destroyed) return
  const bytes = Buffer.from(body)
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': bytes.length,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(status === 405 && { Allow: 'GET, HEAD' }),
  })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

function closed(server: Server): Promise<void> {
  const done = deferred()
  server.close(() => done.resolve())
  server.closeIdleConnections()
  return done.promise
}
