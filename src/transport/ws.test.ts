// WebSocket over loopback: the stream contract for bytes over it, and both directions against the package `ws`, which is
// not ours.

import { once } from 'node:events'
import { connect as tcpConnect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type WebSocket as TheirSocket, WebSocket, WebSocketServer } from 'ws'
import { deferred } from '../flow/index.ts'
import { ManualWorld } from '../world/index.ts'
import { selfSigned } from './certificate.contract.ts'
import { streamContract } from './stream.contract.ts'
import type { TlsServerOptions } from './tcp.ts'
import { applyMask, frameOf } from './ws/frame.ts'
import type { WsRequest } from './ws/handshake.ts'
import { byteStream, type MessageStream } from './ws/message-stream.ts'
import { type ConnectWsOptions, connectWs, type ListenWsOptions, listenWs } from './ws.ts'

const host = '127.0.0.1'
const certificate = selfSigned()

function contract(kind: string, tls?: TlsServerOptions): void {
  const trust = tls && { tls: { ca: tls.cert } }
  streamContract(kind, {
    connect: async () => {
      const accepted = deferred<MessageStream>()
      const listener = await listenWs({ host, port: 0, ...(tls && { tls }) }, accepted.resolve)
      const a = await connectWs({ host, port: listener.port, ...trust })
      const b = await accepted.promise
      return { a: byteStream(a), b: byteStream(b), release: () => listener.close() }
    },
    connectNowhere: async () => {
      const listener = await listenWs({ host, port: 0 }, () => {})
      await listener.close()
      return byteStream(await connectWs({ host, port: listener.port }))
    },
    connectWith: async signal => {
      const listener = await listenWs({ host, port: 0 }, stream => stream.abort())
      const connecting = connectWs({ host, port: listener.port, signal }).then(byteStream)
      return connecting.finally(() => listener.close())
    },
    halfCloses: false,
    joins: false,
  })
}

contract('ws')
contract('wss', certificate)

const endings: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

/** Our server, and what it accepts next. */
async function ourServer(options: Partial<ListenWsOptions> = {}) {
  const accepted = deferred<{ stream: MessageStream; request: WsRequest }>()
  const refused: string[] = []
  const listener = await listenWs(
    { host, port: 0, onRefused: error => refused.push(error.message), ...options },
    (stream, request) => accepted.resolve({ stream, request }),
  )
  endings.push(() => listener.close())
  return { port: listener.port, accepted: accepted.promise, refused }
}

/** Their client at our server. */
async function theirClient(port: number, protocols: string[] = [], options = {}): Promise<TheirSocket> {
  const socket = new WebSocket(`ws://${host}:${port}/place?q=1`, protocols, options)
  endings.push(() => socket.terminate())
  await once(socket, 'open')
  return socket
}

/** Their server, and the socket that it accepts next. */
async function theirServer(options = {}) {
  const server = new WebSocketServer({ host, port: 0, ...options })
  endings.push(() => {
    for (const client of server.clients) client.terminate()
    server.close()
  })
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const accepted = once(server, 'connection').then(([socket]) => socket as TheirSocket)
  return { port, accepted }
}

async function ourClient(options: Pick<ConnectWsOptions, 'port'> & Partial<ConnectWsOptions>) {
  const stream = await connectWs({ host, ...options })
  endings.push(() => stream.abort())
  return stream
}

async function next(stream: MessageStream): Promise<string> {
  const { value } = await stream.messages[Symbol.asyncIterator]().next()
  return value === undefined ? 'the end' : value.toString()
}

/** Sizes around the three forms of the length (section 5.2), and one above every chunk. */
const sizes = [0, 1, 125, 126, 127, 4096, 4097, 65_535, 65_536, 1 << 20]

