// Peers that break the rules, and programs that do odd things: a connection may end by it, a call may fail by it, a process
// never does. What nobody catches fails these tests by itself.

import { describe, expect, it } from 'vitest'
import { InprocNames } from '../../transport/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { ByReference } from '../refs/by-reference.ts'
import { type Connected, type ConnectOptions, calling, connect } from './connect.ts'
import { currentCall } from './context.ts'
import { callFlags, frames } from './frames.ts'
import { callLimits } from './limits.ts'
import { frame, GivenReference, RawPeer, turns, values } from './peer.contract.ts'
import { type ServeOptions, type Server, serve } from './serve.ts'

interface Stage<Api> {
  readonly server: Server
  readonly world: ManualWorld
  readonly faults: string[]
  peer(options?: { readonly reads?: boolean }): RawPeer
  connected(options?: ConnectOptions): Promise<Connected<Api>>
}

async function served<Api extends object>(
  api: Api,
  story: (stage: Stage<Api>) => Promise<void>,
  options: ServeOptions = {},
): Promise<void> {
  const [names, world, faults] = [new InprocNames(), new ManualWorld(), [] as string[]]
  const open: AsyncDisposable[] = []
  await using server = await serve(api, 'inproc://hostile', {
    names,
    world,
    onFault: (title, error) => void faults.push(`${title}: ${String(error)}`),
    closeMs: 1,
    ...options,
  })
  await ended(
    server,
    world,
    open,
    story({
      server,
      world,
      faults,
      peer: given => new RawPeer(names.connect('hostile'), given),
      connected: async given => {
        const made = await connect<Api>('inproc://hostile', { names, world, closeMs: 1, ...given })
        open.push(made)
        return made
      },
    }),
  )
}

/** Closes what waits for time, too, when the story has ended well or ill. */
async function ended(
  server: Server,
  world: ManualWorld,
  open: readonly AsyncDisposable[],
  story: Promise<void>,
): Promise<void> {
  try {
    await story
  } finally {
    const closing = [server, ...open].map(one => one[Symbol.asyncDispose]())
    await turns()
    world.advance(10)
    await Promise.all(closing)
  }
}

/** A server of bytes, and a client of ours. */
async function hostileServer(
  story: (
    client: Connected<{ get(): Promise<unknown> }>,
    server: RawPeer,
    world: ManualWorld,
  ) => Promise<void>,
  options: ConnectOptions = {},
): Promise<void> {
  const [names, world] = [new InprocNames(), new ManualWorld()]
  const accepted: RawPeer[] = []
  names.listen('hostile', stream => void accepted.push(new RawPeer(stream)))
  const client = await connect<{ get(): Promise<unknown> }>('inproc://hostile', {
    names,
    world,
    closeMs: 1,
    ...options,
  })
  const [server] = accepted
  if (server === undefined) throw new Error('nobody came')
  await story(client, server, world)
  const closing = client[Symbol.asyncDispose]()
  await turns()
  world.advance(10)
  await closing
}

describe('a greeting', () => {
  it('that allows frames too small for an answer ends the connection', async () => {
    await served({ get: () => 'x'.repeat(100) }, async ({ server, peer, world }) => {
      const client = peer().hello({ frameBytesMax: 1 }).call(1, 'get')
      await turns()
      world.advance(callLimits.leaseMs)
      await turns()
      expect([client.ended !== undefined, server.connections]).toEqual([true, 0])
    })
  })

  it('may allow so little that a long error has to be cut', async () => {
    const api = {
      get(): never {
        throw new Error('x'.repeat(100_000))
      },
    }
    await served(api, async ({ peer }) => {
      const client = peer().hello({ frameBytesMax: callLimits.frameBytesMin }).call(1, 'get')
      await turns()
      expect(client.answer(1)).toMatchObject({ code: 'CALL_TOO_LARGE' })
    })
  })
})

