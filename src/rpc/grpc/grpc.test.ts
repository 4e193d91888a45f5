// The bridge with itself over loopback: the four kinds of methods, how calls end early, what is told of errors, and that
// slow readers stop fast writers. test/interop has the same with other people's gRPC.

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Deferred, deferred } from '../../flow/index.ts'
import { selfSigned } from '../../transport/certificate.contract.ts'
import { connect, type DuplexStream, formatAddress, listen } from '../../transport/index.ts'
import type { GrpcCall } from './call.ts'
import {
  connectGrpc,
  type GrpcClient,
  type GrpcConnectOptions,
  GrpcError,
  type GrpcServeOptions,
  serveGrpc,
} from './index.ts'

interface Num {
  readonly value?: number
  readonly large?: string
  readonly payload?: Uint8Array
}

interface Word {
  readonly text: string
}

interface Lab {
  double(request: Num, call: GrpcCall): Num
  countTo(request: Num, call: GrpcCall): AsyncIterable<Num>
  Sum(requests: AsyncIterable<Num>, call: GrpcCall): Promise<Num>
  echo(requests: AsyncIterable<Num>, call: GrpcCall): AsyncIterable<Num>
  fail(request: Word, call: GrpcCall): void
  wait(request: Word, call: GrpcCall): Promise<void>
}

const PROTO = { proto: 'lab.proto', includeDirs: [import.meta.dirname] }
const SERVICE = 'posthorn.lab.Lab'
const TCP = 'tcp://127.0.0.1:*'
/** Messages of 64 KiB, as many as HTTP/2's first window takes one of. */
const PAYLOAD = Buffer.alloc(65_536)
/** What a stalled stream may hold: 16 messages in each of the two streams of Node, and a few in sockets. */
const HELD_MAX = 120

const secret = 'the password is swordfish'

/** What the server did, for tests to look at. */
class Bench implements Lab {
  readonly faults: unknown[] = []
  readonly calls: GrpcCall[] = []
  readonly began: Deferred<GrpcCall> = deferred()
  readonly ended: Deferred<unknown> = deferred()
  readonly release = deferred()
  produced = 0
  consumed = 0

  double({ value = 0, large = '0', payload = Buffer.alloc(0) }: Num, call: GrpcCall): Num {
    this.calls.push(call)
    const name = call.metadata['x-name'] ?? []
    call.sendHeaders({ 'x-name': name.map(String), 'x-seen': 'yes' })
    call.setTrailers({ 'x-end-bin': [Buffer.from([0, 255]), Buffer.from([7])] })
    return { value: value * 2, large: String(BigInt(large) * 2n), payload }
  }

  async *countTo({ value = 0, payload = Buffer.alloc(0) }: Num, call: GrpcCall): AsyncIterable<Num> {
    this.calls.push(call)
    try {
      for (let n = 1; n <= value; n++) {
        this.produced = n
        yield { value: n, payload }
      }
    } finally {
      this.ended.resolve(call.signal.reason)
    }
  }

  async Sum(requests: AsyncIterable<Num>, call: GrpcCall): Promise<Num> {
    this.began.resolve(call)
    let sum = 0
    try {
      for await (const { value = 0 } of requests) {
        this.consumed++
        if (value < 0) await this.release.promise
        if (value === 999) return { value }
        sum += value
      }
    } catch (error) {
      this.ended.resolve(error)
      throw error
    }
    return { value: sum }
  }

  async *echo(requests: AsyncIterable<Num>): AsyncIterable<Num> {
    for await (const request of requests) {
      if (request.value === 13) throw new GrpcError('GRPC_ABORTED', 'thirteen')
      yield request
    }
  }

  fail({ text }: Word, call: GrpcCall): void {
    call.setTrailers({ 'x-why': 'because' })
    if (text === 'secret') throw new Error(secret)
    if (text === 'own') throw new GrpcError('GRPC_CLOSED', secret)
    if (text !== '') throw new GrpcError('GRPC_NOT_FOUND', text)
  }

