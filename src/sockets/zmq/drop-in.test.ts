// What the original's users see beside messages: how sockets are made and closed, what observers hear, what refusals look
// like, when a process ends. Each was compared with `zeromq` 6.8. Processes run the built package.

import { spawn } from 'node:child_process'
import { connect as connectTcp } from 'node:net'
import { describe, expect, it } from 'vitest'
import * as zmq from './index.ts'
import { withSockets } from './sockets.contract.ts'

const Raw = zmq.Socket as unknown as new (...args: readonly unknown[]) => zmq.Socket

describe('making sockets', () => {
  const refused: readonly [name: string, make: () => unknown, error: object][] = [
    ['no type', () => new Raw(), new TypeError('Socket type must be a number')],
    ['a type that is no number', () => new Raw('pair'), new TypeError('Socket type must be a number')],
    ['a type that is not there', () => new Raw(37), { code: 'EINVAL' }],
    ['options that are none', () => new Raw(3, 1), new TypeError('Options must be an object')],
    ['too much', () => new Raw(1, {}, 2), new TypeError('Expected 2 arguments')],
    ['a context that is none', () => new Raw(1, { context: {} }), { code: 'EINVAL' }],
    [
      'too much for a context',
      () => new (zmq.Context as unknown as typeof Raw)({}, 2),
      new TypeError('Expected 1 argument'),
    ],
    [
      'a proxy of what are no sockets',
      () => new zmq.Proxy({} as zmq.Socket, {} as zmq.Socket),
      { code: 'EINVAL' },
    ],
    [
      'a proxy of three sockets',
      () => new zmq.Proxy(new zmq.Dealer(), new zmq.Dealer(), new zmq.Dealer() as never),
      new TypeError('Expected 2 arguments'),
    ],
  ]
  it.each(refused)('%s', (_name, make, error) => {
    let thrown: unknown
    try {
      make()
    } catch (caught) {
      thrown = caught
    }
    if (error instanceof Error) expect(thrown).toEqual(error)
    else expect(thrown).toMatchObject(error)
  })

  it('a class of a program by number', async () => {
    class Own extends zmq.Socket {
      constructor() {
        super(5, { linger: 0 })
      }
    }
    const own = new Own()
    expect([own.type, own.linger, own.context]).toEqual([5, 0, zmq.context])
    own.close()
  })

  it('any affinity is met by one event loop', () => {
    const dealer = new zmq.Dealer({ affinity: 2 ** 60 })
    expect(dealer.affinity).toBe(2 ** 60)
    dealer.close()
  })
})

describe('closing', () => {
  it.each(['tcp://127.0.0.1:*', 'inproc://closing'])(
    'waits for a bind and an unbind of %s',
    async address => {
      const socket = new zmq.Dealer()
      await socket.bind('inproc://other')
      const binding = socket.bind(address)
      socket.close()
      expect(socket.closed).toBe(false)
      await expect(socket.send('x')).rejects.toMatchObject({ code: 'EBADF' })
      await binding
      expect(socket.closed).toBe(true)
      const failing = new zmq.Dealer()
      const unbinding = failing.unbind('inproc://never')
      failing.close()
      expect(failing.closed).toBe(false)
      await expect(unbinding).rejects.toMatchObject({ code: 'ENOENT' })
      expect(failing.closed).toBe(true)
    },
  )

  it('ends an iteration, but hides no other error', async () => {
    const request = new zmq.Request()
    process.nextTick(() => request.close())
    const reading = (async () => {
      for await (const _ of request);
    })()
    await expect(reading).rejects.toMatchObject({ code: 'EFSM' })
  })

  it('with linger 0 loses nothing that the system takes at once', async () => {
    const stream = new zmq.Stream({ linger: 0, notify: false })
    await stream.bind('tcp://127.0.0.1:*')
    const client = connectTcp(Number(stream.lastEndpoint?.split(':').at(-1)), '127.0.0.1')
    client.write('ask')
    const [id] = await stream.receive()
    await stream.send([id, 'answer'])
    stream.close()
    const chunks = await client.toArray()
    expect(String(Buffer.concat(chunks))).toBe('answer')
    const pull = new zmq.Pull()
    await pull.bind('tcp://127.0.0.1:*')
    const push = new zmq.Push({ linger: 0, immediate: true })
    push.connect(pull.lastEndpoint as string)
    await push.send('last')
    push.close()
    expect(String(await pull.receive())).toBe('last')
    pull.close()
  })

  it('a proxy does not run over closed sockets', async () => {
    const proxy = new zmq.Proxy(new zmq.Router(), new zmq.Dealer())
    await proxy.frontEnd.bind('tcp://127.0.0.1:*')
    await proxy.backEnd.bind('tcp://127.0.0.1:*')
    proxy.frontEnd.close()
    await expect(proxy.run()).rejects.toMatchObject({ code: 'EINVAL' })
    proxy.backEnd.close()
  })
})