describe('a method', () => {
  it.each<[string, object, string, unknown]>([
    [
      'behind a getter that throws',
      Object.defineProperty({}, 'rooms', {
        get: () => {
          throw new Error('no rooms')
        },
      }),
      'rooms.open',
      { message: 'no rooms' },
    ],
    [
      'whose result has a getter that throws',
      {
        get: () => ({
          get a(): never {
            throw new Error('not a')
          },
        }),
      },
      'get',
      { code: 'CALL_BAD_RESULT' },
    ],
    [
      'whose result has such a getter and comes later',
      {
        get: async () => ({
          get a(): never {
            throw new Error('not a')
          },
        }),
      },
      'get',
      { code: 'CALL_BAD_RESULT' },
    ],
    [
      'that gives a stream which is locked',
      {
        get: () => {
          const stream = new WritableStream()
          stream.getWriter()
          return stream
        },
      },
      'get',
      { code: 'CALL_BAD_RESULT' },
    ],
    [
      'that throws what cannot be sent',
      {
        get: () => {
          throw Symbol('odd')
        },
      },
      'get',
      { code: 'CALL_BAD_RESULT' },
    ],
  ])('%s fails its call, and nothing else', async (_, api, name, said) => {
    await served(api, async ({ server, peer }) => {
      const client = peer().hello().call(1, name).call(2, 'missing')
      await turns()
      expect(client.answer(1)).toMatchObject(said as object)
      expect(client.answer(2)).toMatchObject({ code: 'CALL_NO_METHOD' })
      expect(server.connections).toBe(1)
    })
  })

  it('that gives a readable stream which is locked holds up nothing when the connection ends', async () => {
    const api = {
      get: (): ReadableStream => {
        const stream = new ReadableStream()
        stream.getReader()
        return stream
      },
    }
    await served(api, async ({ server, peer }) => {
      const client = peer().hello().call(1, 'get')
      await turns()
      client.stream.abort()
      await turns()
      expect([server.connections, server.held]).toEqual([0, 0])
    })
  })

  it('that throws more than a frame at the end of its stream says that it ended', async () => {
    const api = {
      // biome-ignore lint/correctness/useYield: it fails before
      async *get(): AsyncGenerator<number> {
        throw new Error('x'.repeat(callLimits.frameBytesMax))
      },
    }
    await served(api, async ({ connected }) => {
      const client = await connected()
      const read = async (): Promise<void> => {
        for await (const _ of client.get());
      }
      await expect(read()).rejects.toThrow()
    })
  })
})

describe('the system of a server', () => {
  it.each([
    ['nothing', undefined],
    ['an object by value', {}],
    ['a thing of its own', new GivenReference(0, 0)],
  ])('refuses to bring a result to %s', async (_, receiver) => {
    await served({ get: () => 1 }, async ({ peer, server }) => {
      const client = peer()
        .hello()
        .call(1, 'defer', { target: 1, args: ['get', [], receiver] })
      await turns()
      expect(client.answer(1)).toMatchObject({ code: 'CALL_BAD_ARGUMENTS' })
      expect(server.connections).toBe(1)
    })
  })

  it('cannot be closed from outside', async () => {
    await served({ get: () => 1 }, async ({ peer }) => {
      const client = peer()
        .hello()
        .call(1, 'submit', { target: 1, args: ['get', [], undefined] })
      await turns()
      client.call(2, 'close', { target: 1 }).call(3, 'poll', { target: 1, args: [client.answer(1)] })
      await turns()
      expect(client.answer(2)).toMatchObject({ code: 'CALL_NO_METHOD' })
      expect(client.answer(3)).toBe('done')
    })
  })

  it.each([Number.NaN, -1, 'long', {}, 5n])('keeps no ticket for %s ms', async ttlMs => {
    await served({ get: () => 1 }, async ({ peer }) => {
      const client = peer()
        .hello()
        .call(1, 'submit', { target: 1, args: ['get', [], ttlMs] })
      await turns()
      expect(client.answer(1)).toMatchObject({ code: 'CALL_BAD_ARGUMENTS' })
    })
  })

  it('checks the arguments of calls that are put off', async () => {
    const check = (): void => {
      throw new Error('not these')
    }
    const methods = { get: { check } }
    await served(
      { get: () => 1 },
      async ({ peer }) => {
        const client = peer()
          .hello()
          .call(1, 'submit', { target: 1, args: ['get', [], undefined] })
        await turns()
        client.call(2, 'take', { target: 1, args: [client.answer(1)] })
        await turns()
        expect(client.answer(2)).toMatchObject({ code: 'CALL_BAD_ARGUMENTS' })
      },
      { methods },
    )
  })

  it('runs so many calls at a time whose results are brought', async () => {
    await served(
      { get: () => new Promise(() => {}) },
      async ({ peer }) => {
        const client = peer().hello()
        for (let n = 1; n <= 6; n++)
          client.call(n, 'defer', { target: 1, args: ['get', [], new GivenReference(2, n)] })
        await turns()
        expect(client.of(frames.result).length).toBe(5)
        expect(client.answer(6)).toMatchObject({ code: 'CALL_TOO_MANY' })
      },
      { deferredMax: 5 },
    )
  })
})