  async wait(_: Word, call: GrpcCall): Promise<void> {
    this.began.resolve(call)
    await Promise.race([
      this.release.promise,
      new Promise(resolve => call.signal.addEventListener('abort', resolve)),
    ])
    this.ended.resolve(call.signal.reason)
  }
}

interface Opened extends AsyncDisposable {
  readonly bench: Bench
  readonly lab: GrpcClient<Lab>
  readonly address: string
}

async function open(
  address = TCP,
  serving: Partial<GrpcServeOptions> = {},
  calling: Partial<GrpcConnectOptions> = {},
): Promise<Opened> {
  const bench = new Bench()
  const onFault = (_: string, error: unknown): number => bench.faults.push(error)
  const server = await serveGrpc(address, { ...PROTO, services: { [SERVICE]: bench }, onFault, ...serving })
  const lab = await connectGrpc<Lab>(server.address, { ...PROTO, service: SERVICE, ...calling })
  const close = async (): Promise<void> => {
    await lab.close()
    await server.close()
  }
  return { bench, lab, address: server.address, [Symbol.asyncDispose]: close }
}

async function all<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const one of messages) list.push(one)
  return list
}

const values = (messages: readonly Num[]): (number | undefined)[] => messages.map(({ value }) => value)
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    error => (error instanceof GrpcError ? error.code : error),
  )

async function* endless(began: { count: number }): AsyncGenerator<Num> {
  for (;;) yield { value: -++began.count, payload: PAYLOAD }
}

/** As many round trips as give a stream that nothing stops the time to run away. */
async function roundTrips(lab: GrpcClient<Lab>): Promise<void> {
  for (let n = 0; n < 50; n++) await lab.double({ value: n })
}

describe('the four kinds of methods', () => {
  it('one request, one answer: 64 bits and bytes are whole', async () => {
    await using opened = await open()
    const large = String(2n ** 61n + 1n)
    const answer = await opened.lab.double({ value: 21, large, payload: Buffer.from([1, 2]) })
    expect(answer).toEqual({
      value: 42,
      large: String(2n ** 62n + 2n),
      payload: Buffer.from([1, 2]),
      label: null,
    })
  })

  it('one request, many answers', async () => {
    await using opened = await open()
    expect(values(await all(opened.lab.countTo({ value: 40 })))).toEqual(
      Array.from({ length: 40 }, (_, n) => n + 1),
    )
    expect(await all(opened.lab.countTo({}))).toEqual([])
  })

  it('many requests, one answer: from an array, and from a generator', async () => {
    await using opened = await open()
    expect((await opened.lab.Sum([{ value: 1 }, { value: 2 }])).value).toBe(3)
    async function* some(): AsyncGenerator<Num> {
      for (let value = 1; value <= 100; value++) yield { value }
    }
    expect((await opened.lab.Sum(some())).value).toBe(5050)
    expect((await opened.lab.Sum([])).value).toBe(0)
  })

  it('many and many: each answer before the next request', async () => {
    await using opened = await open()
    const heard: unknown[] = []
    let more: Deferred<Num | undefined> = deferred()
    async function* requests(): AsyncGenerator<Num> {
      for (;;) {
        const next = await more.promise
        if (next === undefined) return
        more = deferred()
        yield next
      }
    }
    const answers = opened.lab.echo(requests())
    for (const value of [3, 1, 2]) {
      more.resolve({ value })
      heard.push((await answers.next()).value?.value)
    }
    more.resolve(undefined)
    expect(await answers.next()).toEqual({ done: true, value: undefined })
    expect(heard).toEqual([3, 1, 2])
  })

  it("both spellings of a method are there; close is ours, Close the service's", async () => {
    await using opened = await open()
    expect(Object.keys(opened.lab)).toEqual(
      expect.arrayContaining(['Double', 'double', 'Sum', 'sum', 'Close', 'ToString', 'toString']),
    )
    const closing = (opened.lab as unknown as { Close(request: object): Promise<unknown> }).Close({})
    expect(await codeOf(closing)).toBe('GRPC_UNIMPLEMENTED')
  })
})

