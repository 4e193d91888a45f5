// Stream sockets over TCP and Unix-domain sockets: the eight operations, what POSIX says to misuse (a table of phase and
// call), receiving in three ways against bytes cut anywhere, backlog, deadlines by a manual clock, and endings.

import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { ManualWorld } from '../../world/index.ts'
import { EndOfStreamError, PosixError } from './errors.ts'
import { Inbox } from './inbox.ts'
import { berkeleyLimits } from './limits.ts'
import { socket } from './socket.ts'
import type { StreamSocket } from './stream-socket.ts'

const open: StreamSocket[] = []
function made(family: 'inet' | 'inet6' | 'unix', world?: ManualWorld): StreamSocket {
  const one = socket(family, 'stream', { ...(world && { world }) })
  open.push(one)
  return one
}
afterEach(() => {
  for (const one of open.splice(0)) one.abort()
})

const addresses = {
  inet: () => ({ host: '127.0.0.1', port: 0 }),
  unix: () => ({ path: `@posthorn-test-${process.pid}-${Math.floor(performance.now() * 1000)}` }),
} as const

async function listening(family: keyof typeof addresses, world?: ManualWorld): Promise<StreamSocket> {
  const server = made(family, world)
  await server.bind(addresses[family]())
  await server.listen()
  return server
}

async function pair(family: keyof typeof addresses, world?: ManualWorld) {
  const server = await listening(family, world)
  const client = made(family, world)
  await client.connect(server.localAddress ?? { path: '' })
  const accepted = await server.accept()
  open.push(accepted)
  return { server, client, accepted }
}

const code = (wanted: string) => expect.objectContaining({ code: wanted })

describe.each(['inet', 'unix'] as const)('stream sockets: %s', family => {
  it('binds, listens, accepts, connects, sends, receives, closes', async () => {
    const { server, client, accepted } = await pair(family)
    expect(await client.send('hello')).toBe(5)
    expect(String(await accepted.receive(3))).toBe('hel')
    expect(String(await accepted.receive())).toBe('lo')
    await accepted.send(Buffer.from('and back'))
    expect(String(await client.receiveExactly(8))).toBe('and back')
    const closed = client.close()
    expect((await accepted.receive()).length).toBe(0)
    await accepted.close()
    await closed
    await server.close()
    expect([server.phase, client.phase, accepted.phase]).toEqual(['closed', 'closed', 'closed'])
  })

  it('gives connections to whoever waits, in order, and by a loop', async () => {
    const server = await listening(family)
    const [first, second] = [server.accept(), server.accept()]
    const clients = [made(family), made(family), made(family)]
    for (const [n, client] of clients.entries()) {
      await client.connect(server.localAddress ?? { path: '' })
      await client.send(`${n}`)
    }
    const said = [await (await first).receive(), await (await second).receive()]
    for await (const third of server) {
      said.push(await third.receive())
      await server.close()
      third.abort()
    }
    expect(said.map(String)).toEqual(['0', '1', '2'])
  })

  it('keeps a direction open when the other has ended', async () => {
    const { client, accepted } = await pair(family)
    await client.shutdown('send')
    expect((await accepted.receive()).length).toBe(0)
    await accepted.send('still here')
    expect(String(await client.receiveExactly(10))).toBe('still here')
    await expect(client.send('x')).rejects.toEqual(code('EPIPE'))
  })

  it('sees the end after shutdown of receiving', async () => {
    const { client, accepted } = await pair(family)
    const waits = client.receive()
    await accepted.send('lost')
    await waits
    await client.shutdown('receive')
    expect((await client.receive()).length).toBe(0)
    await expect(client.receiveExactly(1)).rejects.toBeInstanceOf(EndOfStreamError)
  })

  it('resets what comes when the backlog is full', async () => {
    const server = made(family)
    await server.bind(addresses[family]())
    await server.listen(2)
    const clients = [made(family), made(family), made(family)]
    for (const client of clients) await client.connect(server.localAddress ?? { path: '' })
    const outcome = await clients[2]?.receive().catch((error: PosixError) => error.code)
    expect(['ECONNRESET', '0']).toContain(typeof outcome === 'string' ? outcome : `${outcome?.length}`)
    expect(server.overflowed).toBe(1)
    await server.listen(3)
    const fourth = made(family)
    await fourth.connect(server.localAddress ?? { path: '' })
    await fourth.send('in')
    await server.accept()
    await server.accept()
    expect(String(await (await server.accept()).receive())).toBe('in')
  })

  it('a deadline ends each call that waits, and loses nothing', async () => {
    const world = new ManualWorld()
    const { server, client, accepted } = await pair(family, world)
    const late = [
      server.accept({ timeoutMs: 100 }),
      client.receive(1, { timeoutMs: 100 }),
      client.receiveExactly(4, { timeoutMs: 100 }),
    ].map(call => expect(call).rejects.toEqual(code('ETIMEDOUT')))
    world.advance(100)
    await Promise.all(late)
    await accepted.send('whole')
    expect(String(await client.receiveExactly(5))).toBe('whole')
    client.setOption('SO_RCVTIMEO', 50)
    const byOption = expect(client.receive()).rejects.toEqual(code('ETIMEDOUT'))
    world.advance(50)
    await byOption
    expect(world.pendingTimers).toBe(0)
  })

  it('a signal ends each call that waits with its reason', async () => {
    const { server, client } = await pair(family)
    const controller = new AbortController()
    const reason = new Error('enough')
    const calls = [
      server.accept({ signal: controller.signal }),
      client.receive(1, { signal: controller.signal }),
      client.receiveUntil('\n', { signal: controller.signal }),
    ].map(call => expect(call).rejects.toBe(reason))
    controller.abort(reason)
    await Promise.all(calls)
    await expect(client.receive(1, { signal: controller.signal })).rejects.toBe(reason)
  })

  it('waits to send while the peer does not read, and one that is called off has sent nothing', async () => {
    const { client, accepted } = await pair(family)
    const block = Buffer.alloc(1 << 20, 'x')
    const controller = new AbortController()
    let sent = 0
    const flood = (async () => {
      for (;;) sent += await client.send(block, { signal: controller.signal })
    })()
    const refused = expect(flood).rejects.toThrow('off')
    for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate)
    controller.abort(new Error('off'))
    await refused
    await client.shutdown('send')
    let received = 0
    for (;;) {
      const { length } = await accepted.receive(1 << 20)
      if (length === 0) break
      received += length
    }
    expect(received).toBe(sent)
  })

  it('cuts a peer that never ends, at the deadline of close', async () => {
    const world = new ManualWorld()
    const { client, accepted } = await pair(family, world)
    const closed = client.close()
    await expect(accepted.receive()).resolves.toHaveLength(0)
    world.advance(berkeleyLimits.closeMs)
    await closed
  })

  it('calls that wait fail when the socket is closed meanwhile', async () => {
    const { server, client } = await pair(family)
    const accept = expect(server.accept()).rejects.toEqual(code('EBADF'))
    const receive = client.receive()
    await server.close()
    client.abort()
    await accept
    await receive.catch((error: PosixError) => expect(error.code).toBe('ECONNABORTED'))
  })
})

