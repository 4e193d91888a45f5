// What every stream promises, as tests that each transport's own test file calls with a way to make a connected pair:
//
//   streamContract('inproc', { connect: async () => ({ pair: inprocPair('x'), release: async () => {} }) })
//
// `a` is the side that connected, `b` the side that was accepted. Stories run both ways where the sides could differ.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { errorCodeOf } from './errors.ts'
import type { DuplexStream, Stream } from './stream.ts'

/** A connected pair, and how to take away what it needed (the listener). */
export interface Connected {
  readonly a: Stream
  readonly b: Stream
  release(): Promise<void>
}

export interface StreamTransport {
  /** Connects both sides with `halfOpen` as said. */
  connect(options: { readonly halfOpen: boolean }): Promise<Connected>
  /** Connects to a place where nobody listens. Absent where a pair has no place. */
  readonly connectNowhere?: () => Promise<Stream> | Stream
  /** Connects to a place where somebody listens, with this signal. Absent where connecting does not wait. */
  readonly connectWith?: (signal: AbortSignal) => Promise<Stream>
  /** Whether the directions end one by one. */
  readonly halfCloses: boolean
  /** Whether writes of one turn arrive joined, rather than as they are. */
  readonly joins: boolean
}

type Duplexes = Connected & { readonly a: DuplexStream; readonly b: DuplexStream }

/** More than any system keeps in its buffers for one connection. */
const FLOOD_BYTES_MAX = 256 << 20
const BLOCK = Buffer.alloc(256 * 1024, 'x')

/** Declares the tests of the Stream interface for one transport. */
export function streamContract(transport: string, make: StreamTransport): void {
  describe(`stream contract: ${transport}`, () => {
    let before: Readonly<Record<string, number>>
    let open: Connected[] = []
    beforeEach(() => {
      before = resources()
    })
    afterEach(async () => {
      for (const { a, b, release } of open) {
        a.abort()
        b.abort()
        await release()
      }
      open = []
      await turnsUntil(() => !grown(before))
      expect(grown(before) ?? 'nothing is left open').toBe('nothing is left open')
    })
    const connect = async (halfOpen = false): Promise<Connected> => {
      const connected = await make.connect({ halfOpen })
      open.push(connected)
      return connected
    }

    it('gives what was written in order, both ways at the same time', async () => {
      const { a, b } = await connect()
      const [fromA, fromB] = [numbers(2000), numbers(3000)]
      const read = Promise.all([readBytes(a, fromB.length), readBytes(b, fromA.length)])
      for (let at = 0; at < fromA.length; at += 7) await a.write([fromA.subarray(at, at + 7)])
      for (let at = 0; at < fromB.length; at += 11) await b.write([fromB.subarray(at, at + 11)])
      const [gotA, gotB] = await read
      expect(gotA.equals(fromB) && gotB.equals(fromA)).toBe(true)
    })

    it('writes several chunks at once, empty ones too', async () => {
      const { a, b } = await connect()
      a.write([Buffer.from('one '), Buffer.alloc(0), Buffer.from('two')])
      a.write([])
      expect((await readBytes(b, 7)).toString()).toBe('one two')
    })

    it('carries chunks larger than every buffer', async () => {
      const { a, b } = await connect()
      const large = numbers(1 << 20)
      const [got] = await Promise.all([readBytes(b, large.length), a.write([large])])
      expect(got.equals(large)).toBe(true)
    })

    it.runIf(make.joins)('sends the small writes of one turn together', async () => {
      const { a, b } = await connect()
      const chunks = readChunks(b, 5000)
      for (let at = 0; at < 500; at++) a.write([Buffer.from('0123456789')])
      expect((await chunks).length).toBeLessThanOrEqual(2)
    })

    it('stops a writer whose peer does not read, and lets it go on when the peer reads', async () => {
      const { a, b } = await connect()
      let sent = 0
      let waiting: Promise<void> | undefined
      while (sent < FLOOD_BYTES_MAX) {
        waiting = a.write([BLOCK])
        sent += BLOCK.length
        if (waiting !== undefined && (await isStuck(waiting))) break
      }
      expect(sent).toBeLessThan(FLOOD_BYTES_MAX)
      const [got] = await Promise.all([countBytes(b, sent), waiting])
      expect(got).toBe(sent)
    })

    it('frees a writer that waits when the stream ends', async () => {
      const { a } = await connect()
      let waiting: Promise<void> | undefined
      for (let sent = 0; sent < FLOOD_BYTES_MAX; sent += BLOCK.length) {
        waiting = a.write([BLOCK])
        if (waiting !== undefined && (await isStuck(waiting))) break
      }
      a.abort()
      await waiting
    })

    it('finishes what was written when it is closed, however often', async () => {
      const { a, b } = await connect()
      const large = numbers(500_000)
      a.write([large])
      const closing = Promise.all([a.close(), a.close()])
      const got = Buffer.concat(await readAll(b))
      expect(got.equals(large)).toBe(true)
      await closing
      await b.close()
    })

    it('is closed though its peer goes on writing and its own reader has stopped', async () => {
      const { a, b } = await connect()
      const reading = b.bytes[Symbol.asyncIterator]()
      a.write([BLOCK])
      await reading.next()
      for (let sent = 0; sent < 8; sent++) a.write([BLOCK])
      const closing = b.close()
      await Promise.all([a.close(), closing])
    })

    it('takes no more after it was closed or aborted', async () => {
      const { a, b } = await connect()
      const rest = readAll(b)
      const closing = a.close()
      expect(a.write([Buffer.from('late')])).toBeUndefined()
      await closing
      expect(a.write([Buffer.from('later')])).toBeUndefined()
      a.abort()
      a.abort(new Error('again'))
      expect(a.write([Buffer.from('latest')])).toBeUndefined()
      expect(Buffer.concat(await rest).toString()).toBe('')
      await a.close()
    })

    it('gives its own reader the reason of an abort, and its peer an end or an error', async () => {
      const { a, b } = await connect()
      const [ours, theirs] = [readAll(a), readAll(b)]
      const reason = new Error('enough')
      a.abort(reason)
      await expect(ours).rejects.toBe(reason)
      const told = await theirs.then(
        chunks => `${chunks.length} chunks`,
        error => errorCodeOf(error) ?? error,
      )
      expect(['0 chunks', 'ECONNRESET', 'WS_ENDED_ABNORMALLY']).toContain(told)
      await Promise.all([a.close(), b.close()])
    })

    it('gives what had arrived before the peer ended, then ends', async () => {
      const { a, b } = await connect()
      a.write([Buffer.from('last words')])
      const closing = a.close()
      expect(Buffer.concat(await readAll(b)).toString()).toBe('last words')
      expect(await readAll(b)).toEqual([])
      await closing
      await b.close()
    })

    it('leaves the rest to the next reader when one stops early', async () => {
      const { a, b } = await connect()
      a.write([Buffer.from('first')])
      expect((await readBytes(b, 5)).toString()).toBe('first')
      a.write([Buffer.from('second')])
      expect((await readBytes(b, 6)).toString()).toBe('second')
    })

    it('shows who its peer is', async () => {
      const { a, b } = await connect()
      expect([a.peer, b.peer].every(peer => peer.address !== '' && peer.port >= 0)).toBe(true)
    })

    describe.runIf(make.halfCloses)('ends its directions one by one', () => {
      it.each([['connected'], ['accepted']])('the side that %s ends first', async side => {
        const { a, b } = await connect(true)
        const [asks, answers] = (side === 'connected' ? [a, b] : [b, a]) as [DuplexStream, DuplexStream]
        asks.write([Buffer.from('question')])
        asks.end()
        asks.end()
        asks.write([Buffer.from(' and more')])
        expect(Buffer.concat(await readAll(answers)).toString()).toBe('question')
        answers.write([Buffer.from('answer')])
        answers.end()
        expect(Buffer.concat(await readAll(asks)).toString()).toBe('answer')
        await Promise.all([asks.close(), answers.close()])
      })

      it('unless it was asked to end with its peer', async () => {
        const { a, b } = (await connect(false)) as Duplexes
        a.end()
        expect(await readAll(b)).toEqual([])
        expect(await readAll(a)).toEqual([])
        await Promise.all([a.close(), b.close()])
      })
    })

    if (make.connectNowhere !== undefined) {
      const { connectNowhere } = make
      it('says by a POSIX code that nobody listens', async () => {
        const refused = await Promise.resolve()
          .then(connectNowhere)
          .then(() => 'connected', errorCodeOf)
        expect(['ECONNREFUSED', 'ENOENT']).toContain(refused)
      })
    }

    if (make.connectWith !== undefined) {
      const { connectWith } = make
      it('gives up connecting when its signal aborts, before and while it waits', async () => {
        const controller = new AbortController()
        const connecting = connectWith(controller.signal)
        controller.abort(new Error('no time'))
        await expect(connecting).rejects.toThrow('no time')
        await expect(connectWith(controller.signal)).rejects.toThrow('no time')
      })
    }
  })
}