describe('what is not there', () => {
  it('a method without an implementation is UNIMPLEMENTED, also one that every object has', async () => {
    await using opened = await open()
    const { ToString } = opened.lab as unknown as { ToString(request: object): Promise<unknown> }
    expect(await codeOf(ToString({}))).toBe('GRPC_UNIMPLEMENTED')
  })

  it.each([
    [
      'GRPC_SERVICE_UNKNOWN',
      { services: { 'posthorn.lab.Lob': {} } },
      'posthorn.lab.Lab, posthorn.lab.Other',
    ],
    ['GRPC_METHOD_MISMATCH', { services: { [SERVICE]: {} } }, 'Double, CountTo'],
    ['GRPC_PROTO_INVALID', { proto: 'gone.proto' }, 'gone.proto'],
  ] as const)('%s when the server is made', async (code, options, text) => {
    const made = serveGrpc(TCP, { ...PROTO, services: {}, ...options })
    await expect(made).rejects.toThrow(text)
    expect(await codeOf(made)).toBe(code)
  })

  it('GRPC_UNAVAILABLE at once when nobody listens, GRPC_LISTEN_FAILED when somebody does', async () => {
    const { address, ...opened } = await open()
    expect(await codeOf(serveGrpc(address, { ...PROTO, services: {} }))).toBe('GRPC_LISTEN_FAILED')
    await opened[Symbol.asyncDispose]()
    expect(await codeOf(connectGrpc(address, { ...PROTO, service: SERVICE }))).toBe('GRPC_UNAVAILABLE')
  })

  it('GRPC_UNAVAILABLE when connecting takes too long, and the signal ends it before', async () => {
    const silent = await listen(TCP, {}, () => undefined)
    const address = formatAddress(silent.address)
    const options = { ...PROTO, service: SERVICE, connectMs: 20 }
    expect(await codeOf(connectGrpc(address, options))).toBe('GRPC_UNAVAILABLE')
    const signal = AbortSignal.abort(new Error('no'))
    expect(await codeOf(connectGrpc(address, { ...options, signal }))).toEqual(new Error('no'))
    await silent.close()
  })
})

describe('metadata', () => {
  it('goes both ways: headers, trailers, several values, bytes', async () => {
    await using opened = await open()
    const heard: [string, unknown][] = []
    await opened.lab.double(
      { value: 1 },
      {
        metadata: { 'x-name': ['Ann', 'Bob'], 'x-raw-bin': Buffer.from([0, 1, 254]) },
        onHeaders: metadata => heard.push(['headers', [metadata['x-name'], metadata['x-seen']]]),
        onTrailers: metadata => heard.push(['trailers', metadata['x-end-bin']]),
      },
    )
    expect(heard).toEqual([
      ['headers', [['Ann, Bob'], ['yes']]],
      ['trailers', [Buffer.from([0, 255]), Buffer.from([7])]],
    ])
    const [call] = opened.bench.calls
    expect(call?.metadata['x-raw-bin']).toEqual([Buffer.from([0, 1, 254])])
    expect(call?.metadata.constructor).toBeUndefined()
    expect(call?.path).toBe('/posthorn.lab.Lab/Double')
    expect(call?.peer).toMatchObject({ address: '127.0.0.1', encrypted: false })
    expect(call?.peer.port).toBeGreaterThan(0)
    expect(call?.deadline).toBeUndefined()
  })

  it.each([
    ['a key with a blank', { 'x y': '1' }],
    ['text under a key for bytes', { 'x-bin': 'text' }],
    ['bytes under a key for text', { x: Buffer.from([1]) }],
    ['text that is no ASCII', { x: 'é' }],
  ])('%s is refused', async (_, metadata) => {
    await using opened = await open()
    expect(await codeOf(opened.lab.double({}, { metadata }))).toBe('GRPC_METADATA_INVALID')
  })

  it('a listener that throws ends the call with what it threw', async () => {
    await using opened = await open()
    const onHeaders = (): never => {
      throw new Error('ears')
    }
    expect(await codeOf(opened.lab.double({}, { onHeaders }))).toEqual(new Error('ears'))
  })
})