describe('an answer', () => {
  it.each([
    ['a result', frames.result, [1, Buffer.from([0xff])]],
    ['a failure', frames.fault, [1, 77]],
  ] as const)('that cannot be read fails its call: %s', async (_, kind, parts) => {
    await hostileServer(async (client, server) => {
      const getting = calling(client, { timeoutMs: Number.POSITIVE_INFINITY }).get()
      getting.catch(() => {})
      await turns()
      server.hello().send(kind, ...parts)
      await expect(getting).rejects.toMatchObject({ code: 'CALL_PROTOCOL' })
    })
  })

  it('that comes after the call was given up gives back what is in it', async () => {
    await hostileServer(async (client, server) => {
      server.hello()
      const controller = new AbortController()
      const getting = calling(client, { signal: controller.signal }).get()
      getting.catch(() => {})
      await turns()
      controller.abort()
      server.send(
        frames.result,
        1,
        values([new GivenReference(1, 5), new GivenReference(3, 6), new GivenReference(2, 5)]),
      )
      server.send(frames.item, 77, values(new GivenReference(2, 8)))
      await turns()
      expect(server.of(frames.release).map(body => [...body])).toEqual([
        [5, 1],
        [5, 1],
        [8, 1],
      ])
      expect(server.of(frames.stop).map(body => [...body])).toEqual([[6]])
    })
  })
})

