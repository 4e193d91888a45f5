// Calls without answers (batching, RFC 5531, section 8), and calls that outlive their connection.

import { describe, expect, expectTypeOf, it } from 'vitest'
import { type Deferred, deferred } from '../../flow/index.ts'
import { connect, listen, type Stream } from '../../transport/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { program } from '../program.ts'
import * as xdr from '../xdr/index.ts'
import { connectOnc, type OncServeOptions, serveOnc, service } from './index.ts'
import { RecordSplitter } from './record.ts'

const JOURNAL = program({
  name: 'JOURNAL_V1',
  program: 0x2000_0055,
  version: 1,
  procedures: {
    LOG: { number: 1, argument: xdr.string(100), result: xdr.nothing },
    COUNT: { number: 2, argument: xdr.nothing, result: xdr.int },
    WAIT: { number: 3, argument: xdr.nothing, result: xdr.int },
  },
})

function journal(options: OncServeOptions = {}) {
  const lines: string[] = []
  const waits: Deferred<number>[] = []
  const handlers = service(JOURNAL, {
    LOG: (line, call) => {
      lines.push(line)
      call.withhold()
      return undefined
    },
    COUNT: () => lines.length,
    WAIT: () => {
      const wait = deferred<number>()
      waits.push(wait)
      return wait.promise
    },
  })
  return { lines, waits, handlers, serve: () => serveOnc('tcp://127.0.0.1:*', [handlers], options) }
}

describe('one-way calls', () => {
  it('are carried out in their order, and a call behind them is answered after them', async () => {
    const { lines, serve } = journal()
    await using server = await serve()
    await using connection = await connectOnc(server.address)
    const client = connection.client(JOURNAL)
    const texts = Array.from({ length: 1000 }, (_, n) => `line ${n}`)
    for (const text of texts) await client.LOG(text, { oneWay: true })
    expect(await client.COUNT()).toBe(1000)
    expect(lines).toEqual(texts)
  })

  it('of one turn go out in one write', async () => {
    const chunks: number[] = []
    const seen = deferred()
    const endpoint = await listen('tcp://127.0.0.1:*', {}, stream => {
      void (async () => {
        let records = 0
        const splitter = new RecordSplitter(() => {
          if (++records === 100) seen.resolve()
        })
        for await (const chunk of stream.bytes) {
          chunks.push(chunk.length)
          splitter.push(chunk)
        }
      })()
    })
    if (endpoint.address.scheme !== 'tcp') throw new Error('not tcp')
    await using connection = await connectOnc(`tcp://127.0.0.1:${endpoint.address.port}`)
    const client = connection.client(JOURNAL)
    for (let n = 0; n < 100; n++) void client.LOG('a line', { oneWay: true })
    await seen.promise
    expect(chunks).toHaveLength(1)
    await endpoint.close()
  })

  it('do not wait, give nothing, and are forgotten', async () => {
    const { waits, serve } = journal()
    await using server = await serve()
    await using connection = await connectOnc(server.address)
    const client = connection.client(JOURNAL)
    const given = await client.WAIT({ oneWay: true })
    expectTypeOf(given).toEqualTypeOf<undefined>()
    expect(given).toBeUndefined()
    const asked = client.WAIT()
    expectTypeOf(asked).toEqualTypeOf<Promise<number>>()
    while (waits.length < 2) await new Promise(setImmediate)
    waits.forEach((wait, n) => void wait.resolve(n)) // the answer to the first is nobody's
    expect(await asked).toBe(1)
  })

  it('are not for UDP, where they may be lost', async () => {
    const { handlers } = journal()
    await using server = await serveOnc('udp://127.0.0.1:*', [handlers])
    await using connection = await connectOnc(server.address)
    await expect(connection.client(JOURNAL).LOG('a line', { oneWay: true })).rejects.toThrow(TypeError)
  })

  it('fail when the connection is closed', async () => {
    const { serve } = journal()
    await using server = await serve()
    const connection = await connectOnc(server.address)
    await connection.close()
    const call = connection.client(JOURNAL).LOG('a line', { oneWay: true })
    await expect(call).rejects.toMatchObject({ code: 'RPC_CLOSED' })
  })

  it('a handler that withholds its answer is heard of no more', async () => {
    const { serve } = journal()
    await using server = await serve()
    const stream = await connect(server.address)
    const call = (xid: number, procedure: number, ...argument: number[]): Buffer => {
      const words = [xid, 0, 2, JOURNAL.program, 1, procedure, 0, 0, 0, 0, ...argument]
      const bytes = Buffer.alloc(4 + 4 * words.length)
      bytes.writeUInt32BE(0x8000_0000 + 4 * words.length)
      for (const [n, word] of words.entries()) bytes.writeUInt32BE(word, 4 + 4 * n)
      return bytes
    }
    void stream.write([call(1, 1, 0), call(2, 1, 0), call(3, 2)])
    const answers: number[] = []
    const splitter = new RecordSplitter(record => answers.push(record.readUInt32BE(0)))
    for await (const chunk of stream.bytes) {
      splitter.push(chunk)
      if (answers.length > 0) break
    }
    expect(answers).toEqual([3])
    stream.abort()
  })
})

