// The HTTP server over real loopback connections: what it answers, what it refuses, and that it ends.

import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { selfSigned } from './certificate.contract.ts'
import { type HttpRequest, httpLimits, listenHttp, readOnly } from './http.ts'
import { HttpBodies } from './http-body.ts'
import type { Listener } from './stream.ts'

let listener: Listener
const faults: string[] = []

beforeEach(async () => {
  faults.length = 0
  listener = await listenHttp(
    { host: '127.0.0.1', port: 0, onFault: (error, path) => faults.push(`${path}: ${error}`) },
    ({ path, query, method }: HttpRequest) => {
      if (path === '/broken') throw new Error('secret inside')
      return { status: 200, type: 'text/plain', body: `${method} ${path} ${query.get('q') ?? '-'}` }
    },
  )
})
afterEach(() => listener.close())

/** Sends raw bytes and gives all that comes back until the server ends the connection. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(listener.port, '127.0.0.1', () => socket.write(text))
    let got = ''
    socket.setEncoding('latin1').on('data', chunk => {
      got += chunk
    })
    socket.on('close', () => resolve(got)).on('error', reject)
  })
}

const url = (path: string): string => `http://127.0.0.1:${listener.port}${path}`

describe('the HTTP server', () => {
  it('answers GET with path and query, and is not cached', async () => {
    const response = await fetch(url('/a/b?q=1'))
    expect(await response.text()).toBe('GET /a/b 1')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('answers HEAD with the length and no body (RFC 9110 section 9.3.2)', async () => {
    const response = await fetch(url('/a'), { method: 'HEAD' })
    expect(response.headers.get('content-length')).toBe(String('HEAD /a -'.length))
    expect(await response.text()).toBe('')
  })

  it('hides from the peer what went wrong inside, and tells the owner', async () => {
    const response = await fetch(url('/broken'))
    expect([response.status, await response.text()]).toEqual([500, 'internal error\n'])
    expect(faults).toEqual(['/broken: Error: secret inside'])
  })

  it.each([
    ['POST', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n', 405],
    ['DELETE', 'DELETE / HTTP/1.1\r\nHost: a\r\n\r\n', 405],
    ['a body', 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc', 413],
    ['a chunked body', 'GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 413],
    [
      'headers beyond the limit',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(httpLimits.headerBytesMax)}\r\n\r\n`,
      431,
    ],
    ['what is not HTTP', '\x00\x00\x00\x08hello\r\n\r\n', 400],
  ])('refuses %s and closes the connection', async (_what, request, status) => {
    const answer = await raw(request)
    expect(answer.split('\r\n')[0]).toContain(`HTTP/1.1 ${status} `)
    if (status === 405) expect(answer).toContain('Allow: GET, HEAD')
  })

  it.each(['websocket', 'h2c'])('answers as ever where %s is offered (RFC 9110 7.8)', async protocol => {
    const offer = `Connection: Upgrade, close\r\nUpgrade: ${protocol}`
    expect(await raw(`GET /a HTTP/1.1\r\nHost: a\r\n${offer}\r\n\r\n`)).toContain('HTTP/1.1 200 ')
  })

  it('ends idle connections and listens no more when it is closed, however often', async () => {
    await fetch(url('/a'))
    await Promise.all([listener.close(), listener.close()])
    await expect(fetch(url('/a'))).rejects.toThrow('fetch failed')
  })

  it('says why it cannot listen', async () => {
    const again = listenHttp({ host: '127.0.0.1', port: listener.port }, () => ({
      status: 200,
      type: '',
      body: '',
    }))
    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

describe('the HTTP server, for paths that take more', () => {
  const BODY_MAX = 16
  let api: Listener
  const accepts = (path: string) =>
    path.startsWith('/api')
      ? ({ methods: ['GET', 'POST', 'DELETE'], bodyBytesMax: BODY_MAX } as const)
      : readOnly

  beforeEach(async () => {
    api = await listenHttp({ host: '127.0.0.1', port: 0, accepts }, async request => {
      if (request.path === '/api/unread') return { status: 401, type: 'text/plain', body: 'no' }
      if (request.method === 'DELETE') return { status: 204, type: '', body: '' }
      const body = await request.body()
      const headers = { 'X-Peer': request.peer, 'X-Login': request.header('authorization') ?? '' }
      return { status: 200, type: 'text/plain', body: `${request.method} ${body}`, headers }
    })
  })
  afterEach(() => api.close())
  const at = (path: string): string => `http://127.0.0.1:${api.port}${path}`
  const chunked = (text: string) =>
    new ReadableStream({
      start(to) {
        to.enqueue(Buffer.from(text))
        to.close()
      },
    })
  const post = (path: string, body: string | ReadableStream) =>
    fetch(at(path), { method: 'POST', body, duplex: 'half' })

  it('gives the body, header fields and the peer, and sends header fields back', async () => {
    const headers = { authorization: 'Basic x' }
    const response = await fetch(at('/api/a'), { method: 'POST', body: 'hello', headers })
    expect(await response.text()).toBe('POST hello')
    expect(response.headers.get('x-peer')).toBe('127.0.0.1')
    expect(response.headers.get('x-login')).toBe('Basic x')
  })

  it.each([
    ['a body of the longest length', () => post('/api/a', 'x'.repeat(BODY_MAX)), 200],
    ['a body that is one byte longer', () => post('/api/a', 'x'.repeat(BODY_MAX + 1)), 413],
    ['a chunked body', () => post('/api/a', chunked('x'.repeat(BODY_MAX))), 200],
    ['a chunked body that is too long', () => post('/api/a', chunked('x'.repeat(BODY_MAX + 1))), 413],
    ['a body that nobody reads', () => post('/api/unread', 'hello'), 401],
    ['an answer without content', () => fetch(at('/api/a'), { method: 'DELETE' }), 204],
    ['a method that the path does not take', () => fetch(at('/api/a'), { method: 'PUT', body: '' }), 405],
    ['a POST to another path', () => post('/metrics', 'x'), 405],
  ])('answers %s', async (_what, ask, status) => {
    const response = await ask()
    expect(response.status).toBe(status)
    if (status === 405) expect(response.headers.get('allow')).toContain('GET')
    await response.arrayBuffer()
  })

  it('holds no more of all bodies together than its bound, and has room again after an answer', async () => {
    const bodies = new HttpBodies(8)
    const request = (text: string) => Readable.from([Buffer.from(text)]) as unknown as IncomingMessage
    const first = bodies.of(request('12345'), 16)
    expect(String(await first.read())).toBe('12345')
    const second = bodies.of(request('6789'), 16)
    await expect(second.read()).rejects.toMatchObject({ name: 'HttpBodyError', status: 503 })
    second.release()
    first.release()
    expect(String(await bodies.of(request('87654321'), 16).read())).toBe('87654321')
  })

  it('serves TLS', async () => {
    const { cert, key } = selfSigned()
    const secure = await listenHttp({ host: '127.0.0.1', port: 0, tls: { cert, key } }, () => ({
      status: 200,
      type: 'text/plain',
      body: 'secret',
    }))
    const text = await new Promise<string>((resolve, reject) => {
      get({ host: '127.0.0.1', port: secure.port, rejectUnauthorized: false, agent: false }, response => {
        response.on('data', chunk => resolve(String(chunk)))
      }).on('error', reject)
    })
    await secure.close()
    expect(text).toBe('secret')
  })
})