describe('errors', () => {
  it('a status travels with its details and trailers', async () => {
    await using opened = await open()
    const text = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n'
    const error = await Promise.resolve(opened.lab.fail({ text })).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(GrpcError)
    expect(error).toMatchObject({ code: 'GRPC_NOT_FOUND', status: 5, details: text })
    expect((error as GrpcError).metadata['x-why']).toEqual(['because'])
    expect(opened.bench.faults).toEqual([])
  })

  it.each([
    ['half a pair of surrogates', 'a\ud83dz', 'a\ufffdz'],
    ['10,000 characters', 'x'.repeat(10_000), 'x'.repeat(2048)],
  ])('details that cannot be sent are made so: %s', async (_, text, details) => {
    // A string with half a pair would not survive protobuf: the handler makes it.
    const services = {
      [SERVICE]: {
        fail: () => {
          throw new GrpcError('GRPC_NOT_FOUND', text)
        },
      },
    }
    await using opened = await open(TCP, { services })
    await expect(opened.lab.fail({ text: '' })).rejects.toMatchObject({ details })
  })

  it.each(['secret', 'own'])('what is no status is UNKNOWN, and nothing of it leaks: %s', async text => {
    await using opened = await open()
    const error = await Promise.resolve(opened.lab.fail({ text })).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'GRPC_UNKNOWN', details: 'the handler failed' })
    expect(String((error as Error).stack)).not.toContain(secret)
    expect(opened.bench.faults.map(String)).toEqual([expect.stringContaining(secret)])
  })

  it('messages before an error are read before it', async () => {
    await using opened = await open()
    const heard: unknown[] = []
    const reading = (async () => {
      for await (const { value } of opened.lab.echo([{ value: 1 }, { value: 2 }, { value: 13 }]))
        heard.push(value)
    })()
    await expect(reading).rejects.toMatchObject({ code: 'GRPC_ABORTED', details: 'thirteen' })
    expect(heard).toEqual([1, 2])
  })

  it.each([
    ['nothing', () => undefined, 'undefined'],
    ['a number', () => 3, 'number'],
    ['a generator', async function* () {}, 'a stream'],
  ])('%s is no answer that has fields', async (_, handler, what) => {
    const services = { [SERVICE]: { double: handler, fail: () => undefined } }
    await using opened = await open(TCP, { services })
    expect(await opened.lab.fail({ text: '' })).toEqual({})
    expect(await codeOf(opened.lab.double({}))).toBe('GRPC_UNKNOWN')
    expect(opened.bench.faults.map(String)).toEqual([
      `TypeError: the handler of /posthorn.lab.Lab/Double gave no answer but ${what}`,
    ])
  })

  it('an answer is no stream', async () => {
    await using opened = await open(TCP, { services: { [SERVICE]: { countTo: () => 3 } } })
    expect(await codeOf(all(opened.lab.countTo({})))).toBe('GRPC_UNKNOWN')
    expect(opened.bench.faults.map(String)).toEqual([
      'TypeError: the handler of /posthorn.lab.Lab/CountTo gave no (async) iterable of messages',
    ])
  })

  it('a request that is none is refused here; none will do where it has no fields', async () => {
    await using opened = await open()
    const loose = opened.lab as unknown as Record<string, (request?: unknown) => Promise<unknown>>
    expect(await codeOf(Promise.resolve(loose.double?.(3)))).toBe('GRPC_METHOD_MISMATCH')
    expect(await codeOf(Promise.resolve(loose.double?.()))).toBe('GRPC_METHOD_MISMATCH')
    expect(await codeOf(Promise.resolve(loose.sum?.({})))).toBe('GRPC_METHOD_MISMATCH')
    expect(() => loose.countTo?.(3)).toThrow('GRPC_METHOD_MISMATCH')
    expect(await codeOf(Promise.resolve(loose.Close?.()))).toBe('GRPC_UNIMPLEMENTED')
    expect(opened.bench.calls).toEqual([])
  })

  it('an answer that does not fit its type is INTERNAL, and reported', async () => {
    const services = { [SERVICE]: { double: () => ({ label: 3 }) } }
    await using opened = await open(TCP, { services })
    expect(await codeOf(opened.lab.double({}))).toBe('GRPC_INTERNAL')
    expect(opened.bench.faults).toHaveLength(1)
  })

  it('what the producer of requests throws ends the call, and the server hears of it', async () => {
    await using opened = await open()
    async function* broken(): AsyncGenerator<Num> {
      yield { value: 1 }
      await opened.bench.began.promise
      throw new Error('no paper')
    }
    expect(await codeOf(opened.lab.Sum(broken()))).toEqual(new Error('no paper'))
    expect(await opened.bench.ended.promise).toMatchObject({ code: 'GRPC_CANCELLED' })
  })

  it.each([
    ['the server', { receivedBytesMax: 1000 }, {}],
    ['the client', {}, { receivedBytesMax: 1000 }],
    ['the sending client', {}, { sentBytesMax: 1000 }],
    ['the sending server', { sentBytesMax: 1000 }, {}],
  ])('RESOURCE_EXHAUSTED: a message is larger than %s allows', async (_, serving, calling) => {
    await using opened = await open(TCP, serving, calling)
    expect(await codeOf(opened.lab.double({ payload: Buffer.alloc(1001) }))).toBe('GRPC_RESOURCE_EXHAUSTED')
    expect((await opened.lab.double({ payload: Buffer.alloc(900) })).payload).toHaveLength(900)
  })
})