describe('our server and the client of ws', () => {
  it('agree on path and sub-protocol', async () => {
    const ours = await ourServer({ path: '/place', protocols: ['best', 'good'] })
    const theirs = await theirClient(ours.port, ['other', 'good', 'best'], { origin: 'http://page' })
    const { stream, request } = await ours.accepted
    expect([theirs.protocol, stream.protocol, request.target, request.origin]).toEqual([
      'best',
      'best',
      '/place?q=1',
      'http://page',
    ])
  })

  it.each(sizes)('carry messages of %i bytes both ways', async size => {
    const ours = await ourServer()
    const theirs = await theirClient(ours.port, [], { perMessageDeflate: true })
    const { stream } = await ours.accepted
    const bytes = Buffer.alloc(size, 'abc')
    theirs.send(bytes)
    const { value } = await stream.messages[Symbol.asyncIterator]().next()
    expect(value?.equals(bytes)).toBe(true)
    const back = once(theirs, 'message')
    stream.send([bytes.subarray(0, size >> 1), bytes.subarray(size >> 1)])
    const [got, isBinary] = await back
    expect([bytes.equals(got as Buffer), isBinary]).toEqual([true, true])
  })

  it('carry text, fragments and pings', async () => {
    const ours = await ourServer()
    const theirs = await theirClient(ours.port)
    const { stream } = await ours.accepted
    theirs.send('one ', { fin: false })
    const pong = once(theirs, 'pong')
    theirs.ping('between fragments')
    theirs.send('fragment ', { fin: false })
    theirs.send('at a time ü', { fin: true })
    expect(await next(stream)).toBe('one fragment at a time ü')
    expect(String((await pong)[0])).toBe('between fragments')
    const text = once(theirs, 'message')
    stream.send([Buffer.from('grüße')], { text: true })
    expect([String((await text)[0]), (await text)[1]]).toEqual(['grüße', false])
  })

  it('close from either side, with status and reason', async () => {
    const first = await ourServer()
    const theirs = await theirClient(first.port)
    const ours = (await first.accepted).stream
    const told = once(theirs, 'close')
    await ours.close(4001, 'enough')
    const [status, reason] = await told
    expect([status, String(reason), await ours.closed]).toEqual([
      4001,
      'enough',
      { status: 4001, reason: 'enough' },
    ])

    const second = await ourServer()
    const closing = await theirClient(second.port)
    const { stream } = await second.accepted
    closing.send('last')
    closing.close(1001, 'going')
    expect([await next(stream), await next(stream), await stream.closed]).toEqual([
      'last',
      'the end',
      { status: 1001, reason: 'going' },
    ])
  })

  it.each([
    ['a message above the limit', { messageBytesMax: 10 }, (s: TheirSocket) => s.send('x'.repeat(11)), 1009],
    ['a frame above the limit', { frameBytesMax: 10 }, (s: TheirSocket) => s.send('x'.repeat(11)), 1009],
    [
      'fragments above the limit',
      { messageBytesMax: 10 },
      (s: TheirSocket) => {
        s.send('x'.repeat(6), { fin: false })
        s.send('x'.repeat(6), { fin: true })
      },
      1009,
    ],
    [
      'more fragments than allowed',
      { fragmentsMax: 2 },
      (s: TheirSocket) => {
        for (let at = 0; at < 3; at++) s.send('x', { fin: false })
      },
      1008,
    ],
    ['text that is not UTF-8', {}, (s: TheirSocket) => s.send(Buffer.from([0xff]), { binary: false }), 1007],
  ] as const)('end with the right status at %s', async (_what, limits, send, status) => {
    const ours = await ourServer({ limits })
    const theirs = await theirClient(ours.port)
    const { stream } = await ours.accepted
    const closed = once(theirs, 'close')
    send(theirs)
    expect((await closed)[0]).toBe(status)
    await expect(next(stream)).rejects.toMatchObject({ name: 'WsError' })
    expect((await stream.closed).status).toBe(status)
  })

  it('gives what arrived, then says that the connection ended without a Close frame', async () => {
    const ours = await ourServer()
    const theirs = await theirClient(ours.port)
    const { stream } = await ours.accepted
    await new Promise(resolve => theirs.send('last', resolve))
    theirs.terminate()
    expect(await next(stream)).toBe('last')
    await expect(next(stream)).rejects.toMatchObject({ code: 'WS_ENDED_ABNORMALLY' })
    expect(await stream.closed).toEqual({ status: 1006, reason: '' })
  })

  it.each([
    ['an unknown path', { path: '/other' }, [], 404],
    ['no common sub-protocol', { protocols: ['a'] }, ['b'], 400],
    ['no sub-protocol where one is needed', { protocols: ['a'] }, [], 400],
    ['a page that may not', { allowOrigin: () => false }, [], 403],
    ['a head above the limit', { limits: { headBytesMax: 100 } }, [], 431],
    ['too many fields', { limits: { headersMax: 2 } }, [], 431],
  ] as const)('refuse %s', async (_what, options, protocols, status) => {
    const ours = await ourServer(options)
    const socket = new WebSocket(`ws://${host}:${ours.port}/`, [...protocols])
    const [error] = await once(socket, 'error')
    expect(String(error)).toContain(`${status}`)
    await expect.poll(() => ours.refused.length).toBe(1)
  })
})