/** Passes bytes on between a client and a server until it is told to cut; answers can be held back before that. */
async function between(server: string) {
  const pairs = new Set<readonly [Stream, Stream]>()
  const state = { holds: false }
  const endpoint = await listen('tcp://127.0.0.1:*', {}, client => {
    void (async () => {
      const there = await connect(server)
      pairs.add([client, there])
      const back = async (): Promise<void> => {
        for await (const chunk of there.bytes) if (!state.holds) void client.write([chunk])
      }
      void back().catch(() => undefined)
      for await (const chunk of client.bytes) void there.write([chunk])
    })().catch(() => undefined)
  })
  if (endpoint.address.scheme !== 'tcp') throw new Error('not tcp')
  const cut = (): void => {
    for (const pair of pairs) for (const stream of pair) stream.abort()
    pairs.clear()
  }
  return { address: `tcp://127.0.0.1:${endpoint.address.port}`, state, cut, close: () => endpoint.close() }
}

async function until(world: ManualWorld, done: () => boolean): Promise<void> {
  for (let turn = 0; !done(); turn++) {
    if (turn > 20_000) throw new Error('it never came')
    world.advance(10)
    await new Promise(setImmediate)
  }
}

describe('a connection that is opened anew', () => {
  it.each([
    ['once at a server that keeps its answers', true, 1],
    ['again at any other', false, 2],
  ] as const)('a call whose answer was lost runs %s', async (_, replyCache, runs) => {
    const { waits, serve } = journal({ replyCache })
    await using server = await serve()
    const proxy = await between(server.address)
    const world = new ManualWorld()
    await using connection = await connectOnc(proxy.address, { reconnect: true, world, timeoutMs: 600_000 })
    let result: number | undefined
    void connection
      .client(JOURNAL)
      .WAIT()
      .then(value => {
        result = value
      })
    await until(world, () => waits.length === 1)
    proxy.state.holds = true
    waits[0]?.resolve(7)
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate) // the answer is on its way, and lost
    proxy.cut()
    proxy.state.holds = false
    await until(world, () => {
      waits[1]?.resolve(8)
      return result !== undefined
    })
    expect(waits).toHaveLength(runs)
    expect(result).toBe(runs === 1 ? 7 : 8)
    proxy.cut()
    await proxy.close()
  })

  it('a call that still runs is answered over the new connection', async () => {
    const { waits, serve } = journal({ replyCache: true })
    await using server = await serve()
    const proxy = await between(server.address)
    const world = new ManualWorld()
    await using connection = await connectOnc(proxy.address, { reconnect: true, world, timeoutMs: 600_000 })
    let result: number | undefined
    const client = connection.client(JOURNAL)
    void client.WAIT().then(value => {
      result = value
    })
    await until(world, () => waits.length === 1)
    proxy.cut()
    let count: number | undefined
    void client.COUNT().then(value => {
      count = value
    })
    await until(world, () => count !== undefined) // the new connection is there, and the old call was sent before this one
    waits[0]?.resolve(9)
    await until(world, () => result !== undefined)
    expect([result, waits.length]).toEqual([9, 1])
    proxy.cut()
    await proxy.close()
  })

  it('one-way calls wait for it', async () => {
    const { lines, serve } = journal()
    await using server = await serve()
    const proxy = await between(server.address)
    const world = new ManualWorld()
    await using connection = await connectOnc(proxy.address, { reconnect: true, world, timeoutMs: 600_000 })
    const client = connection.client(JOURNAL)
    expect(await client.COUNT()).toBe(0)
    proxy.cut()
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate) // until the loss is known
    let isTaken = false
    void client.LOG('a line', { oneWay: true }).then(() => {
      isTaken = true
    })
    await new Promise(setImmediate)
    expect(isTaken).toBe(false)
    await until(world, () => lines.length > 0)
    expect([isTaken, lines]).toEqual([true, ['a line']])
    proxy.cut()
    await proxy.close()
  })

  it('keeps so many bytes of calls, and no more', async () => {
    const { serve } = journal()
    await using server = await serve()
    const world = new ManualWorld()
    await using connection = await connectOnc(server.address, { reconnect: true, world })
    const { program: number, version } = JOURNAL
    const procedures = { SINK: { number: 3, argument: xdr.varOpaque(), result: xdr.int } }
    const sink = connection.client({ name: 'SINK', program: number, version, procedures })
    const big = Buffer.alloc(40 * 1024 * 1024)
    const first = sink.SINK(big).catch((error: { code: string }) => error.code)
    await expect(sink.SINK(big)).rejects.toMatchObject({ code: 'RPC_TOO_MANY_CALLS' })
    await connection.close()
    expect(await first).toBe('RPC_CLOSED')
  })

  it('gives up calls at their time, and all of them when it is closed', async () => {
    const { serve } = journal()
    const server = await serve()
    const world = new ManualWorld()
    const connection = await connectOnc(server.address, { reconnect: true, world, closeMs: 50 })
    await server.close()
    const late = connection.client(JOURNAL).COUNT({ timeoutMs: 5000 })
    const codes: unknown[] = []
    void late.catch((error: { code: string }) => codes.push(error.code))
    await until(world, () => codes.length > 0)
    const waiting = connection.client(JOURNAL).COUNT({ timeoutMs: 600_000 })
    void waiting.catch((error: { code: string }) => codes.push(error.code))
    await connection.close()
    await until(world, () => codes.length > 1)
    expect(codes).toEqual(['RPC_TIMEOUT', 'RPC_CLOSED'])
    expect(world.pendingTimers).toBe(0)
  })

  it('is not for UDP', async () => {
    await expect(connectOnc('udp://127.0.0.1:9', { reconnect: true })).rejects.toThrow(TypeError)
  })
})