describe('events', () => {
  async function eventsOf(socket: zmq.Socket): Promise<zmq.Event[]> {
    const events: zmq.Event[] = []
    for await (const event of socket.events) events.push(event)
    return events
  }

  it('a closed listener, before the end', async () => {
    const socket = new zmq.Dealer()
    const events = eventsOf(socket)
    await socket.bind('tcp://127.0.0.1:*')
    const address = socket.lastEndpoint as string
    socket.close()
    expect(await events).toEqual([{ type: 'bind', address }, { type: 'close', address }, { type: 'end' }])
  })

  it('none of what happens within the process', async () => {
    const [bound, connected] = [new zmq.Dealer(), new zmq.Dealer()]
    const events = Promise.all([eventsOf(bound), eventsOf(connected)])
    await bound.bind('inproc://unheard')
    connected.connect('inproc://unheard')
    bound.close()
    connected.close()
    expect(await events).toEqual([[{ type: 'end' }], [{ type: 'end' }]])
  })

  it('a bind that fails, by the address without its scheme', () =>
    withSockets(async open => {
      const [first, second] = [open(new zmq.Dealer()), open(new zmq.Dealer())]
      const { events } = second
      await first.bind('tcp://127.0.0.1:*')
      const address = first.lastEndpoint as string
      await expect(second.bind(address)).rejects.toMatchObject({ code: 'EADDRINUSE', address })
      expect(await events.receive()).toMatchObject({
        type: 'bind:error',
        address: address.slice('tcp://'.length),
        error: { code: 'EADDRINUSE', errno: 98 },
      })
    }))

  it('a handshake that fails, then the end of its connection', () =>
    withSockets(async open => {
      const [server, client] = [open(new zmq.Pull({ plainServer: true })), open(new zmq.Push())]
      const heard = [server, client].map(async socket => {
        const types: string[] = []
        for await (const { type } of socket.events) {
          types.push(type)
          if (type === 'disconnect') break
        }
        return types.slice(-2)
      })
      await server.bind('tcp://127.0.0.1:*')
      client.connect(server.lastEndpoint as string)
      for (const types of heard) expect(await types).toEqual(['handshake:error:protocol', 'disconnect'])
    }))

  it('a handshake that is broken off has a code and a number', () =>
    withSockets(async open => {
      const pull = open(new zmq.Pull())
      const { events } = pull
      await pull.bind('tcp://127.0.0.1:*')
      const client = connectTcp(Number(pull.lastEndpoint?.split(':').at(-1)), '127.0.0.1')
      client.end()
      client.resume()
      for await (const event of events)
        if (event.type === 'handshake:error:other') {
          expect(event.error).toMatchObject({ code: 'EPIPE', errno: 32, message: 'Broken pipe' })
          return
        }
    }))
})