describe('ending early', () => {
  it('a deadline reaches the server, and ends the call on both sides', async () => {
    await using opened = await open()
    expect(await codeOf(opened.lab.wait({ text: '' }, { timeoutMs: 1000 }))).toBe('GRPC_DEADLINE_EXCEEDED')
    const call = await opened.bench.began.promise
    expect(call.deadline).toBeGreaterThan(0)
    // The client gives up at the same moment, and the server may hear that first.
    const { code } = (await opened.bench.ended.promise) as GrpcError
    expect(['GRPC_DEADLINE_EXCEEDED', 'GRPC_CANCELLED']).toContain(code)
  })

  it('the deadline of the client is that of its calls', async () => {
    await using opened = await open(TCP, {}, { timeoutMs: 30 })
    expect(await codeOf(opened.lab.wait({ text: '' }))).toBe('GRPC_DEADLINE_EXCEEDED')
  })

  it.each([25, 30, Number.POSITIVE_INFINITY])('a deadline in %s days has not passed', async days => {
    await using opened = await open()
    const called = codeOf(opened.lab.wait({ text: '' }, { timeoutMs: days * 24 * 3600 * 1000 }))
    await opened.bench.began.promise
    await roundTrips(opened.lab)
    opened.bench.release.resolve()
    expect(await called).toBe('no error')
  })

  it('a signal ends a call with its reason, and aborts the handler', async () => {
    await using opened = await open()
    const controller = new AbortController()
    const called = codeOf(opened.lab.wait({ text: '' }, { signal: controller.signal }))
    await opened.bench.began.promise
    controller.abort(new Error('enough'))
    expect(await called).toEqual(new Error('enough'))
    expect(await opened.bench.ended.promise).toMatchObject({ code: 'GRPC_CANCELLED' })
    expect(opened.bench.faults).toEqual([])
  })

  it('a signal that has aborted begins no call', async () => {
    await using opened = await open()
    const signal = AbortSignal.abort(new Error('before'))
    expect(await codeOf(opened.lab.double({}, { signal }))).toEqual(new Error('before'))
    expect(() => opened.lab.countTo({}, { signal })).toThrow('before')
    expect(opened.bench.calls).toEqual([])
  })

  it('a signal ends a stream that is read', async () => {
    await using opened = await open()
    const controller = new AbortController()
    const answers = opened.lab.countTo({ value: 1e9 }, { signal: controller.signal })
    await answers.next()
    controller.abort(new Error('enough'))
    expect(await codeOf(answers.next())).toEqual(new Error('enough'))
    expect(await answers.next()).toEqual({ done: true, value: undefined })
    expect(await opened.bench.ended.promise).toMatchObject({ code: 'GRPC_CANCELLED' })
  })

  it('leaving the loop cancels the call at the server', async () => {
    await using opened = await open()
    for await (const { value } of opened.lab.countTo({ value: 1e9 })) if (value === 3) break
    expect(await opened.bench.ended.promise).toMatchObject({ code: 'GRPC_CANCELLED' })
  })

  it('requests of a cancelled call do not end, they fail', async () => {
    await using opened = await open()
    const controller = new AbortController()
    const count = { count: 0 }
    const called = codeOf(opened.lab.Sum(endless(count), { signal: controller.signal }))
    await opened.bench.began.promise
    opened.bench.release.resolve()
    controller.abort(new Error('enough'))
    expect(await called).toEqual(new Error('enough'))
    expect(await opened.bench.ended.promise).toMatchObject({ code: 'GRPC_CANCELLED' })
  })

  it('not one of 100 cancelled uploads looks like a whole one', async () => {
    const began: Deferred<void>[] = []
    const ends: Deferred<void>[] = []
    const outcomes: string[] = []
    const services = {
      [SERVICE]: {
        async sum(requests: AsyncIterable<Num>): Promise<Num> {
          const n = outcomes.push('under way') - 1
          try {
            for await (const _ of requests) began[n]?.resolve()
            outcomes[n] = 'whole'
          } catch {
            outcomes[n] = 'cut off'
          }
          ends[n]?.resolve()
          return {}
        },
      },
    }
    await using opened = await open(TCP, { services })
    for (let n = 0; n < 100; n++) {
      const [first, last] = [deferred(), deferred()]
      began.push(first)
      ends.push(last)
      const controller = new AbortController()
      async function* requests(): AsyncGenerator<Num> {
        yield { value: 1 }
        await first.promise
        controller.abort()
      }
      await codeOf(opened.lab.Sum(requests(), { signal: controller.signal }))
      await last.promise
    }
    expect(new Set(outcomes)).toEqual(new Set(['cut off']))
  })

  it.each(['abort', 'end'] as const)(
    'an upload whose connection breaks fails on both sides: %s',
    async how => {
      await using opened = await open()
      const streams: DuplexStream[] = []
      const relay = await listen(TCP, {}, async near => {
        const far = await connect(opened.address)
        streams.push(near as DuplexStream, far as DuplexStream)
        for (const [from, to] of [
          [near, far],
          [far, near],
        ] as const)
          void (async () => {
            for await (const chunk of from.bytes) await to.write([chunk])
          })().catch(() => undefined)
      })
      const lab = await connectGrpc<Lab>(formatAddress(relay.address), { ...PROTO, service: SERVICE })
      async function* requests(): AsyncGenerator<Num> {
        yield { value: 1 }
        await opened.bench.began.promise
        for (const one of streams) one[how]()
        await new Promise(() => undefined)
      }
      expect(['GRPC_UNAVAILABLE', 'GRPC_CANCELLED', 'GRPC_INTERNAL']).toContain(
        await codeOf(lab.Sum(requests())),
      )
      expect(await opened.bench.ended.promise).toMatchObject({ code: 'GRPC_CANCELLED' })
      lab.abort()
      for (const one of streams) one.abort()
      await relay.close()
    },
  )

  it('a server that answers before the requests end stops who makes them', async () => {
    await using opened = await open()
    const left = deferred()
    async function* requests(): AsyncGenerator<Num> {
      try {
        yield { value: 999 }
        for (;;) yield { value: 1, payload: PAYLOAD }
      } finally {
        left.resolve()
      }
    }
    expect((await opened.lab.Sum(requests())).value).toBe(999)
    await left.promise
  })

  it('close waits for what runs and takes nothing more; abort does not wait', async () => {
    const opened = await open()
    const running = opened.lab.wait({ text: '' })
    await opened.bench.began.promise
    const closing = opened.lab.close()
    expect(await codeOf(opened.lab.double({}))).toBe('GRPC_CLOSED')
    opened.bench.release.resolve()
    await running
    await closing
    await opened[Symbol.asyncDispose]()

    const second = await open()
    const cut = codeOf(second.lab.wait({ text: '' }))
    const stream = second.lab.countTo({ value: 1e9 })
    await second.bench.began.promise
    second.lab.abort(new Error('fire'))
    expect(await cut).toEqual(new Error('fire'))
    expect(await codeOf(stream.next())).toEqual(new Error('fire'))
    await second[Symbol.asyncDispose]()
  })

  it('a server that closes waits closeMs for a call, then it is UNAVAILABLE or CANCELLED', async () => {
    const bench = new Bench()
    const services = { [SERVICE]: bench }
    const server = await serveGrpc(TCP, { ...PROTO, services, closeMs: 20 })
    const lab = await connectGrpc<Lab>(server.address, { ...PROTO, service: SERVICE })
    const called = codeOf(lab.wait({ text: '' }))
    await bench.began.promise
    await server.close()
    expect(['GRPC_UNAVAILABLE', 'GRPC_CANCELLED']).toContain(await called)
    expect(await bench.ended.promise).toMatchObject({ code: 'GRPC_CANCELLED' })
    await lab.close()
  })

  it('more calls than runningMax are refused', async () => {
    await using opened = await open(TCP, {}, { runningMax: 1 })
    const first = opened.lab.wait({ text: '' })
    expect(await codeOf(opened.lab.double({}))).toBe('GRPC_TOO_MANY_CALLS')
    opened.bench.release.resolve()
    await first
    expect((await opened.lab.double({ value: 1 })).value).toBe(2)
  })
})

