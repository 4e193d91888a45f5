// Strangers and broken peers over real connections: what they do ends their own pipe with a fault that says why, and the
// socket goes on with the others.

import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { connect, type Stream } from '../../transport/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { spLimits } from './limits.ts'
import type { SpOptions } from './options.ts'
import { type ProtocolName, protocols } from './protocols.ts'
import type { SpSocket } from './socket.ts'
import { Bus, Pair0, Pair1, Pub, Pull, Push, Rep, Req, Respondent, Sub, Surveyor } from './sockets.ts'
import { headerOf } from './wire.ts'

const open: { abort(): void }[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.abort()
})

const makers: Readonly<Record<ProtocolName, (options: SpOptions) => SpSocket>> = {
  pair0: options => new Pair0(options),
  pair1: options => new Pair1(options),
  pub: options => new Pub(options),
  sub: options => new Sub(options),
  req: options => new Req(options),
  rep: options => new Rep(options),
  push: options => new Push(options),
  pull: options => new Pull(options),
  surveyor: options => new Surveyor(options),
  respondent: options => new Respondent(options),
  bus: options => new Bus(options),
}

async function listening(name: ProtocolName, options: SpOptions = {}) {
  const faults: string[] = []
  const socket = makers[name]({ onFault: error => faults.push(error.message), ...options })
  open.push(socket)
  const { address } = await socket.listen('tcp://127.0.0.1:0')
  return { socket, address, faults }
}

async function stranger(address: string, ...chunks: readonly Buffer[]): Promise<Stream> {
  const stream = await connect(address)
  open.push(stream)
  for (const chunk of chunks) stream.write([chunk])
  return stream
}

/** Reads to the end, however that comes. */
async function ended(stream: Stream): Promise<void> {
  try {
    for await (const _ of stream.bytes);
  } catch {
    // a reset is an end too
  }
}

/** Until what another turn of the event loop brings about is there. */
async function turns(until: () => boolean): Promise<void> {
  for (let n = 0; n < 20_000 && !until(); n++) await new Promise(setImmediate)
  expect(until()).toBe(true)
}

const hello = headerOf(protocols.push.id)
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('a stranger', () => {
  it.each([
    ['that speaks HTTP', [Buffer.from('GET / HTTP/1.1\r\n\r\n')], /does not speak SP/],
    ['that speaks another protocol', [headerOf(protocols.req.id)], /the peer speaks req/],
    ['of a protocol that nobody has', [headerOf(0x77)], /the peer speaks 0x77/],
    [
      'that announces too much',
      [hello, hex('00 00 00 00 00 00 04 01')],
      /EMSGSIZE.* 1025 bytes, at most 1024/,
    ],
    ['that announces more than numbers hold', [hello, hex('ff ff ff ff ff ff ff ff')], /EMSGSIZE/],
  ] as const)('%s is cut, with a fault', async (_, chunks, fault) => {
    const { address, faults, socket } = await listening('pull', { receiveSizeMax: 1024 })
    await ended(await stranger(address, ...chunks))
    await turns(() => faults.length === 1 && socket.pipes.length === 0)
    expect(faults[0]).toMatch(fault)
  })

  it.each([
    ['in its greeting', [hello.subarray(0, 5)], /ended before it said/],
    ['in the prefix of a message', [hello, hex('00 00 00')], /in the middle of a message/],
    ['in a message', [hello, hex('00 00 00 00 00 00 00 09 61')], /in the middle of a message/],
  ] as const)('that goes %s is told of', async (_, chunks, fault) => {
    const { address, faults } = await listening('pull')
    const stream = await stranger(address, ...chunks)
    await stream.close()
    await turns(() => faults.length === 1)
    expect(faults[0]).toMatch(fault)
  })

  it('that says nothing is cut when the handshake takes too long', async () => {
    const world = new ManualWorld()
    const { address, faults } = await listening('pull', { world })
    const stream = await stranger(address)
    await turns(() => world.pendingTimers === 1)
    world.advance(spLimits.handshakeMs)
    await ended(stream)
    await turns(() => faults.length === 1)
    expect(world.pendingTimers).toBe(0)
  })

  it('does not keep others from being served', async () => {
    const { address, socket } = await listening('pull')
    for (let n = 0; n < 20; n++) void stranger(address, Buffer.from('nonsense'))
    const push = new Push()
    open.push(push)
    await push.dial(address)
    await push.send('through')
    expect(String(await (socket as Pull).receive())).toBe('through')
  })
})