describe('a ZAP handler', () => {
  type Answer = (request: readonly Buffer[]) => readonly (Buffer | string | null)[]
  const answers: readonly [name: string, answer: Answer, event: object][] = [
    [
      'that refuses',
      ([path = null, , version = null, id = null]) => [path, null, version, id, '400', 'not you', null, null],
      {
        type: 'handshake:error:auth',
        error: { message: 'Authentication failure', status: 400, detail: 'not you' },
      },
    ],
    [
      'of another version (RFC 27)',
      ([path = null, , , id = null]) => [path, null, '9.9', id, '200', 'OK', null, null],
      {
        type: 'handshake:error:protocol',
        error: { message: 'ZAP protocol error', code: 'ERR_ZAP_BAD_VERSION' },
      },
    ],
    [
      'that says too little',
      ([path = null]) => [path, null, null, null],
      { type: 'handshake:error:protocol', error: { code: 'ERR_ZAP_MALFORMED_REPLY' } },
    ],
    [
      'that answers another question',
      ([path = null, , version = null]) => [path, null, version, '999999', '200', 'OK', null, null],
      { type: 'handshake:error:protocol', error: { code: 'ERR_ZAP_BAD_REQUEST_ID' } },
    ],
    [
      'with a status of its own',
      ([path = null, , version = null, id = null]) => [path, null, version, id, '201', 'OK', null, null],
      { type: 'handshake:error:protocol', error: { code: 'ERR_ZAP_INVALID_STATUS_CODE' } },
    ],
    [
      'with broken properties',
      ([path = null, , version = null, id = null]) => [path, null, version, id, '200', 'OK', null, '\x05ab'],
      { type: 'handshake:error:protocol', error: { code: 'ERR_ZAP_INVALID_METADATA' } },
    ],
  ]
  it.each(answers)('%s', (_name, answer, event) =>
    withSockets(async open => {
      const context = new zmq.Context()
      const handler = open(new zmq.Router({ context }))
      await handler.bind('inproc://zeromq.zap.01')
      const server = open(new zmq.Pull({ context, plainServer: true, zapDomain: 'test' }))
      const { events } = server
      await server.bind('tcp://127.0.0.1:*')
      const client = open(new zmq.Push({ context, plainUsername: 'someone', reconnectInterval: -1 }))
      client.connect(server.lastEndpoint as string)
      await handler.send([...answer(await handler.receive())])
      for await (const one of events)
        if (one.type.startsWith('handshake')) return expect(one).toMatchObject(event)
      throw new Error('the handshake came to no end')
    }),
  )

  it.each([
    ['that can not say yet (300)', '300'],
    ['that is not there yet', undefined],
  ])('%s is asked again, for the peer comes again', (_name, status) =>
    withSockets(async open => {
      const context = new zmq.Context()
      const handler = open(new zmq.Router({ context }))
      const server = open(new zmq.Pull({ context, plainServer: true, zapDomain: 'test' }))
      const { events } = server
      await server.bind('tcp://127.0.0.1:*')
      const client = open(new zmq.Push({ context, plainUsername: 'someone', reconnectInterval: 5 }))
      const reply = async (code: string): Promise<void> => {
        const [path = null, , version = null, id = null] = await handler.receive()
        await handler.send([path, null, version, id, code, '', null, null])
      }
      if (status !== undefined) await handler.bind('inproc://zeromq.zap.01')
      client.connect(server.lastEndpoint as string)
      if (status !== undefined) await reply(status)
      const failed = status === undefined ? 'handshake:error:other' : 'handshake:error:auth'
      for await (const event of events) if (event.type === failed) break
      if (status === undefined) await handler.bind('inproc://zeromq.zap.01')
      const sent = client.send('at last')
      await reply('200')
      await sent
      expect(String(await server.receive())).toBe('at last')
    }),
  )
})

describe('the end of a process', () => {
  const ends: readonly [name: string, program: string, ends: boolean][] = [
    ['idle sockets do not hold it', "await (new zmq.Reply()).bind('tcp://127.0.0.1:*')", true],
    ['nor do connections', 'const [a, b] = await two(); await a.send("x"); await b.receive()', true],
    ['a receive that waits does', 'const [a] = await two(); void a.receive()', false],
    ['listeners to events do', 'new zmq.Reply().events.on("bind", () => {})', false],
    ['messages that nobody has taken do', 'await nobody({}).send("x")', false],
    ['but not beyond linger', 'await nobody({ linger: 50 }).send("x")', true],
    ['nor when they are to be lost', 'await nobody({ linger: 0 }).send("x")', true],
    [
      'closing holds as long as its linger',
      'const p = nobody({ linger: 50 }); await p.send("x"); p.close()',
      true,
    ],
  ]
  const before = `
    const zmq = await import('posthorn/zeromq')
    const nobody = options => {
      const push = new zmq.Push(options)
      push.connect('tcp://127.0.0.1:9')
      return push
    }
    const two = async () => {
      const [a, b] = [new zmq.Dealer(), new zmq.Dealer()]
      await a.bind('tcp://127.0.0.1:*')
      b.connect(a.lastEndpoint)
      return [a, b]
    }
  `
  it.each(ends)('%s', async (_name, program, isToEnd) => {
    const child = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `${before}${program}; console.log('done')`,
    ])
    const ended = new Promise<string>(resolve => child.once('exit', code => resolve(`exit ${code}`)))
    await Promise.race([ended, new Promise(resolve => child.stdout.once('data', resolve))])
    // A process that is held says nothing: that it still answers a signal after a while is all that can be seen.
    const held = new Promise<string>(resolve => setTimeout(resolve, isToEnd ? 5000 : 300, 'held'))
    expect(await Promise.race([ended, held])).toBe(isToEnd ? 'exit 0' : 'held')
    child.kill()
  })

  it('a message to a peer that comes late is not lost', async () => {
    const pull = new zmq.Pull()
    await pull.bind('tcp://127.0.0.1:*')
    const address = pull.lastEndpoint as string
    const program = `${before}; const push = new zmq.Push(); push.connect('${address}'); await push.send('last words')`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program])
    const ended = new Promise(resolve => child.once('exit', resolve))
    expect(String(await pull.receive())).toBe('last words')
    expect(await ended).toBe(0)
    pull.close()
  })
})