/** Bytes that count up, so that a gap or an exchange shows. */
function numbers(count: number): Buffer {
  const bytes = Buffer.allocUnsafe(count)
  for (let at = 0; at < count; at++) bytes[at] = (at * 31 + (at >> 8)) & 0xff
  return bytes
}

/** Reads until so many bytes have come. */
async function readChunks(stream: Stream, count: number): Promise<Buffer[]> {
  const chunks: Buffer[] = []
  let got = 0
  for await (const chunk of stream.bytes) {
    chunks.push(chunk)
    got += chunk.length
    if (got >= count) break
  }
  return chunks
}

async function readBytes(stream: Stream, count: number): Promise<Buffer> {
  return Buffer.concat(await readChunks(stream, count))
}

async function countBytes(stream: Stream, count: number): Promise<number> {
  let got = 0
  for await (const chunk of stream.bytes) {
    got += chunk.length
    if (got >= count) break
  }
  return got
}

async function readAll(stream: Stream): Promise<Buffer[]> {
  const chunks: Buffer[] = []
  for await (const chunk of stream.bytes) chunks.push(chunk)
  return chunks
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Waits, some turns of the event loop at most, for something that the system is about to do. */
async function turnsUntil(happened: () => boolean): Promise<void> {
  for (let turns = 0; turns < 2000 && !happened(); turns++) await turn()
}

/** Whether the promise stays unsettled for a hundred turns in which the system could take what waits. */
async function isStuck(promise: Promise<void>): Promise<boolean> {
  let settled = false
  void promise.then(() => {
    settled = true
  })
  for (let turns = 0; turns < 100 && !settled; turns++) await turn()
  return !settled
}

/** What keeps a process alive, counted by kind. */
function resources(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo())
    if (/TCP|Pipe|UDP|TLS/.test(kind)) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

function grown(before: Readonly<Record<string, number>>): string | undefined {
  return Object.entries(resources()).find(([kind, count]) => count > (before[kind] ?? 0))?.[0]
}
