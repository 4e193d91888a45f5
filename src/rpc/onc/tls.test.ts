// RPC-with-TLS (RFC 9289) over loopback: going over, who must, and what is refused on the way.

import { once } from 'node:events'
import { type AddressInfo, createServer, connect as netConnect } from 'node:net'
import { createServer as createTlsServer, connect as tlsConnect } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { selfSigned } from '../../transport/certificate.contract.ts'
import { connect, type connectTcp, listen, startTlsClient } from '../../transport/index.ts'
import { program } from '../program.ts'
import * as xdr from '../xdr/index.ts'
import { connectOnc, type OncServeOptions, serveOnc, service } from './index.ts'
import { RecordSplitter } from './record.ts'
import type { OncTlsServerOptions } from './tls.ts'

const WHO = program({
  name: 'WHO_V1',
  program: 0x2000_0077,
  version: 1,
  procedures: { WHO: { number: 1, argument: xdr.nothing, result: xdr.string() } },
})

const tls = selfSigned()
const ca = tls.cert
const address = 'tcp://127.0.0.1:*'
const faults: unknown[] = []

function serve(startTls: OncTlsServerOptions | undefined, options: OncServeOptions = {}) {
  const who = service(WHO, {
    WHO: (_, { peer }) => (peer.encrypted ? (peer.certificate?.commonName ?? 'somebody') : 'clear text'),
  })
  const onFault = (_: string, error: unknown): number => faults.push(error)
  return serveOnc(address, [who], { ...(startTls && { startTls }), onFault, ...options })
}

describe('RPC-with-TLS', () => {
  it('goes over to TLS before the first call', async () => {
    await using server = await serve(tls)
    await using connection = await connectOnc(server.address, { program: WHO, startTls: { ca } })
    const calls = Array.from({ length: 50 }, () => connection.client(WHO).WHO())
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['somebody']))
  })

  it('shows the server the name in the certificate of the client', async () => {
    await using server = await serve({ ...tls, ca, clientCertificate: 'required' })
    const startTls = { ca, cert: tls.cert, key: tls.key } as const
    await using connection = await connectOnc(server.address, { program: WHO, startTls })
    expect(await connection.client(WHO).WHO()).toBe('localhost')
  })

  it('leaves clients in clear text alone, unless TLS is required (AUTH_TOOWEAK)', async () => {
    await using server = await serve(tls)
    await using plain = await connectOnc(server.address)
    expect(await plain.client(WHO).WHO()).toBe('clear text')
    await using strict = await serve({ ...tls, required: true })
    await using refused = await connectOnc(strict.address)
    await expect(refused.client(WHO).WHO()).rejects.toMatchObject({
      code: 'RPC_AUTH_ERROR',
      message: expect.stringContaining('tooWeak'),
    })
    await using taken = await connectOnc(strict.address, { program: WHO, startTls: { ca } })
    expect(await taken.client(WHO).WHO()).toBe('somebody')
  })

  it('is insisted on, so that nobody in between can take the offer away; and not when the caller says so', async () => {
    await using server = await serve(undefined)
    const options = { program: WHO, startTls: { ca } }
    await expect(connectOnc(server.address, options)).rejects.toMatchObject({ code: 'RPC_TLS_UNAVAILABLE' })
    const startTls = { ca, policy: 'opportunistic' } as const
    await using connection = await connectOnc(server.address, { program: WHO, startTls })
    expect(await connection.client(WHO).WHO()).toBe('clear text')
  })

  it('does not fall back to clear text when the certificate is wrong', async () => {
    await using server = await serve(tls)
    const startTls = { ca: selfSigned().cert, policy: 'opportunistic' } as const
    await expect(connectOnc(server.address, { program: WHO, startTls })).rejects.toThrow(
      /certificate|self.signed/i,
    )
  })

  it('has time limits', async () => {
    const silent = await listen(address, {}, () => {})
    if (silent.address.scheme !== 'tcp') throw new Error('not tcp')
    const at = `tcp://127.0.0.1:${silent.address.port}`
    const options = { program: WHO, startTls: { ca } }
    await expect(connectOnc(at, { ...options, timeoutMs: 30 })).rejects.toMatchObject({ code: 'RPC_TIMEOUT' })
    const controller = new AbortController()
    const connecting = connectOnc(at, { ...options, signal: controller.signal })
    setImmediate(() => controller.abort(new Error('enough')))
    await expect(connecting).rejects.toThrow('enough')
    await silent.close()
  })

  it('has a time limit for the handshake, too', async () => {
    const endpoint = await listen(address, {}, stream => {
      void (async () => {
        for await (const call of stream.bytes) {
          const yes = record([7, 1, 0, 0, ...startTls, 0])
          call.copy(yes, 4, 4, 8) // the xid
          if (call.length === 44) void stream.write([yes]) // the probe, and not what TLS says
        }
      })().catch(() => undefined)
    })
    if (endpoint.address.scheme !== 'tcp') throw new Error('not tcp')
    const at = `tcp://127.0.0.1:${endpoint.address.port}`
    const options = { program: WHO, startTls: { ca }, timeoutMs: 50 }
    await expect(connectOnc(at, options)).rejects.toMatchObject({ code: 'RPC_TIMEOUT' })
    await endpoint.close()
  })

  it.each([
    ['udp://127.0.0.1:9', { program: WHO, startTls: {} }],
    ['tls://127.0.0.1:9', { program: WHO, startTls: {} }],
    ['tcp://127.0.0.1:9', { startTls: {} }],
  ])('is not for %s with %j', async (where, options) => {
    await expect(connectOnc(where, options)).rejects.toThrow(TypeError)
  })

  it('is not served over UDP', async () => {
    await expect(serveOnc('udp://127.0.0.1:*', [], { startTls: tls })).rejects.toThrow(TypeError)
  })
})

