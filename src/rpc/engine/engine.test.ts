// One object served, and called over every kind of stream: values, failures, references, streams, deadlines.

import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { ByReference, byReference } from '../refs/by-reference.ts'
import { inout, out } from '../restore/index.ts'
import { type Connected, calling, connect, connectionOf } from './connect.ts'
import { currentCall } from './context.ts'
import type { ServeOptions } from './serve.ts'
import { serve } from './serve.ts'

class Counter extends ByReference {
  #count = 0
  add(by: number): number {
    this.#count += by
    return this.#count
  }
  fail(): never {
    throw new RangeError('no further')
  }
}

class Office {
  readonly state = { wipe: (): string => 'nobody is to call this' }
  readonly onChange = (): string => 'nor this'
  get rooms(): { open(name: string): string } {
    return { open: name => `${name} is open` }
  }
  add(a: number, b: number): number {
    return a + b
  }
  async later(value: unknown): Promise<unknown> {
    await Promise.resolve()
    return value
  }
  fail(message: string): number {
    throw Object.assign(new RangeError(message), { code: 'E_LIMIT' })
  }
  counter(): Counter {
    return new Counter()
  }
  async each(values: readonly number[], use: (value: number) => Promise<number>): Promise<number[]> {
    const made: number[] = []
    for (const value of values) made.push(await use(value))
    return made
  }
  async *count(to: number): AsyncGenerator<number> {
    for (let n = 1; n <= to; n++) yield n
  }
  async sum(values: AsyncIterable<number>): Promise<number> {
    let sum = 0
    for await (const value of values) sum += value
    return sum
  }
  hang(): Promise<string> {
    const call = currentCall()
    return new Promise((_, reject) => {
      call?.signal.addEventListener('abort', () => {
        this.abandoned = String(call.signal.reason)
        reject(call.signal.reason)
      })
    })
  }
  abandoned = ''
  whoAmI(): unknown {
    const call = currentCall()
    return { metadata: call?.metadata, method: call?.method }
  }
  append(data: string, list: string[]): string[] {
    list.push(data)
    return list
  }
  fill(bytes: Uint8Array): number {
    bytes[5] = 6
    return bytes.length
  }
  fillBoth(one: Buffer, two: Buffer): void {
    one.writeUInt8(6, 5)
    two.writeUInt8(6, 5)
  }
  _secret(): string {
    return 'nobody is to call this'
  }
}

async function withOffice(
  run: (office: Connected<Office>, served: Office) => Promise<void>,
  options: ServeOptions = {},
): Promise<void> {
  const served = new Office()
  await using server = await serve(served, 'tcp://127.0.0.1:*', options)
  await using office = await connect<Office>(server.address)
  await run(office, served)
}

describe('a call', () => {
  it.each(['tcp://127.0.0.1:*', 'inproc://engine', 'ws://127.0.0.1:*/rpc', 'ipc://*'])(
    'goes over %s',
    async place => {
      await using server = await serve(new Office(), place)
      await using office = await connect<Office>(server.address)
      expect(
        await Promise.all([office.add(1, 2), office.rooms.open('cellar'), office.later({ a: [1n] })]),
      ).toEqual([3, 'cellar is open', { a: [1n] }])
    },
  )

  it('goes through a MessagePort', async () => {
    const { port1, port2 } = new MessageChannel()
    await using _server = await serve(new Office(), port1)
    await using office = await connect<Office>(port2)
    expect(await office.add(20, 3)).toBe(23)
  })

  it('carries more than a frame of every kind of value, and many at a time', async () => {
    await withOffice(async office => {
      const large = 'x'.repeat(1_000_000)
      expect(await office.later(large)).toBe(large)
      const answers = await Promise.all(Array.from({ length: 3000 }, (_, n) => office.add(n, 1)))
      expect(answers).toEqual(Array.from({ length: 3000 }, (_, n) => n + 1))
    })
  })

  it('throws what the method threw', async () => {
    await withOffice(async office => {
      const error = await office.fail('too much').catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(RangeError)
      expect(error).toMatchObject({ message: 'too much', code: 'E_LIMIT' })
    })
  })

  it.each([
    'missing',
    '_secret',
    'constructor',
    'rooms',
    'toString',
    'rooms.constructor',
    'state.wipe',
    'onChange',
    'add.call',
    '__proto__.add',
  ])('cannot reach %s', async name => {
    await withOffice(async office => {
      const { OutgoingCall } = await import('./call.ts')
      const { stubOf } = await import('./stub.ts')
      const of = stubOf(office)
      const call = new OutgoingCall(0, name, [], {})
      of?.calling.call(call)
      await expect(call.promise).rejects.toMatchObject({ code: 'CALL_NO_METHOD' })
    })
  })

  it('is given up by its signal and by its time-out, and the method hears of it', async () => {
    await withOffice(async (office, served) => {
      const controller = new AbortController()
      const hanging = calling(office, { signal: controller.signal }).hang()
      await office.add(1, 1)
      controller.abort(new Error('changed my mind'))
      await expect(hanging).rejects.toThrow('changed my mind')
      await office.add(1, 1)
      expect(served.abandoned).toContain('gave up')
      await expect(calling(office, { timeoutMs: 20 }).hang()).rejects.toMatchObject({ code: 'CALL_TIMEOUT' })
      await office.add(1, 1)
      expect(served.abandoned).toMatch(/deadline|gave up/)
    })
  })

  it('carries metadata', async () => {
    await withOffice(async office => {
      expect(await calling(office, { metadata: { user: 'ada' } }).whoAmI()).toEqual({
        metadata: { user: 'ada' },
        method: 'whoAmI',
      })
    })
  })
})

