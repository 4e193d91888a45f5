// Messages of which a part is read while they are sent.

import { describe, expect, it } from 'vitest'
import type { ByteSource } from '../bytes/index.ts'
import { deferred } from '../flow/index.ts'
import { selfSigned } from './certificate.contract.ts'
import { inprocPair } from './inproc.ts'
import { sendPieces } from './pieces.ts'
import type { Stream } from './stream.ts'
import { connectTcp, listenTcp, type TlsServerOptions } from './tcp.ts'

const host = '127.0.0.1'

/** Bytes that say where they are, so many at most at a time. */
class Counted implements ByteSource {
  readonly bytes: number
  readonly #atATime: number
  readonly #later: boolean
  /** The furthest byte that was read. */
  readTo = 0

  constructor(bytes: number, { atATime = bytes, later = false } = {}) {
    this.bytes = bytes
    this.#atATime = atATime
    this.#later = later
  }

  read(into: Buffer, at: number): number | Promise<number> {
    const count = Math.min(into.length, this.#atATime, this.bytes - at)
    for (let n = 0; n < count; n++) into[n] = (at + n) % 251
    this.readTo = Math.max(this.readTo, at + count)
    return this.#later ? new Promise(resolve => setImmediate(resolve, count)) : count
  }
}

/** What such a source gives. */
function counted(bytes: number): Buffer {
  const all = Buffer.alloc(bytes)
  void new Counted(bytes).read(all, 0)
  return all
}

/** Connected pairs, and how to take away what they needed. */
const pairs: Readonly<Record<string, () => Promise<[Stream, Stream, () => Promise<void>]>>> = {
  tcp: () => overTcp(),
  tls: () => overTcp(selfSigned()),
  inproc: async () => [...inprocPair('pieces'), async () => {}],
}

async function overTcp(tls?: TlsServerOptions): Promise<[Stream, Stream, () => Promise<void>]> {
  const accepted = deferred<Stream>()
  const listener = await listenTcp({ host, port: 0, ...(tls && { tls }) }, accepted.resolve)
  const a = await connectTcp({ host, port: listener.port, ...(tls && { tls: { ca: tls.cert } }) })
  return [a, await accepted.promise, () => listener.close()]
}

async function connected(kind: string, use: (a: Stream, b: Stream) => Promise<void>): Promise<void> {
  const [a, b, release] = await (pairs[kind] ?? overTcp)()
  try {
    await use(a, b)
  } finally {
    a.abort()
    b.abort()
    await release()
  }
}

async function received(stream: Stream, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let left = bytes
  for await (const chunk of stream.bytes) {
    chunks.push(chunk)
    left -= chunk.length
    if (left <= 0) break
  }
  return Buffer.concat(chunks)
}

describe.each(Object.keys(pairs))('a message of pieces over %s', kind => {
  it('arrives as it is, between what was written before and after', () =>
    connected(kind, async (a, b) => {
      const [big, small] = [3_000_000, 10]
      const pieces = [
        Buffer.from('head'),
        new Counted(big),
        Buffer.from('middle'),
        new Counted(small),
        new Counted(big, { atATime: 100_001 }),
        new Counted(big, { later: true }),
        Buffer.from('tail'),
      ]
      const expected = Buffer.concat([
        Buffer.from('beforehead'),
        counted(big),
        Buffer.from('middle'),
        counted(small),
        counted(big),
        counted(big),
        Buffer.from('tailafter'),
      ])
      const arriving = received(b, expected.length)
      await a.write([Buffer.from('before')])
      await sendPieces(a, pieces)
      await a.write([Buffer.from('after')])
      expect((await arriving).equals(expected)).toBe(true)
    }))

  it('is not read on while the peer does not read', () =>
    connected(kind, async (a, b) => {
      const source = new Counted(200_000_000)
      const sending = sendPieces(a, [source])
      let before = -1
      while (source.readTo !== before) {
        before = source.readTo
        await new Promise(resolve => setTimeout(resolve, 50))
      }
      expect(source.readTo).toBeLessThan(source.bytes)
      b.abort()
      a.abort()
      await sending
    }))

  it('says that it cannot be read', () =>
    connected(kind, async a => {
      const broken: ByteSource = {
        bytes: 10,
        read: () => {
          throw new Error('the disk is gone')
        },
      }
      await expect(sendPieces(a, [Buffer.from('head'), broken])).rejects.toThrow('the disk is gone')
    }))
})