describe('our client and the server of ws', () => {
  it('agree on path, sub-protocol and headers', async () => {
    const theirs = await theirServer({ handleProtocols: () => 'good' })
    const ours = await ourClient({
      port: theirs.port,
      path: '/x',
      protocols: ['best', 'good'],
      headers: { A: 'b' },
    })
    expect(ours.protocol).toBe('good')
    expect((await theirs.accepted).protocol).toBe('good')
  })

  it.each(sizes)('carry messages of %i bytes both ways', async size => {
    const theirs = await theirServer({ perMessageDeflate: true })
    const ours = await ourClient({ port: theirs.port })
    const socket = await theirs.accepted
    const bytes = Buffer.alloc(size, 'abc')
    const arrived = once(socket, 'message')
    ours.send([bytes])
    expect(bytes.equals((await arrived)[0] as Buffer)).toBe(true)
    expect(bytes.equals(Buffer.alloc(size, 'abc'))).toBe(true) // masking left ours as it was
    socket.send(bytes)
    const { value } = await ours.messages[Symbol.asyncIterator]().next()
    expect(value?.equals(bytes)).toBe(true)
  })

  it('take many messages of one chunk at once, in order', async () => {
    const theirs = await theirServer()
    const ours = await ourClient({ port: theirs.port, limits: { queueMessagesMax: 10 } })
    const socket = await theirs.accepted
    for (let at = 0; at < 1000; at++) socket.send(String(at))
    const got: string[] = []
    while (got.length < 1000) {
      await ours.messages.ready()
      expect(ours.messages.size).toBeLessThanOrEqual(10)
      got.push(...ours.messages.take().map(String))
    }
    expect(got).toEqual(Array.from({ length: 1000 }, (_, at) => String(at)))
  })

  it('answer pings and close from either side', async () => {
    const theirs = await theirServer()
    const ours = await ourClient({ port: theirs.port })
    const socket = await theirs.accepted
    const pong = once(socket, 'pong')
    socket.ping('p')
    expect(String((await pong)[0])).toBe('p')
    socket.close(1000, 'bye')
    expect([await next(ours), await ours.closed]).toEqual(['the end', { status: 1000, reason: 'bye' }])

    const again = await ourClient({ port: theirs.port })
    await again.close()
    await again.close()
    expect(again.send([Buffer.from('late')])).toBeUndefined()
    await expect(again.close(1005)).rejects.toThrow(RangeError)
  })

  it('ask whether the peer is there', async () => {
    const theirs = await theirServer()
    const ours = await ourClient({ port: theirs.port })
    await Promise.all([ours.ping(), ours.ping()])

    const deaf = await theirServer({ autoPong: false })
    const waiting = await ourClient({ port: deaf.port })
    const controller = new AbortController()
    const pinging = waiting.ping(controller.signal)
    const other = waiting.ping()
    controller.abort(new Error('too late'))
    await expect(pinging).rejects.toThrow('too late')
    waiting.abort()
    await expect(other).rejects.toMatchObject({ code: 'ECONNABORTED' })
    await expect(waiting.ping()).rejects.toMatchObject({ code: 'ECONNABORTED' })
  })

  it('say what a server refused', async () => {
    const theirs = await theirServer({ verifyClient: () => false })
    await expect(ourClient({ port: theirs.port })).rejects.toMatchObject({ code: 'WS_REFUSED', status: 401 })
  })

  it('say that the server speaks none of the sub-protocols', async () => {
    const theirs = await theirServer({ handleProtocols: () => false })
    const refused = ourClient({ port: theirs.port, protocols: ['a'] })
    await expect(refused).rejects.toMatchObject({ code: 'WS_HANDSHAKE_INVALID' })
  })

  it.each([
    ['a sub-protocol', { protocols: ['a b'] }],
    ['a path', { path: 'no' }],
    ['a header', { headers: { a: 'b\r\nc: d' } }],
  ])('do not send %s that no head can carry', async (_what, options) => {
    await expect(ourClient({ port: 1, ...options })).rejects.toThrow(RangeError)
  })
})

describe('time', () => {
  it('cuts a client that does not finish its handshake', async () => {
    const world = new ManualWorld()
    const ours = await ourServer({ world, limits: { handshakeMs: 100 } })
    const socket = tcpConnect(ours.port, host)
    socket.on('error', () => {})
    await once(socket, 'connect')
    await expect.poll(() => world.pendingTimers).toBe(1)
    world.advance(100)
    await once(socket, 'close')
    await expect.poll(() => ours.refused).toEqual(['nothing happened within 100 ms'])
    expect(world.pendingTimers).toBe(0)
  })

  it('cuts a peer that does not answer a Close frame', async () => {
    const world = new ManualWorld()
    const theirs = await theirServer()
    const ours = await ourClient({ port: theirs.port, world, limits: { closeMs: 100 } })
    ;(await theirs.accepted).pause() // it will never read the frame
    const closing = ours.close()
    world.advance(100)
    await closing
    expect(await ours.closed).toEqual({ status: 1006, reason: '' })
    expect(world.pendingTimers).toBe(0)
  })
})

describe('frames', () => {
  it('are the examples of RFC 6455 section 5.7', () => {
    const hello = [Buffer.from('Hello')]
    const key = (): Buffer => Buffer.from('37fa213d', 'hex')
    expect(Buffer.concat(frameOf(1, hello, undefined)).toString('hex')).toBe('810548656c6c6f')
    expect(Buffer.concat(frameOf(1, hello, key)).toString('hex')).toBe('818537fa213d7f9f4d5158')
    const large = Buffer.alloc(65_536)
    expect(frameOf(2, [large], undefined)).toEqual([Buffer.from('827f0000000000010000', 'hex'), large])
  })

  it.each([0, 1, 2, 3, 5, 100, 255, 256, 257, 258, 259])(
    'are masked alike wherever their memory begins (%i bytes)',
    length => {
      const key = Buffer.from([1, 2, 4, 8])
      for (let offset = 0; offset < 5; offset++) {
        const bytes = Buffer.alloc(offset + length).subarray(offset)
        applyMask(bytes, key)
        expect([...bytes]).toEqual(Array.from({ length }, (_, at) => key[at & 3]))
      }
    },
  )
})