describe('a slow reader stops who writes', () => {
  it('at the client', async () => {
    await using opened = await open()
    const answers = opened.lab.countTo({ value: 100_000, payload: PAYLOAD })
    await answers.next()
    await roundTrips(opened.lab)
    const stalled = opened.bench.produced
    expect(stalled).toBeLessThan(HELD_MAX)
    for (let n = 0; n < 2 * HELD_MAX; n++) await answers.next()
    expect(opened.bench.produced).toBeGreaterThan(stalled)
    await answers.return?.()
  })

  it('at the server', async () => {
    await using opened = await open()
    const count = { count: 0 }
    const controller = new AbortController()
    const called = codeOf(opened.lab.Sum(endless(count), { signal: controller.signal }))
    await opened.bench.began.promise
    await roundTrips(opened.lab)
    expect(opened.bench.consumed).toBe(1)
    expect(count.count).toBeLessThan(HELD_MAX)
    controller.abort(new Error('enough'))
    await called
  })
})

it('a client may compress; the limit of a message holds after that', async () => {
  const gzip = { 'grpc.default_compression_algorithm': 2 }
  await using opened = await open(TCP, { receivedBytesMax: 100_000 }, { channelOptions: gzip })
  expect((await opened.lab.double({ payload: Buffer.alloc(90_000) })).payload).toHaveLength(90_000)
  expect(await codeOf(opened.lab.double({ payload: Buffer.alloc(110_000) }))).toBe('GRPC_RESOURCE_EXHAUSTED')
})