describe('stream sockets: misuse', () => {
  type Phased = 'created' | 'bound' | 'listening' | 'connected' | 'closed'
  const bring: Record<Phased, () => Promise<StreamSocket>> = {
    created: async () => made('inet'),
    bound: async () => {
      const one = made('inet')
      await one.bind({ host: '127.0.0.1' })
      return one
    },
    listening: () => listening('inet'),
    connected: async () => (await pair('inet')).client,
    closed: async () => {
      const one = made('inet')
      await one.close()
      return one
    },
  }
  const call: Record<string, (one: StreamSocket) => Promise<unknown>> = {
    bind: one => one.bind({}),
    listen: one => one.listen(),
    accept: one => one.accept(),
    connect: one => one.connect({ host: '127.0.0.1', port: 9 }),
    send: one => one.send('x'),
    receive: one => one.receive(),
    shutdown: one => one.shutdown('both'),
    setOption: async one => one.setOption('TCP_NODELAY', true),
    getOption: async one => one.getOption('SO_TYPE'),
  }
  it.each([
    ['created', 'accept', 'EINVAL'],
    ['created', 'send', 'ENOTCONN'],
    ['created', 'receive', 'ENOTCONN'],
    ['created', 'shutdown', 'ENOTCONN'],
    ['bound', 'bind', 'EINVAL'],
    ['bound', 'accept', 'EINVAL'],
    ['bound', 'send', 'ENOTCONN'],
    ['listening', 'bind', 'EINVAL'],
    ['listening', 'connect', 'EOPNOTSUPP'],
    ['listening', 'send', 'ENOTCONN'],
    ['listening', 'receive', 'ENOTCONN'],
    ['connected', 'bind', 'EINVAL'],
    ['connected', 'listen', 'EINVAL'],
    ['connected', 'accept', 'EINVAL'],
    ['connected', 'connect', 'EISCONN'],
    ...Object.keys(call).map(name => ['closed', name, 'EBADF'] as const),
  ] as const)('%s: %s is %s', async (phase, name, wanted) => {
    const one = await bring[phase]()
    await expect(call[name]?.(one)).rejects.toEqual(code(wanted))
    await expect(call[name]?.(one)).rejects.toBeInstanceOf(PosixError)
  })

  it('says EALREADY while a connection is being made, and EBADF to it when it is closed', async () => {
    const server = await listening('inet')
    const one = made('inet')
    const first = one.connect(server.localAddress ?? { path: '' })
    await expect(one.connect({ host: '127.0.0.1', port: 9 })).rejects.toEqual(code('EALREADY'))
    const ended = expect(first).rejects.toEqual(code('EBADF'))
    await one.close()
    await ended
  })

  it('keeps what it was when connecting fails, with the name and number of the error', async () => {
    const server = await listening('inet')
    const nowhere = server.localAddress ?? { path: '' }
    await server.close()
    const one = made('inet')
    await expect(one.connect(nowhere)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      operation: 'connect',
      errno: expect.any(Number),
    })
    expect(one.phase).toBe('created')
  })

  it.each([
    [
      'an address in use',
      async () => {
        const server = await listening('inet')
        const one = made('inet')
        await one.bind(server.localAddress ?? {})
        await one.listen()
      },
      'EADDRINUSE',
    ],
    ['a path for inet', () => made('inet').bind({ path: '/x' }), 'EAFNOSUPPORT'],
    ['a port for unix', () => made('unix').connect({ host: 'x', port: 1 }), 'EAFNOSUPPORT'],
    ['port 0 to connect to', () => made('inet').connect({ host: '127.0.0.1', port: 0 }), 'EINVAL'],
    ['a Unix-domain socket without a path', () => made('unix').listen(), 'EDESTADDRREQ'],
    ['a path where nobody listens', () => made('unix').connect({ path: '/nonexistent/x' }), 'ENOENT'],
    ['a kind that Node lacks', async () => socket('unix' as 'inet', 'datagram'), 'ESOCKTNOSUPPORT'],
    ['a family that nobody has', async () => socket('ipx' as 'inet', 'stream'), 'EAFNOSUPPORT'],
  ] as const)('%s', async (_, act, wanted) => {
    await expect((async () => act())()).rejects.toEqual(code(wanted))
  })
})

