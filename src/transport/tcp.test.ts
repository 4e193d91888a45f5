// TCP and TLS over loopback: the contract, and the options.

import { describe, expect, it } from 'vitest'
import { deferred } from '../flow/index.ts'
import { selfSigned } from './certificate.contract.ts'
import { streamContract } from './stream.contract.ts'
import { type DuplexStream, isFlowing } from './stream.ts'
import { connectTcp, listenTcp, type TlsServerOptions } from './tcp.ts'

const host = '127.0.0.1'

function contract(kind: string, tls?: TlsServerOptions): void {
  const trust = tls && { ca: tls.cert }
  streamContract(kind, {
    connect: async ({ halfOpen }) => {
      const accepted = deferred<DuplexStream>()
      const listener = await listenTcp({ host, port: 0, halfOpen, ...(tls && { tls }) }, accepted.resolve)
      const { port } = listener
      const a = await connectTcp({ host, port, halfOpen, ...(trust && { tls: trust }) })
      return { a, b: await accepted.promise, release: () => listener.close() }
    },
    connectNowhere: async () => {
      const listener = await listenTcp({ host, port: 0 }, () => {})
      await listener.close()
      return connectTcp({ host, port: listener.port, ...(trust && { tls: trust }) })
    },
    connectWith: async signal => {
      const listener = await listenTcp({ host, port: 0, ...(tls && { tls }) }, stream => stream.abort())
      const connecting = connectTcp({ host, port: listener.port, signal, ...(trust && { tls: trust }) })
      return connecting.finally(() => listener.close())
    },
    halfCloses: true,
    joins: true,
  })
}

contract('tcp')
contract('tls', selfSigned())

describe('tcp', () => {
  it('connects from the address and port that were asked for', async () => {
    const spare = await listenTcp({ host, port: 0 }, () => {})
    await spare.close()
    const accepted = deferred<DuplexStream>()
    const listener = await listenTcp({ host, port: 0 }, accepted.resolve)
    const stream = await connectTcp({ host, port: listener.port, source: { host, port: spare.port } })
    const { peer } = await accepted.promise
    expect(peer).toEqual({ address: host, port: spare.port, encrypted: false })
    stream.abort()
    await listener.close()
  })

  it('takes options that Node can set', async () => {
    const options = { noDelay: false, keepAlive: { initialDelayMs: 5000 } }
    const listener = await listenTcp(
      { host: '::1', port: 0, backlog: 1, ipv6Only: true, ...options },
      stream => stream.abort(),
    )
    await expect(connectTcp({ host, port: listener.port })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    const stream = await connectTcp({ host: '::1', port: listener.port, ...options })
    stream.abort()
    await listener.close()
  })

  it('goes on after a peer that did not read, also when less waited than Node calls full', async () => {
    const accepted = deferred<DuplexStream>()
    const listener = await listenTcp({ host, port: 0 }, accepted.resolve)
    const stream = await connectTcp({ host, port: listener.port })
    if (!isFlowing(stream)) throw new Error('a TCP stream can be driven')
    const { bytes } = await accepted.promise
    let drained: Promise<void> | undefined
    while (drained === undefined) drained = stream.writeNow([Buffer.alloc(3000)])
    let read = 0
    const reading = (async () => {
      for await (const chunk of bytes) read += chunk.length
    })()
    await drained
    expect(read).toBeGreaterThan(0)
    stream.abort()
    await reading.catch(() => {}) // the end may be a reset
    await listener.close()
  })

  it('says that a port is taken', async () => {
    const listener = await listenTcp({ host, port: 0 }, () => {})
    const again = listenTcp({ host, port: listener.port }, () => {})
    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await listener.close()
  })
})