describe('addresses', () => {
  it.each(['ipc://*', 'ipc://@posthorn-grpc-test'])('%s', async address => {
    await using opened = await open(address)
    expect((await opened.lab.double({ value: 2 })).value).toBe(4)
    expect(opened.bench.calls[0]?.peer).toEqual({
      address: opened.address.slice('ipc://'.length),
      port: 0,
      encrypted: false,
    })
  })

  it('tls://, with the certificate of the caller', async () => {
    const { cert, key } = selfSigned()
    await using opened = await open(
      'tls://127.0.0.1:*',
      { tls: { cert, key, ca: cert, clientCertificate: 'required' } },
      { tls: { ca: cert, cert, key, servername: 'localhost' } },
    )
    expect((await opened.lab.double({ value: 2 })).value).toBe(4)
    expect(opened.bench.calls[0]?.peer).toMatchObject({
      encrypted: true,
      certificate: { distinguishedName: 'CN=localhost', commonName: 'localhost' },
    })
    const stranger = connectGrpc(opened.address, { ...PROTO, service: SERVICE })
    expect(await codeOf(stranger)).toBe('GRPC_UNAVAILABLE')
  })

  it('tls:// needs a certificate', async () => {
    expect(await codeOf(serveGrpc('tls://127.0.0.1:*', { ...PROTO, services: {} }))).toBe('GRPC_TLS_INVALID')
    const tls = { cert: 'none', key: 'none' }
    const made = serveGrpc('tls://127.0.0.1:*', { ...PROTO, services: {}, tls })
    expect(['GRPC_TLS_INVALID', 'GRPC_LISTEN_FAILED']).toContain(await codeOf(made))
  })

  it('a connection that speaks something else does no harm', async () => {
    await using opened = await open()
    const stream = await connect(opened.address)
    void stream.write([Buffer.from('GET / HTTP/1.1\r\n\r\n')])
    await all(stream.bytes).catch(() => undefined)
    expect((await opened.lab.double({ value: 2 })).value).toBe(4)
  })
})