class Hanging extends ByReference {
  readonly #waiting: ((value: unknown) => void)[] = []
  ran: string[] = []
  hang(): Promise<unknown> {
    this.ran.push('hang')
    return new Promise(resolve => this.#waiting.push(resolve))
  }
  add(what: string): string {
    this.ran.push(what)
    return what
  }
  self(): this {
    return this
  }
  go(value?: unknown): void {
    for (const done of this.#waiting.splice(0)) done(value)
  }
}

describe('calls on what another call will give', () => {
  it('fail when that is cancelled, or nobody waits for it', async () => {
    const hanging = new Hanging()
    await served(hanging, async ({ peer }) => {
      const client = peer()
        .hello()
        .call(1, 'hang')
        .call(2, 'add', { target: 1, flags: callFlags.pipelined, args: ['a'] })
        .send(frames.cancel, 1)
      await turns()
      expect(client.answer(2)).toMatchObject({ code: 'CALL_NO_REFERENCE' })
      client
        .call(3, 'hang', { flags: callFlags.oneWay })
        .call(4, 'add', { target: 3, flags: callFlags.pipelined, args: ['a'] })
      await turns()
      hanging.go(hanging)
      await turns()
      expect(client.answer(4)).toMatchObject({ code: 'CALL_NO_REFERENCE' })
    })
  })

  it('are bounded', async () => {
    const hanging = new Hanging()
    await served(
      hanging,
      async ({ peer }) => {
        const client = peer().hello().call(1, 'hang')
        for (let n = 2; n < 30; n++)
          client.call(n, 'add', { target: 1, flags: callFlags.pipelined, args: ['a'] })
        await turns()
        expect(client.answer(11)).toBeUndefined()
        expect(client.answer(29)).toMatchObject({ code: 'CALL_TOO_MANY' })
        hanging.go(hanging)
        await turns()
        expect(client.answer(2)).toBe('a')
      },
      { waitingMax: 10, runningMax: 5 },
    )
  })

  it('can be made on so many results at a time', async () => {
    await served(
      new Hanging(),
      async ({ peer }) => {
        const client = peer().hello()
        for (let n = 1; n <= 6; n++) client.call(n, 'self')
        await turns()
        client
          .call(7, 'add', { target: 1, flags: callFlags.pipelined, args: ['a'] })
          .call(8, 'add', { target: 6, flags: callFlags.pipelined, args: ['a'] })
        await turns()
        expect(client.answer(7)).toMatchObject({ code: 'CALL_NO_REFERENCE' })
        expect(client.answer(8)).toBe('a')
      },
      { referencesMax: 5 },
    )
  })
})

describe('a value that would be taken for a promise', () => {
  // biome-ignore lint/suspicious/noThenProperty: that is the trap
  const trap = { then: new GivenReference(1, 5) }

  it('is not taken as an argument', async () => {
    await served({ echo: (value: unknown) => value }, async ({ peer }) => {
      const client = peer()
        .hello()
        .call(1, 'echo', { args: [trap] })
      await turns()
      expect(client.answer(1)).toMatchObject({ code: 'CALL_BAD_ARGUMENTS' })
      expect(client.of(frames.call)).toEqual([])
    })
  })

  it('fails the call that it answers', async () => {
    await hostileServer(async (client, server) => {
      const getting = client.get()
      getting.catch(() => {})
      await turns()
      server.hello().send(frames.result, 1, values(trap))
      await expect(getting).rejects.toMatchObject({ code: 'CALL_PROTOCOL' })
    })
  })
})

describe('a peer that does not read', () => {
  it.each<[string, (client: RawPeer, n: number) => void]>([
    ['what it asks for', (client, n) => client.call(n, 'large')],
    ['that it is refused', (client, n) => client.call(n, `missing${'x'.repeat(90)}`)],
    ['that we are there', client => client.send(frames.ping)],
  ])('is left when too much waits for it: %s', async (_, attack) => {
    await served(
      { large: () => 'x'.repeat(1000) },
      async ({ server, peer, faults }) => {
        const client = peer({ reads: false }).hello()
        for (let n = 1; n < 60_000 && server.connections > 0; n++) {
          attack(client, n)
          if (n % 1000 === 0) await turns(3)
        }
        await turns()
        expect(server.connections).toBe(0)
        expect(faults.join()).toContain('CALL_TOO_SLOW')
      },
      { backlogBytesMax: 100_000, frameBytesMax: callLimits.frameBytesMin },
    )
  })

  it('is called no more, and the caller hears of it', async () => {
    const [names, world] = [new InprocNames(), new ManualWorld()]
    names.listen('deaf', stream => void new RawPeer(stream, { reads: false }).hello())
    const client = await connect<{ put(text: string): Promise<void> }>('inproc://deaf', {
      names,
      world,
      closeMs: 1,
      backlogBytesMax: 1_000_000,
    })
    const puts: Promise<unknown>[] = []
    for (let n = 0; n < 40; n++) {
      puts.push(client.put('x'.repeat(100_000)).catch((error: unknown) => error))
      await turns(1)
    }
    expect(await puts.at(-1)).toMatchObject({ code: 'CALL_TOO_SLOW' })
    const closing = client[Symbol.asyncDispose]()
    await turns()
    world.advance(10)
    await closing
    expect(await puts[0]).toMatchObject({ code: 'CALL_CLOSED' })
  })
})

describe('a step around calls', () => {
  it('that throws at once fails the call', async () => {
    await served({ get: () => 1 }, async ({ connected }) => {
      const client = await connected({
        intercept: [
          () => {
            throw new Error('not now')
          },
        ],
      })
      await expect(client.get()).rejects.toThrow('not now')
    })
  })
})

describe('frames behind one that ends the connection', () => {
  it('are not read', async () => {
    const hanging = new Hanging()
    await served(hanging, async ({ peer, server }) => {
      const client = peer().hello()
      await turns()
      void client.stream.write([
        Buffer.concat([frame(frames.fault, 0, 0, values('bye')), frame(frames.call, 1, 0, 0, 0, 'hang', 0)]),
      ])
      await turns()
      expect([hanging.ran, server.connections, server.held]).toEqual([[], 0, 0])
    })
  })
})

describe('a call until it is delivered', () => {
  it('fails at once when there is no such method', async () => {
    await served({ get: () => 1 }, async ({ connected }) => {
      const client = (await connected()) as unknown as { missing(): Promise<void> }
      await expect(calling(client, { until: 'delivered' }).missing()).rejects.toMatchObject({
        code: 'CALL_NO_METHOD',
      })
    })
  })
})

describe('an object of somebody else that is passed on', () => {
  it('is called by any number of names and remembers none', async () => {
    await served({ back: () => currentCall()?.back() }, async ({ peer }) => {
      const client = peer().hello().call(1, 'back')
      await turns()
      const { id } = client.answer(1) as { id: number }
      for (let n = 2; n < 200; n++) client.call(n, `name${n}`, { target: id })
      await turns()
      expect(client.of(frames.call).length).toBe(198)
    })
  })
})

describe('a peer that asks for much', () => {
  it('and gives it up at once leaves nothing: streams', async () => {
    let left = 0
    const api = {
      async *list(): AsyncGenerator<number> {
        try {
          for (let n = 0; ; n++) yield n
        } finally {
          left++
        }
      },
    }
    await served(api, async ({ server, peer }) => {
      const client = peer().hello()
      for (let n = 1; n <= 5000; n++) {
        client
          .call(n, 'list')
          .send(frames.credit, n, n % 2)
          .send(frames.stop, n)
        if (n % 500 === 0) await turns(2)
      }
      await turns()
      expect([server.held, server.connections]).toEqual([0, 1])
      expect(left).toBeGreaterThan(0)
    })
  })

  it('and waits for nothing is served in its order: 100,000 calls without an answer', async () => {
    let ran = 0
    await served({ note: () => ran++ }, async ({ server, peer }) => {
      const client = peer().hello()
      for (let n = 1; n <= 100_000; n++) {
        client.call(n, 'note', { flags: callFlags.oneWay })
        if (n % 10_000 === 0) await turns(2)
      }
      client.call(100_001, 'note')
      await turns()
      expect([client.answer(100_001), ran, server.connections]).toEqual([100_000, 100_001, 1])
    })
  })

  it('gets no more streams at a time than it may hold', async () => {
    async function* list(): AsyncGenerator<number> {
      yield 1
    }
    await served(
      { list },
      async ({ server, peer }) => {
        const client = peer().hello()
        for (let n = 1; n <= 20; n++) client.call(n, 'list')
        await turns()
        expect(server.held).toBe(10)
        expect(client.answer(20)).toMatchObject({ code: 'CALL_TOO_MANY_REFERENCES' })
      },
      { referencesMax: 10 },
    )
  })
})