describe('references', () => {
  it('call back', async () => {
    await withOffice(async office => {
      expect(await office.each([1, 2, 3], value => value * 10)).toEqual([10, 20, 30])
    })
  })

  it('are objects there, and come home as themselves', async () => {
    await withOffice(async office => {
      const counter = await office.counter()
      await counter.add(2)
      expect(await counter.add(3)).toBe(5)
      await expect(counter.fail()).rejects.toThrow('no further')
      const ours = byReference({ name: 'ours' })
      expect(await office.later(ours)).toBe(ours)
    })
  })

  it('are held up to a bound, at who gives them and at who gets them', async () => {
    await withOffice(
      async office => {
        const calls = Array.from({ length: 4 }, () => () => 0)
        await expect(office.later(calls)).rejects.toMatchObject({ code: 'CALL_TOO_MANY_REFERENCES' })
        expect(await office.add(1, 2)).toBe(3)
        const held = [await office.counter(), await office.counter(), await office.counter()]
        await expect(office.counter()).rejects.toMatchObject({ code: 'CALL_TOO_MANY_REFERENCES' })
        held[0]?.[Symbol.dispose]()
        expect(await (await office.counter()).add(1)).toBe(1)
      },
      { referencesMax: 3 },
    )
  })

  it('are called before they are there', async () => {
    await withOffice(async office => {
      expect(await office.counter().add(7)).toBe(7)
      await expect(office.counter().fail()).rejects.toThrow('no further')
      await expect((office.add(1, 2) as unknown as Counter).add(1)).rejects.toMatchObject({
        code: 'CALL_NO_REFERENCE',
      })
    })
  })

  it('are given back when they are released, and lost with their connection', async () => {
    const served = new Office()
    await using server = await serve(served)
    const office = await connect<Office>(server.address)
    const counter = await office.counter()
    const other = await office.counter()
    expect(server.held).toBe(2)
    counter[Symbol.dispose]()
    await expect(counter.add(1)).rejects.toMatchObject({ code: 'CALL_REFERENCE_RELEASED' })
    await office.add(1, 1)
    expect([server.held, connectionOf(office)?.servers[0]?.holding]).toEqual([1, 1])
    await office[Symbol.asyncDispose]()
    await expect(other.add(1)).rejects.toMatchObject({ code: 'CALL_REFERENCE_LOST' })
    while (server.connections > 0) await new Promise(resolve => setImmediate(resolve))
    expect(server.held).toBe(0)
  })
})

describe('parameters', () => {
  it('go by value: what the method does to them is not seen', async () => {
    await withOffice(async office => {
      const list = ['a']
      expect([await office.append('b', list), list]).toEqual([['a', 'b'], ['a']])
    })
  })

  it('come back as the method left them, in the objects of the caller, and only what changed', async () => {
    await withOffice(async office => {
      const list = Array.from({ length: 1000 }, (_, n) => `entry ${n}`)
      const given = await office.append('b', inout(list))
      expect(given).toBe(list)
      expect([list.length, list.at(-1)]).toEqual([1001, 'b'])
      const { sentBytes, fullBytes } = connectionOf(office)?.restored ?? { sentBytes: 0, fullBytes: 0 }
      expect(sentBytes).toBeLessThan(20)
      expect(fullBytes).toBeGreaterThan(9000)
      const bytes = new Uint8Array(100).fill(9)
      expect([await office.fill(out(bytes)), bytes[4], bytes[5]]).toEqual([100, 0, 6])
      const [one, two] = [Buffer.alloc(10, 1), Buffer.alloc(10, 2)]
      await office.fillBoth(inout(one), inout(two))
      expect([one[5], two[5], one[0], two[0]]).toEqual([6, 6, 1, 2])
    })
  })

  it('that cannot take their change fail the call, and nothing else', async () => {
    await withOffice(async office => {
      await expect(office.append('b', inout(Object.freeze(['a']) as string[]))).rejects.toMatchObject({
        code: 'VALUE_NOT_RESTORABLE',
      })
      expect(await office.add(1, 2)).toBe(3)
      await expect(calling(office, { until: 'accepted' }).append('b', inout([]))).rejects.toMatchObject({
        code: 'CALL_BAD_ARGUMENTS',
      })
    })
  })
})

describe('streams', () => {
  it('come and go', async () => {
    await withOffice(async office => {
      const got: number[] = []
      for await (const n of office.count(500)) got.push(n)
      expect(got).toEqual(Array.from({ length: 500 }, (_, n) => n + 1))
      async function* values(): AsyncGenerator<number> {
        yield* [1, 2, 3]
      }
      expect(await office.sum(values())).toBe(6)
    })
  })
})
