// The HTTP server over real loopback connections: what it answers, what it refuses, and that it ends.

import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type HttpRequest, httpLimits, listenHttp } from './http.ts'
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

  it('drops a request for an upgrade', async () => {
    expect(await raw('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')).toBe(
      '',
    )
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