describe('receiving', () => {
  /** The text, cut at the places. */
  async function* cut(text: Buffer, places: readonly number[]): AsyncGenerator<Buffer> {
    const ends = [...new Set(places.map(place => place % (text.length + 1)))].sort((a, b) => a - b)
    let from = 0
    for (const end of [...ends, text.length]) {
      yield text.subarray(from, end)
      from = end
    }
  }

  it('receiveUntil and receiveExactly find the same, however the bytes were cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.stringMatching(/^[ab\r]{0,12}$/), { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat(200), { maxLength: 20 }),
        async (lines, places) => {
          const text = Buffer.from(lines.map(line => `${line}\r\n`).join(''))
          const inbox = new Inbox(cut(text, places))
          for (const line of lines)
            expect(String(await inbox.until(Buffer.from('\r\n'), 1000, undefined))).toBe(`${line}\r\n`)
          expect((await inbox.some(1, undefined)).length).toBe(0)
          const again = new Inbox(cut(text, places))
          const half = Math.floor(text.length / 2)
          const both = [
            await again.exactly(half || 1, undefined),
            await again.exactly(text.length - (half || 1), undefined),
          ]
          expect(Buffer.concat(both)).toEqual(text)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('leaves bytes that hold no delimiter within the limit', async () => {
    const { client, accepted } = await pair('inet')
    await client.send('aaaaaaaaab')
    await expect(accepted.receiveUntil('b', { bytesMax: 9 })).rejects.toEqual(code('EMSGSIZE'))
    expect(String(await accepted.receiveUntil('b', { bytesMax: 10 }))).toBe('aaaaaaaaab')
  })

  it('shows what came when the stream ends too early', async () => {
    const { client, accepted } = await pair('inet')
    await client.send('half')
    await client.shutdown('send')
    const error = await accepted.receiveExactly(8).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(EndOfStreamError)
    expect(String((error as EndOfStreamError).partial)).toBe('half')
    expect(error).toMatchObject({ code: 'ENODATA' })
  })

  it('calls at the same time take turns', async () => {
    const { client, accepted } = await pair('inet')
    const three = [accepted.receiveExactly(2), accepted.receiveUntil(';'), accepted.receiveExactly(3)]
    for (const part of ['a', 'bc', ';d', 'ef']) await client.send(part)
    expect((await Promise.all(three)).map(String)).toEqual(['ab', 'c;', 'def'])
  })

  it('refuses counts that are none and those above the limit', async () => {
    const { client } = await pair('inet')
    await expect(client.receive(0)).rejects.toEqual(code('EINVAL'))
    await expect(client.receiveExactly(berkeleyLimits.gatherBytesMax + 1)).rejects.toEqual(code('EMSGSIZE'))
    await expect(client.receiveUntil('')).rejects.toEqual(code('EINVAL'))
  })
})