const head = (procedure: number) => [7, 0, 2, WHO.program, 1, procedure]
const probe = [...head(0), 7, 0, 0, 0]
const startTls = [8, 0x5354_4152, 0x5454_4c53]

describe('by hand (RFC 9289, section 4.1)', () => {
  it.each([
    ['the probe is answered with STARTTLS', tls, probe, [7, 1, 0, 0, ...startTls, 0]],
    ['AUTH_TLS is only for procedure 0: AUTH_BADCRED', tls, [...head(1), 7, 0, 0, 0], [7, 1, 1, 1, 1]],
    ['a server without TLS rejects the flavor', undefined, probe, [7, 1, 1, 1, 2]],
  ] as const)('%s', async (_, served, words, expected) => {
    await using server = await serve(served)
    expect(await ask(await connect(server.address), [words])).toEqual(expected)
  })

  it('a probe inside TLS is rejected: AUTH_BADCRED', async () => {
    await using server = await serve(tls)
    const stream = await connect(server.address)
    await ask(stream, [probe], true)
    const secured = await startTlsClient(stream, { host: '127.0.0.1', ca }, { alpn: 'sunrpc' })
    expect(await ask(secured, [probe])).toEqual([7, 1, 1, 1, 1])
  })

  it.each([
    ['a call behind the probe', [probe, [...head(1), 0, 0, 0, 0]]],
    ['two probes', [probe, probe]],
  ] as const)('the server ends the connection on %s', async (_, calls) => {
    await using server = await serve(tls)
    const stream = await connect(server.address)
    const before = faults.length
    void stream.write(calls.map(record))
    const seen: Buffer[] = []
    const reading = (async () => {
      for await (const chunk of stream.bytes) seen.push(chunk)
    })()
    await reading.catch(() => undefined)
    expect(Buffer.concat(seen).length).toBeLessThanOrEqual(4 + 4 * 8)
    expect(faults[before]).toMatchObject({ code: 'RPC_MESSAGE_INVALID' })
  })

  it('a client that names another protocol is refused', async () => {
    await using server = await serve(tls)
    const stream = await connect(server.address)
    await ask(stream, [probe], true)
    await expect(startTlsClient(stream, { host: '127.0.0.1', ca }, { alpn: 'http/1.1' })).rejects.toThrow()
  })

  // Linux (ktls-utils) and oncrpc4j 3.4.2 leave ALPN out; section 5 has clients insist, and says nothing of servers.
  it('a client that names no protocol is served', async () => {
    await using server = await serve(tls)
    const socket = netConnect(Number(server.address.split(':').pop()), '127.0.0.1')
    socket.write(record(probe))
    await once(socket, 'data')
    const secured = tlsConnect({ socket, ca, servername: 'localhost' })
    await once(secured, 'secureConnect')
    expect(secured.alpnProtocol).toBe(false)
    secured.write(record([...head(1), 0, 0, 0, 0]))
    const [reply] = await once(secured, 'data')
    expect(String(reply)).toContain('somebody')
    socket.destroy()
  })

  it.each([
    ['required', undefined, /EPROTO.*sunrpc/],
    ['optional', 'optional', undefined],
  ] as const)('a server that names no protocol, alpn %s', async (_, alpn, refusal) => {
    const secure = createTlsServer(tls, socket => socket.on('error', () => {}))
    const other = createServer(socket => {
      socket.on('error', () => {})
      socket.once('data', (call: Buffer) => {
        const yes = record([7, 1, 0, 0, ...startTls, 0])
        call.copy(yes, 4, 4, 8) // the xid
        socket.write(yes, () => secure.emit('connection', socket))
      })
    })
    await once(other.listen(0, '127.0.0.1'), 'listening')
    const at = `tcp://127.0.0.1:${(other.address() as AddressInfo).port}`
    const connecting = connectOnc(at, { program: WHO, startTls: { ca, ...(alpn && { alpn }) } })
    if (refusal) await expect(connecting).rejects.toThrow(refusal)
    else await (await connecting)[Symbol.asyncDispose]()
    other.close()
  })

  it('a client that does not wait is not answered in clear text', async () => {
    const endpoint = await listen(address, {}, stream => {
      const yes = record([7, 1, 0, 0, ...startTls, 0])
      void (async () => {
        for await (const call of stream.bytes) {
          call.copy(yes, 4, 4, 8) // the xid
          void stream.write([yes, record([8, 1, 0, 0, 0, 0])])
        }
      })().catch(() => undefined)
    })
    if (endpoint.address.scheme !== 'tcp') throw new Error('not tcp')
    const at = `tcp://127.0.0.1:${endpoint.address.port}`
    await expect(connectOnc(at, { program: WHO, startTls: { ca } })).rejects.toMatchObject({
      code: 'RPC_MESSAGE_INVALID',
      message: expect.stringContaining('more in clear text than was asked'),
    })
    await endpoint.close()
  })
})

type Wire = Awaited<ReturnType<typeof connectTcp>> | Awaited<ReturnType<typeof connect>>

function record(words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * words.length)
  bytes.writeUInt32BE(0x8000_0000 + 4 * words.length)
  for (const [n, word] of words.entries()) bytes.writeUInt32BE(word, 4 + 4 * n)
  return bytes
}

/** Sends messages and gives the words of the first answer; the stream is cut unless it is to be kept. */
async function ask(stream: Wire, calls: readonly (readonly number[])[], keep = false): Promise<number[]> {
  void stream.write(calls.map(record))
  const answers: number[][] = []
  const splitter = new RecordSplitter(whole => {
    answers.push(Array.from({ length: whole.length / 4 }, (_, n) => whole.readUInt32BE(4 * n)))
  })
  for await (const chunk of stream.bytes) {
    splitter.push(chunk)
    if (answers.length > 0) break
  }
  if (!keep) stream.abort()
  return answers[0] ?? []
}