describe('the count of hops of PAIR 1', () => {
  // nng begins at 1, mangos at 0 (its protocol/pair1); nng takes either, and drops what has come further than its ttl.
  it.each([
    ['00000000', ['a', 'end'], []],
    ['00000001', ['a', 'end'], []],
    ['00000008', ['a', 'end'], []],
    ['00000009', ['end'], []],
    ['00000100', [], [/EPROTO.*without a count of hops \(00000100\)/]],
  ] as const)('%s', async (hops, bodies, flaws) => {
    const { socket, address, faults } = await listening('pair1')
    const message = (count: string, body: string): Buffer[] => [
      hex((4 + body.length).toString(16).padStart(16, '0')),
      hex(count),
      Buffer.from(body),
    ]
    const stream = await stranger(
      address,
      headerOf(protocols.pair1.id),
      ...message(hops, 'a'),
      ...message('00000001', 'end'),
    )
    if (flaws.length > 0) await ended(stream)
    await turns(() => faults.length === flaws.length)
    const got: string[] = []
    for (const _ of bodies) got.push(String((await socket.receiveMessage()).body))
    expect(got).toEqual(bodies)
    for (const [at, flaw] of flaws.entries()) expect(faults[at]).toMatch(flaw)
    await expect(socket.receiveMessage({ timeoutMs: 0 })).rejects.toMatchObject({ code: 'EAGAIN' })
  })
})

describe.each(Object.keys(protocols) as ProtocolName[])('%s, given anything', name => {
  it('ends the pipe or takes it, and serves the next peer', async () => {
    const { socket, address } = await listening(name, { receiveSizeMax: 256 })
    const good = headerOf(protocols[protocols[name].peer].id)
    const frames = fc.array(fc.uint8Array({ maxLength: 24 }), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(frames, fc.uint8Array({ maxLength: 12 }), async (payloads, rest) => {
        const stream = await stranger(
          address,
          good,
          ...payloads.flatMap(payload => [
            hex(payload.length.toString(16).padStart(16, '0')),
            Buffer.from(payload),
          ]),
          Buffer.from(rest),
        )
        for (let n = 0; n < 3; n++) await new Promise(setImmediate)
        stream.abort()
      }),
      { numRuns: 25 },
    )
    // a pipe stays until what came by it is taken
    while (
      await socket.receiveMessage({ timeoutMs: 0 }).then(
        () => true,
        () => false,
      )
    );
    await turns(() => socket.pipes.length === 0)
    const peer = makers[protocols[name].peer]({})
    open.push(peer)
    await peer.dial(address, { background: true })
    await turns(() => socket.pipes.length === 1)
  })
})

describe('many', () => {
  it('connections that come and go leave nothing behind', async () => {
    const { address, socket } = await listening('pull')
    const before = process.getActiveResourcesInfo().length
    for (let round = 0; round < 20; round++) {
      const pushes = Array.from({ length: 25 }, () => new Push())
      await Promise.all(pushes.map(push => push.dial(address)))
      await Promise.all(pushes.map(push => push.send(`${round}`)))
      for (const push of pushes) await (socket as Pull).receive().then(() => push)
      await Promise.all(pushes.map(push => push.close()))
    }
    await turns(() => socket.pipes.length === 0)
    await turns(() => process.getActiveResourcesInfo().length <= before)
  })

  it('reconnects to a listener that comes and goes find it again', async () => {
    const world = new ManualWorld()
    const push = new Push({ world, reconnectMinMs: 5 })
    open.push(push)
    let { socket, address } = await listening('pull')
    await push.dial(address)
    for (let round = 0; round < 20; round++) {
      await turns(() => push.pipes.length === 1)
      socket.abort()
      await turns(() => push.pipes.length === 0)
      const next = new Pull()
      open.push(next)
      await next.listen(address)
      socket = next
      for (let n = 0; n < 200 && push.pipes.length === 0; n++) {
        world.advance(5)
        for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
      }
      await push.send(`${round}`)
      expect(String(await next.receive())).toBe(`${round}`)
    }
  })
})
