// TLS on a connection that was in clear text before: the stream contract on what comes of it, and what is refused.

import { describe, expect, it } from 'vitest'
import { deferred } from '../flow/index.ts'
import { selfSigned } from './certificate.contract.ts'
import { inprocPair } from './inproc.ts'
import { startTlsClient, startTlsServer } from './start-tls.ts'
import { streamContract } from './stream.contract.ts'
import type { DuplexStream, Stream } from './stream.ts'
import { connectTcp, listenTcp } from './tcp.ts'

const host = '127.0.0.1'
const tls = selfSigned()
const another = selfSigned()
const terms = { alpn: 'test', minVersion: 'TLSv1.3' } as const

async function open(halfOpen = false) {
  const accepted = deferred<DuplexStream>()
  const listener = await listenTcp({ host, port: 0, halfOpen }, accepted.resolve)
  const client = await connectTcp({ host, port: listener.port, halfOpen })
  return { client, server: await accepted.promise, release: () => listener.close() }
}

/** As protocols do it: the client asks in clear text, the server says yes, and both go over to TLS. */
async function upgraded(halfOpen = false) {
  const { client, server, release } = await open(halfOpen)
  void client.write([Buffer.from('tls?')])
  expect(await first(server)).toBe('tls?')
  void server.write([Buffer.from('yes')])
  const serving = startTlsServer(server, tls, terms)
  expect(await first(client)).toBe('yes')
  const a = await startTlsClient(client, { host, ca: tls.cert }, terms)
  return { a, b: await serving, release }
}

async function first(stream: Stream): Promise<string> {
  for await (const chunk of stream.bytes) return String(chunk)
  throw new Error('the stream ended')
}

streamContract('tls, started on tcp', {
  connect: ({ halfOpen }) => upgraded(halfOpen),
  connectNowhere: async () => {
    const { client, server, release } = await open()
    server.abort()
    await release()
    return startTlsClient(client, { host, ca: tls.cert }, terms).catch((error: unknown) => {
      throw Object.assign(new Error('nobody is there', { cause: error }), { code: 'ECONNREFUSED' })
    })
  },
  connectWith: async signal => {
    const { client, server, release } = await open()
    return startTlsClient(client, { host, ca: tls.cert }, { ...terms, signal }).finally(() => {
      server.abort()
      return release()
    })
  },
  halfCloses: true,
  joins: true,
})

describe('starting TLS', () => {
  it('shows both sides that the connection is encrypted', async () => {
    const { a, b, release } = await upgraded()
    expect([a.peer.encrypted, b.peer.encrypted]).toEqual([true, true])
    expect(b.peer.address).toBe(host)
    expect(a.peer.certificate?.commonName).toBe('localhost')
    a.abort()
    b.abort()
    await release()
  })

  it('shows the server the certificate of the client', async () => {
    const { client, server, release } = await open()
    const serverTls = { ...tls, ca: tls.cert, clientCertificate: 'required' } as const
    const serving = startTlsServer(server, serverTls, terms)
    const a = await startTlsClient(client, { host, ca: tls.cert, cert: tls.cert, key: tls.key }, terms)
    expect((await serving).peer.certificate?.commonName).toBe('localhost')
    a.abort()
    await release()
  })

  it.each([
    ['a certificate of somebody else', { ca: another.cert }, {}, terms, /self.signed|verify/i],
    ['another protocol', { ca: tls.cert }, {}, { ...terms, alpn: 'other' }, /./],
    [
      'no certificate where one is required',
      { ca: tls.cert },
      { clientCertificate: 'required' as const },
      terms,
      /./,
    ],
  ])('refuses %s', async (_, trust, serverParts, clientTerms, message) => {
    const { client, server, release } = await open()
    const serving = startTlsServer(server, { ...tls, ca: tls.cert, ...serverParts }, terms)
    const both = await Promise.allSettled([
      serving.then(b => first(b)),
      startTlsClient(client, { host, ...trust }, clientTerms).then(a => first(a)),
    ])
    expect(both.map(one => one.status)).toEqual(['rejected', 'rejected'])
    expect(String(both.map(one => (one.status === 'rejected' ? one.reason : '')))).toMatch(message)
    await release()
  })

  it('refuses a client that speaks no protocol by name', async () => {
    const { connect: tlsConnect } = await import('node:tls')
    const accepted = deferred<DuplexStream>()
    const listener = await listenTcp({ host, port: 0 }, accepted.resolve)
    const socket = tlsConnect({ host, port: listener.port, rejectUnauthorized: false })
    socket.on('error', () => {})
    await expect(startTlsServer(await accepted.promise, tls, terms)).rejects.toMatchObject({ code: 'EPROTO' })
    socket.destroy()
    await listener.close()
  })

  it('does not take what was sent in clear text for part of what is secured', async () => {
    const { client, server, release } = await open()
    void client.write([Buffer.from('tls?')])
    expect(await first(server)).toBe('tls?')
    void client.write([Buffer.from('injected in clear text')])
    const serving = startTlsServer(server, tls, terms)
    await expect(serving).rejects.toThrow()
    client.abort()
    await release()
  })

  it('takes TCP connections that are in clear text', async () => {
    const [pair] = inprocPair('somewhere')
    await expect(startTlsClient(pair, { host }, terms)).rejects.toMatchObject({ code: 'EINVAL' })
    const { a, b, release } = await upgraded()
    await expect(startTlsClient(a, { host }, terms)).rejects.toMatchObject({ code: 'EINVAL' })
    a.abort()
    b.abort()
    await release()
  })

  it('ends when the peer goes during the handshake', async () => {
    const { client, server, release } = await open()
    const serving = startTlsServer(server, tls, terms)
    client.abort()
    await expect(serving).rejects.toThrow()
    await release()
  })
})
