// How long things live: references, streams, calls and connections, when stubs are collected, processes are killed, threads
// exit, and what was given away comes back.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { MessageChannel, Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { InprocNames } from '../../transport/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { ByReference } from '../refs/by-reference.ts'
import { inout } from '../restore/index.ts'
import { type Connected, calling, connect, connectionOf } from './connect.ts'
import { turns } from './peer.contract.ts'
import { serve } from './serve.ts'
import type { Ref } from './types.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

class Lamp extends ByReference {
  isOn = false
  #waiting: (() => void)[] = []
  toggle(): boolean {
    this.isOn = !this.isOn
    return this.isOn
  }
  async later(): Promise<string> {
    await new Promise<void>(resolve => this.#waiting.push(resolve))
    return 'at last'
  }
  go(): void {
    for (const done of this.#waiting.splice(0)) done()
  }
}

class House {
  readonly lamp = new Lamp()
  stored: Ref<(text: string) => string> | undefined
  written: WritableStream | undefined
  aborted: unknown
  give(): Lamp {
    return this.lamp
  }
  giveNew(): Lamp {
    return new Lamp()
  }
  isIt(lamp: Lamp): boolean {
    return lamp === this.lamp
  }
  store(callback: Ref<(text: string) => string>): void {
    this.stored = callback
  }
  /** Takes them, and reads nothing of them. */
  ignore(_: AsyncIterable<number>, __: ReadableStream<number>): void {}
  async first(numbers: AsyncIterable<number>): Promise<number> {
    for await (const number of numbers) return number
    return 0
  }
  sink(): WritableStream {
    return new WritableStream({
      abort: reason => {
        this.aborted = reason
      },
    })
  }
}

/** Resolves when it is so; the collector and other processes take their time. */
async function until(is: () => boolean, between: () => void = () => {}): Promise<void> {
  for (let n = 0; n < 2000 && !is(); n++) {
    between()
    await new Promise(resolve => setTimeout(resolve, 2))
  }
  expect(is()).toBe(true)
}

async function housed(
  story: (client: Connected<House>, house: House, server: Awaited<ReturnType<typeof serve>>) => Promise<void>,
  place = 'tcp://127.0.0.1:*',
): Promise<void> {
  const house = new House()
  await using server = await serve(house, place, { closeMs: 200 })
  await using client = await connect<House>(server.address)
  await story(client, house, server)
}

describe('a reference', () => {
  it('is given back when its stub was collected', async () => {
    await housed(async (client, _, server) => {
      await (async () => {
        await (await client.giveNew()).toggle()
      })()
      expect(server.held).toBe(1)
      await until(() => server.held === 0, collect)
    })
  })

  it('whose stub was collected still brings the answer of a call', async () => {
    await housed(async (client, house, server) => {
      let answer = ''
      await (async () => {
        const lamp = await client.give()
        void lamp.later().then(said => {
          answer = said
        })
      })()
      await until(() => server.held === 0, collect)
      house.lamp.go()
      await until(() => answer === 'at last')
    })
  })

  it('to a callback can be called after the call that brought it', async () => {
    await housed(async (client, house) => {
      await client.store(text => `heard ${text}`)
      collect()
      expect(await house.stored?.('one')).toBe('heard one')
      house.stored?.[Symbol.dispose]()
      await client.give()
      expect(connectionOf(client)?.servers[0]?.held).toBe(0)
    })
  })

  it('may be released twice, and given again while it is released', async () => {
    await housed(async (client, _, server) => {
      const lamp = await client.give()
      const again = client.give() // crosses with the release
      lamp[Symbol.dispose]()
      lamp[Symbol.dispose]()
      const second = await again
      expect(second).not.toBe(lamp)
      expect(await second.toggle()).toBe(true)
      const [third, fourth] = await Promise.all([client.give(), client.give()])
      expect([third === second, fourth === second, server.held]).toEqual([true, true, 1])
      second[Symbol.dispose]()
      await client.isIt(new Lamp()).catch(() => {})
      await until(() => server.held === 0)
    })
  })

  it('comes home as the thing itself', async () => {
    await housed(async client => {
      expect(await client.isIt((await client.give()) as unknown as Lamp)).toBe(true)
    })
  })

  it('of one server can be handed to another', async () => {
    await housed(async (near, house) => {
      await housed(async far => {
        const lamp = await far.give()
        await near.store(lamp as never)
        const passed = house.stored as unknown as Ref<Lamp>
        expect(await passed.toggle()).toBe(true)
        expect(await lamp.toggle()).toBe(false)
      })
      await expect((house.stored as unknown as Ref<Lamp>).toggle()).rejects.toMatchObject({
        code: 'CALL_REFERENCE_LOST',
      })
    })
  })

  it.each(['ws://127.0.0.1:*/rpc', 'ipc://*', 'inproc://lifetimes'])('goes over %s', async place => {
    await housed(async (client, _, server) => {
      const lamp = await client.give()
      expect([await lamp.toggle(), server.held]).toEqual([true, 1])
      lamp[Symbol.dispose]()
      await client.isIt(new Lamp())
      expect(server.held).toBe(0)
    }, place)
  })

  it('goes through a MessagePort', async () => {
    const { port1, port2 } = new MessageChannel()
    await using server = await serve(new House(), port1)
    await using client = await connect<House>(port2)
    using lamp = await client.give()
    expect([await lamp.toggle(), server.held]).toEqual([true, 1])
  })
})

describe('a stream that goes by reference', () => {
  it('is aborted when its other end is gone', async () => {
    await housed(async (client, house, server) => {
      const sink = (await client.sink()) as WritableStream
      const writer = sink.getWriter()
      writer.closed.catch(() => {})
      await writer.write('x')
      await connectionOf(client)?.close()
      await until(() => server.held === 0 && house.aborted !== undefined)
    })
  })
})

/** A program of its own: what `Node` runs, with the door of rpc/ as `rpc` and an address as `place`. */
function program(body: string): string {
  const door = new URL('../index.ts', import.meta.url).href
  return `import('tsx/esm/api').then(async ({ register }) => {
    register()
    const rpc = await import(${JSON.stringify(door)})
    ${body}
  })`
}

describe('a stream that nobody reads', () => {
  async function* numbers(): AsyncGenerator<number> {
    yield* [1, 2]
  }
  const held = (client: object): number | undefined => connectionOf(client)?.servers[0]?.held

  it('is given up when it was collected', async () => {
    await housed(async client => {
      await client.ignore(numbers(), ReadableStream.from([1]))
      expect(held(client)).toBe(2)
      await until(() => held(client) === 0, collect)
    })
  })

  it('also when there was no such method, with what is to be restored', async () => {
    await housed(async client => {
      const unknown = client as unknown as { nothing(value: unknown): Promise<void> }
      await expect(unknown.nothing(inout({ numbers: numbers(), call: () => 1 }))).rejects.toMatchObject({
        code: 'CALL_NO_METHOD',
      })
      expect(held(client)).toBe(2)
      await until(() => held(client) === 0, collect)
    })
  })

  it('unlike one of which a reader waits for more', async () => {
    await housed(async client => {
      let go = (): void => {}
      const slow = async function* (): AsyncGenerator<number> {
        await new Promise<void>(resolve => {
          go = resolve
        })
        yield 7
      }
      const first = client.first(slow())
      for (let n = 0; n < 20; n++) {
        collect()
        await new Promise(resolve => setTimeout(resolve, 2))
      }
      go()
      expect(await first).toBe(7)
    })
  })
})

describe('a process that is killed', () => {
  it('holds nothing any more', async () => {
    await housed(async (_, _house, server) => {
      const body = `const house = await rpc.connect(${JSON.stringify(server.address)})
        globalThis.lamps = [await house.give(), await house.giveNew(), await house.sink()]
        console.log('held')
        setInterval(() => {}, 1000)`
      const child = spawn(process.execPath, ['-e', program(body)], { stdio: ['ignore', 'pipe', 'inherit'] })
      await once(child.stdout, 'data')
      expect([server.held, server.connections]).toEqual([3, 2])
      child.kill('SIGKILL')
      await until(() => server.held === 0 && server.connections === 1)
    })
  })
})

describe('a thread that exits', () => {
  it('fails the calls that wait for it', async () => {
    const body = `const { parentPort } = await import('node:worker_threads')
      await rpc.serve({ hang: () => new Promise(() => {}), exit: () => process.exit(1) }, parentPort)`
    const worker = new Worker(program(body), { eval: true })
    await using client = await connect<{ hang(): Promise<void>; exit(): Promise<void> }>(worker)
    const calls = [client.hang(), client.exit(), calling(client, { timeoutMs: 600_000 }).hang()]
    for (const ended of await Promise.allSettled(calls))
      expect(ended).toMatchObject({ status: 'rejected', reason: { code: 'CALL_CONNECTION_LOST' } })
  })
})

describe('connecting', () => {
  it('a thousand times leaves nothing behind', async () => {
    const house = new House()
    await using server = await serve(house)
    const once = async (): Promise<void> => {
      await using client = await connect<House>(server.address)
      await client.isIt(house.lamp)
    }
    const growth: number[] = []
    for (const times of [200, 800]) {
      for (let n = 0; n < times; n++) await once()
      await until(() => server.connections === 0)
      collect()
      growth.push(process.memoryUsage().heapUsed)
    }
    const [before = 0, after = 0] = growth
    expect(after - before).toBeLessThan(3_000_000)
    await until(() => process.getActiveResourcesInfo().filter(one => one === 'TCPSocketWrap').length === 0)
  })

  it('is what the signal of `connect` calls off, and not what comes later', async () => {
    const [names, world] = [new InprocNames(), new ManualWorld()]
    const serving = () => serve(new House(), 'inproc://house', { names, world, closeMs: 1 })
    const first = await serving()
    const connected = new AbortController()
    await using client = await connect<House>('inproc://house', { names, world, signal: connected.signal })
    connected.abort()
    const closing = first.close()
    await turns()
    world.advance(10)
    await closing
    await using _ = await serving()
    const asked = calling(client, { timeoutMs: 1000 }).isIt(new Lamp())
    await turns()
    world.advance(100)
    expect(await asked).toBe(false)
  })

  it('to a server that drains is tried with pauses', async () => {
    const [names, world] = [new InprocNames(), new ManualWorld()]
    await using server = await serve(new House(), 'inproc://house', { names, world, closeMs: 1 })
    await using client = await connect<House>('inproc://house', { names, world, closeMs: 1 })
    server.drain()
    await turns()
    const calls = Array.from({ length: 20 }, () => calling(client, { timeoutMs: 1000 }).isIt(new Lamp()))
    const outcome = Promise.allSettled(calls)
    let most = 0
    for (let ms = 0; ms < 1100; ms += 10) {
      world.advance(10)
      await turns(2)
      most = Math.max(most, server.connections)
    }
    for (const one of await outcome) expect(one).toMatchObject({ status: 'rejected' })
    expect(most).toBeLessThan(4)
    const closing = [connectionOf(client)?.close(), server.close()]
    await turns()
    world.advance(10)
    await Promise.all(closing)
  })
})