describe('health and reflection', () => {
  it('are served when they are asked for', async () => {
    const health = join(
      import.meta.dirname,
      '../../../node_modules/grpc-health-check/proto/health/v1/health.proto',
    )
    const reflected = join(
      import.meta.dirname,
      '../../../node_modules/@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto',
    )
    const services = { [SERVICE]: new Bench() }
    await using server = await serveGrpc(TCP, { ...PROTO, services, health: true, reflection: true })
    await using checking = await connectGrpc<{ check(request: object): { status: string } }>(server.address, {
      proto: health,
      service: 'grpc.health.v1.Health',
    })
    expect(await checking.check({ service: SERVICE })).toEqual({ status: 'SERVING' })
    server.setServing(SERVICE, false)
    expect(await checking.check({ service: SERVICE })).toEqual({ status: 'NOT_SERVING' })
    expect(await codeOf(checking.check({ service: 'another' }))).toBe('GRPC_NOT_FOUND')

    type Listed = {
      readonly listServicesResponse: { readonly service: readonly { readonly name: string }[] }
    }
    await using mirror = await connectGrpc<{
      serverReflectionInfo(requests: AsyncIterable<object>): AsyncIterable<Listed>
    }>(server.address, { proto: reflected, service: 'grpc.reflection.v1.ServerReflection' })
    const [listed] = await all(mirror.serverReflectionInfo([{ listServices: '*' }]))
    expect(listed?.listServicesResponse.service.map(({ name }) => name)).toContain(SERVICE)
  })

  it('setServing without health is a mistake', async () => {
    await using server = await serveGrpc(TCP, { ...PROTO, services: { [SERVICE]: new Bench() } })
    expect(() => server.setServing('', true)).toThrow(TypeError)
  })
})
