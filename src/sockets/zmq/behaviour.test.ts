// What the options do, the drafts, security with a handler, proxies, and what happens when peers misbehave.

import { connect as connectTcp, createServer, type Socket as TcpSocket } from 'node:net'
import { describe, expect, it } from 'vitest'
import * as zmq from './index.ts'
import { coreOf } from './socket.ts'
import { withSockets } from './sockets.contract.ts'

const text = (parts: readonly unknown[]): string[] => parts.map(String)

async function join(bound: zmq.Socket, connected: zmq.Socket, address = 'tcp://127.0.0.1:*'): Promise<void> {
  await bound.bind(address)
  connected.connect(bound.lastEndpoint as string)
}

/** The first event of the type. */
async function event(socket: zmq.Socket, type: zmq.EventType): Promise<zmq.Event> {
  for await (const one of socket.events) if (one.type === type) return one
  throw new Error(`no ${type}`)
}

async function raw(endpoint: string | null): Promise<TcpSocket> {
  const socket = connectTcp(Number(endpoint?.split(':').at(-1)), '127.0.0.1')
  socket.on('error', () => {})
  await new Promise(resolve => socket.once('connect', resolve))
  return socket
}

describe('drafts', () => {
  it('CLIENT and SERVER by number', () =>
    withSockets(async open => {
      const [server, client] = [open(new zmq.Server()), open(new zmq.Client())]
      await join(server, client)
      await client.send('ask')
      const [body, details] = await server.receive()
      expect(String(body)).toBe('ask')
      await server.send('answer', details)
      expect(text(await client.receive())).toEqual(['answer'])
      await expect(server.send('x', { routingId: 1 + details.routingId })).rejects.toMatchObject({
        code: 'EHOSTUNREACH',
      })
    }))

  it('SCATTER to GATHER, CHANNEL, PEER; more than one part is refused', () =>
    withSockets(async open => {
      const [scatter, gather] = [open(new zmq.Scatter()), open(new zmq.Gather())]
      await join(scatter, gather)
      await scatter.send('x')
      expect(text(await gather.receive())).toEqual(['x'])
      await expect(scatter.send(['a', 'b'] as never)).rejects.toMatchObject({ code: 'EINVAL' })
      const [one, other] = [open(new zmq.Channel()), open(new zmq.Channel())]
      await join(one, other)
      await other.send('there')
      expect(text(await one.receive())).toEqual(['there'])
    }))

  it.each(['tcp://127.0.0.1:*', 'inproc://radio'])('RADIO to DISH by group over %s', address =>
    withSockets(async open => {
      const [radio, dish] = [open(new zmq.Radio()), open(new zmq.Dish())]
      dish.join('news')
      await join(dish, radio, address)
      const got = dish.receive()
      const sending = setInterval(() => {
        void radio.send('no', { group: 'other' })
        void radio.send('yes', { group: 'news' })
      }, 5)
      const [body, details] = await got
      clearInterval(sending)
      expect([String(body), String(details.group)]).toEqual(['yes', 'news'])
    }),
  )

  it('RADIO to DISH over UDP', () =>
    withSockets(async open => {
      const [radio, dish] = [open(new zmq.Radio()), open(new zmq.Dish())]
      dish.join('g')
      await join(dish, radio, 'udp://127.0.0.1:*')
      const got = dish.receive()
      const sending = setInterval(() => void radio.send('over', { group: 'g' }), 5)
      expect(String((await got)[0])).toBe('over')
      clearInterval(sending)
    }))
})

describe('options', () => {
  it('conflate keeps the last message', () =>
    withSockets(async open => {
      const [push, pull] = [open(new zmq.Push()), open(new zmq.Pull({ conflate: true }))]
      await join(pull, push)
      for (let at = 0; at < 10; at++) await push.send(String(at))
      await expect.poll(() => pull.readable).toBe(true)
      await push.send('last')
      await expect.poll(async () => String(await pull.receive())).toBe('last')
    }))

  it('handover gives the id to the newer peer; without it the newer is sent away', () =>
    withSockets(async open => {
      const router = open(new zmq.Router({ handover: true, mandatory: true }))
      const [one, other] = [
        open(new zmq.Dealer({ routingId: 'id' })),
        open(new zmq.Dealer({ routingId: 'id' })),
      ]
      await join(router, one)
      await one.send('1')
      await router.receive()
      other.connect(router.lastEndpoint as string)
      await other.send('2')
      expect(text(await router.receive())).toEqual(['id', '2'])
      await router.send(['id', 'to the newer'])
      expect(text(await other.receive())).toEqual(['to the newer'])
    }))

  it('probeRouter, invertMatching, welcomeMessage, verbosity and manual', () =>
    withSockets(async open => {
      const [router, dealer] = [
        open(new zmq.Router()),
        open(new zmq.Dealer({ probeRouter: true, routingId: 'p' })),
      ]
      await join(router, dealer)
      expect(text(await router.receive())).toEqual(['p', ''])
      const xpub = open(new zmq.XPublisher({ manual: true, welcomeMessage: 'hello' }))
      const sub = open(new zmq.Subscriber())
      sub.subscribe('hello', 'A')
      await join(xpub, sub)
      const asked = [text(await xpub.receive()), text(await xpub.receive())].flat()
      expect(asked).toContain('\x01A')
      xpub.subscribe('A')
      await xpub.send('B')
      await xpub.send('A1')
      expect(text(await sub.receive())).toEqual(['hello'])
      expect(text(await sub.receive())).toEqual(['A1'])
    }))

  it('REQ, relaxed and correlating, takes the reply to its last request', () =>
    withSockets(async open => {
      const [router, req] = [
        open(new zmq.Router()),
        open(new zmq.Request({ relaxed: true, correlate: true })),
      ]
      await join(router, req)
      await req.send('1')
      const first = await router.receive()
      await req.send('2')
      const second = await router.receive()
      await router.send([...first.slice(0, -1), 'late'])
      await router.send([...second.slice(0, -1), 'right'])
      expect(text(await req.receive())).toEqual(['right'])
    }))

  it('REQ, relaxed alone, throws away what had come when it asks again', () =>
    withSockets(async open => {
      const [router, req] = [open(new zmq.Router()), open(new zmq.Request({ relaxed: true }))]
      await join(router, req)
      await req.send('1')
      const [id = null] = await router.receive()
      await router.send([id, '', 'late'])
      while (!req.readable) await new Promise(setImmediate)
      await req.send('2')
      await router.receive()
      await router.send([id, '', 'right'])
      expect(text(await req.receive())).toEqual(['right'])
    }))

  it.each(['tcp://127.0.0.1:*', 'inproc://given'])('the id given to connect holds over %s', address =>
    withSockets(async open => {
      const bound = open(new zmq.Router({ routingId: 'its own' }))
      const router = open(new zmq.Router({ routingId: 'me' }))
      await bound.bind(address)
      router.connect(bound.lastEndpoint as string, { routingId: 'given' })
      await router.send(['given', 'there'])
      expect(text(await bound.receive())).toEqual(['me', 'there'])
      await bound.send(['me', 'back'])
      expect(text(await router.receive())).toEqual(['given', 'back'])
    }),
  )

  it.each(['tcp://127.0.0.1:*', 'inproc://again'])(
    'a verbose XPUB hears of each subscription over %s',
    address =>
      withSockets(async open => {
        const [xpub, sub] = [open(new zmq.XPublisher()), open(new zmq.Subscriber())]
        xpub.verbosity = 'allSubs'
        sub.subscribe('first')
        await join(xpub, sub, address)
        await xpub.receive() // what is subscribed to before a connection is there is said once
        sub.subscribe('A', 'A')
        sub.unsubscribe('A', 'A')
        const heard = [await xpub.receive(), await xpub.receive(), await xpub.receive()]
        expect(heard.map(text)).toEqual([['\x01A'], ['\x01A'], ['\x00A']])
        await xpub.send('A')
        expect(xpub.readable).toBe(false)
      }),
  )

  it('one cancel ends what was subscribed to twice, as libzmq says it', () =>
    withSockets(async open => {
      const [xpub, xsub] = [open(new zmq.XPublisher()), open(new zmq.XSubscriber())]
      xpub.verbosity = 'allSubs'
      await join(xpub, xsub)
      await xsub.send('\x01first')
      await xpub.receive()
      for (const note of ['\x01A', '\x01A', '\x00A', '\x00A', '\x01B']) await xsub.send(note)
      const heard = []
      for (let count = 0; count < 4; count++) heard.push(...text(await xpub.receive()))
      expect(heard).toEqual(['\x01A', '\x01A', '\x00A', '\x01B'])
    }))

  it('a manual XPUB subscribes by the numbers of zmq.h, too', () =>
    withSockets(async open => {
      class Manual extends zmq.XPublisher {
        subscribeLast(prefix: string): void {
          this.setStringOption(6, prefix)
        }
        cancelLast(prefix: string): void {
          this.setStringOption(7, prefix)
        }
      }
      const [xpub, xsub] = [
        open(new Manual({ manual: true })),
        open(new zmq.XSubscriber({ receiveTimeout: 20 })),
      ]
      await join(xpub, xsub, 'inproc://manual')
      await xsub.send('\x01A')
      await xpub.receive()
      xpub.subscribeLast('B')
      await xpub.send('A')
      await xpub.send('B1')
      expect(text(await xsub.receive())).toEqual(['B1'])
      xpub.cancelLast('B')
      await xpub.send('B2')
      await expect(xsub.receive()).rejects.toMatchObject({ code: 'EAGAIN' })
    }))

  it('marks that are lowered hold within the process at once', () =>
    withSockets(async open => {
      const push = open(new zmq.Push({ sendHighWaterMark: 100, sendTimeout: 0 }))
      const pull = open(new zmq.Pull({ receiveHighWaterMark: 1 }))
      await join(pull, push, 'inproc://marks')
      const fill = async (): Promise<number> => {
        for (let count = 0; ; count++)
          try {
            await push.send('x')
          } catch {
            return count
          }
      }
      expect(await fill()).toBe(101)
      push.sendHighWaterMark = 70
      for (let count = 0; count < 101; count++) await pull.receive()
      expect(await fill()).toBe(71)
    }))

  it('linger sends what waits before the end', () =>
    withSockets(async open => {
      const [push, pull] = [open(new zmq.Push()), open(new zmq.Pull())]
      await join(pull, push)
      push.linger = 5000
      for (let at = 0; at < 500; at++) await push.send(Buffer.alloc(5000, at))
      push.close()
      for (let at = 0; at < 500; at++) expect((await pull.receive())[0]?.[0]).toBe(at & 255)
    }))

  it('STREAM speaks with what knows nothing of ZeroMQ', () =>
    withSockets(async open => {
      const stream = open(new zmq.Stream())
      await stream.bind('tcp://127.0.0.1:*')
      const peer = await raw(stream.lastEndpoint)
      const [id, hello] = await stream.receive()
      expect(hello.length).toBe(0)
      peer.write('ping')
      expect(String((await stream.receive())[1])).toBe('ping')
      const answer = new Promise(resolve => peer.once('data', resolve))
      await stream.send([id, 'pong'])
      expect(String(await answer)).toBe('pong')
      peer.destroy()
      expect((await stream.receive())[1].length).toBe(0)
    }))

  it('what can not be done is said', () => {
    expect(() => new zmq.Push({ socksProxy: 'here:1' })).toThrow('socksProxy')
    expect(() => new zmq.Push().connect('tcp://nowhere')).toThrow(expect.objectContaining({ code: 'EINVAL' }))
    expect(() => new zmq.Push().connect('foo://x')).toThrow(
      expect.objectContaining({ code: 'EPROTONOSUPPORT', address: 'foo://x' }),
    )
    expect(() => new zmq.Push().disconnect('tcp://127.0.0.1:1')).toThrow('No such endpoint')
  })
})

describe('ZAP', () => {
  it('a handler lets in and refuses; both sides hear of it', () =>
    withSockets(async open => {
      const context = new zmq.Context()
      const handler = open(new zmq.Reply({ context }))
      await handler.bind('inproc://zeromq.zap.01')
      const asked: string[] = []
      void (async () => {
        for await (const [version = '', id = '', domain, , , mechanism, name, password] of handler) {
          asked.push([domain, mechanism, name, password].join(' '))
          await handler.send([version, id, String(password) === 'right' ? '200' : '400', 'text', 'uid', ''])
        }
      })()
      const pull = open(new zmq.Pull({ context, plainServer: true, zapDomain: 'here' }))
      await pull.bind('tcp://127.0.0.1:*')
      const wrong = open(new zmq.Push({ plainUsername: 'u', plainPassword: 'wrong' }))
      const refused = event(wrong, 'handshake:error:auth')
      wrong.connect(pull.lastEndpoint as string)
      expect(await refused).toMatchObject({ error: { status: 400 } })
      const right = open(new zmq.Push({ plainUsername: 'u', plainPassword: 'right' }))
      right.connect(pull.lastEndpoint as string)
      await right.send('in')
      expect(text(await pull.receive())).toEqual(['in'])
      expect(asked).toEqual(['here PLAIN u wrong', 'here PLAIN u right'])
    }))

  it('PLAIN without a handler lets nobody in', () =>
    withSockets(async open => {
      const pull = open(new zmq.Pull({ context: new zmq.Context(), plainServer: true }))
      const push = open(new zmq.Push({ plainUsername: 'u', plainPassword: 'p' }))
      const failed = event(pull, 'handshake:error:other')
      await join(pull, push)
      expect(await failed).toMatchObject({ error: { code: 'EFAULT', message: 'there is no ZAP handler' } })
    }))

  it('mechanisms that differ end the handshake', () =>
    withSockets(async open => {
      const pull = open(new zmq.Pull())
      const push = open(new zmq.Push({ plainUsername: 'u', plainPassword: 'p' }))
      const refused = event(push, 'handshake:error:protocol')
      await join(pull, push)
      expect(await refused).toMatchObject({ error: { code: 'ERR_ZMTP_MECHANISM_MISMATCH' } })
    }))
})

describe('proxies', () => {
  it('a queue with a copy and counts; pause, resume, terminate', () =>
    withSockets(async open => {
      const [front, back] = [open(new zmq.Router()), open(new zmq.Dealer())]
      const [spy, copies] = [open(new zmq.Push()), open(new zmq.Pull())]
      await join(spy, copies, 'inproc://copies')
      const [req, rep] = [open(new zmq.Request()), open(new zmq.Reply())]
      await join(front, req)
      await join(back, rep)
      const proxy = new zmq.Proxy(front, back, { capture: spy })
      const running = proxy.run()
      await req.send('q')
      await rep.send(await rep.receive())
      expect(text(await req.receive())).toEqual(['q'])
      expect((await copies.receive()).length).toBe(3)
      expect(proxy.statistics.frontEnd).toMatchObject({ received: { messages: 1 }, sent: { messages: 1 } })
      proxy.pause()
      await req.send('later')
      proxy.resume()
      expect(text(await rep.receive())).toEqual(['later'])
      proxy.terminate()
      await running
      expect([front.closed, back.closed]).toEqual([true, true])
    }))
})

describe('older peers, by their captured bytes', () => {
  it.each([
    ['2.0 (libzmq 3.2)', 'ff00000000000000017f 01 08 0000', '00016f 0101 61 000162'],
    [
      '3.0 (libzmq 4.1)',
      `ff00000000000000017f 0300 4e554c4c${'00'.repeat(48)} 041a0552454144590b536f636b65742d547970650000000450555348`,
      '00016f 0101 61 000162',
    ],
  ])('a PUSH of %s is read', (_, greeting, messages) =>
    withSockets(async open => {
      const pull = open(new zmq.Pull())
      await pull.bind('tcp://127.0.0.1:*')
      const peer = await raw(pull.lastEndpoint)
      peer.write(Buffer.from(`${greeting}${messages}`.replaceAll(' ', ''), 'hex'))
      expect([text(await pull.receive()), text(await pull.receive())]).toEqual([['o'], ['a', 'b']])
      peer.destroy()
    }),
  )

  it('a publisher of 2.0 is subscribed to by a message', () =>
    withSockets(async open => {
      const sub = open(new zmq.Subscriber())
      sub.subscribe('ab')
      await sub.bind('tcp://127.0.0.1:*')
      const peer = await raw(sub.lastEndpoint)
      let said = Buffer.alloc(0)
      peer.on('data', (chunk: Buffer) => {
        said = Buffer.concat([said, chunk])
      })
      peer.write(Buffer.from('ff00000000000000017f01010000', 'hex'))
      // Signature and version, our type (SUB) and an empty routing id, then the subscription.
      await expect.poll(() => said.toString('hex')).toBe('ff00000000000000017f030200000003016162')
      peer.destroy()
    }))
})

describe('faults', () => {
  it.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['zeros', Buffer.alloc(200)],
    [
      'a greeting, then a huge command',
      Buffer.from(`ff00000000000000017f03014e554c4c${'00'.repeat(48)}06ffffffffffffffff`, 'hex'),
    ],
  ])('garbage instead of a greeting (%s) is an event, and others are served', (_, bytes) =>
    withSockets(async open => {
      const [pull, push] = [open(new zmq.Pull()), open(new zmq.Push())]
      await pull.bind('tcp://127.0.0.1:*')
      const failed = event(pull, 'handshake:error:protocol')
      const stranger = await raw(pull.lastEndpoint)
      stranger.write(bytes)
      expect(await failed).toMatchObject({ type: 'handshake:error:protocol' })
      push.connect(pull.lastEndpoint as string)
      await push.send('still here')
      expect(text(await pull.receive())).toEqual(['still here'])
      stranger.destroy()
    }),
  )

  it('a frame above maxMessageSize ends that connection', () =>
    withSockets(async open => {
      const pull = open(new zmq.Pull({ maxMessageSize: 100 }))
      const push = open(new zmq.Push({ reconnectInterval: 5 }))
      await join(pull, push)
      const gone = event(pull, 'disconnect')
      await push.send(Buffer.alloc(101))
      await gone
    }))

  it('a peer that is killed in mid-message is forgotten, with the half of it', () =>
    withSockets(async open => {
      const pull = open(new zmq.Pull())
      await pull.bind('tcp://127.0.0.1:*')
      const ready = event(pull, 'handshake')
      const peer = await raw(pull.lastEndpoint)
      const nul = `ff00000000000000017f03014e554c4c${'00'.repeat(48)}`
      const hello = `041a05524541445 90b536f636b65742d5479706500000004 50555348`.replaceAll(' ', '')
      peer.write(Buffer.from(`${nul}${hello}`, 'hex'))
      await ready
      const gone = event(pull, 'disconnect')
      peer.write(Buffer.from('010161 02000000000000ffff 6161'.replaceAll(' ', ''), 'hex'))
      peer.destroy()
      await gone
      expect(pull.readable).toBe(false)
    }))

  // JeroMQ, and libzmq from 4.2 to 4.3.2, say 3.0 and know heartbeats.
  it.each(['3.1', '3.0'])('a silent peer of ZMTP %s is found out by heartbeats', version =>
    withSockets(async open => {
      const silent = createServer(socket => {
        socket.on('error', () => {})
        const nul = `ff00000000000000017f0${version.replace('.', '0')}4e554c4c${'00'.repeat(48)}`
        socket.write(
          Buffer.from(`${nul}041a05524541445${'9'}0b536f636b65742d547970650000000450554c4c`, 'hex'),
        )
      })
      await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
      const address = silent.address()
      const push = open(new zmq.Push({ heartbeatInterval: 20, heartbeatTimeout: 20 }))
      const gone = event(push, 'disconnect')
      push.connect(`tcp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`)
      await gone
      silent.close()
    }),
  )

  it('a subscriber that does not read loses messages and holds nobody up', () =>
    withSockets(async open => {
      const xpub = open(new zmq.XPublisher({ sendHighWaterMark: 10 }))
      const [slow, quick] = [
        open(new zmq.Subscriber({ receiveHighWaterMark: 10 })),
        open(new zmq.Subscriber()),
      ]
      for (const sub of [slow, quick]) {
        sub.subscribe()
        if (sub === slow) await join(xpub, sub)
        else sub.connect(xpub.lastEndpoint as string)
      }
      xpub.verbosity = 'allSubs'
      await xpub.receive()
      await event(xpub, 'handshake')
      let seen = 0
      void (async () => {
        for await (const _ of quick) seen++
      })()
      for (let at = 0; at < 300; at++) await xpub.send(Buffer.alloc(100_000))
      await expect.poll(() => seen).toBeGreaterThan(20)
    }))

  it('a thousand connects and closes leave nothing behind', () =>
    withSockets(async open => {
      const context = new zmq.Context()
      const pull = open(new zmq.Pull({ context }))
      await pull.bind('tcp://127.0.0.1:*')
      for (let round = 0; round < 20; round++) {
        const pushes = Array.from({ length: 50 }, () => new zmq.Push({ context, linger: 0 }))
        for (const push of pushes) push.connect(pull.lastEndpoint as string)
        if (round % 2 === 0) await pushes[0]?.send('x')
        await Promise.all(pushes.map(push => push[Symbol.asyncDispose]()))
      }
      expect(coreOf(pull).context.sockets.size).toBe(1)
    }))

  it('a server that comes and goes is found again', () =>
    withSockets(async open => {
      const push = open(new zmq.Push({ reconnectInterval: 5 }))
      let pull = open(new zmq.Pull())
      await join(pull, push)
      const place = pull.lastEndpoint as string
      for (const name of ['1', '2', '3']) {
        await push.send(name)
        expect(text(await pull.receive())).toEqual([name])
        await pull[Symbol.asyncDispose]()
        pull = open(new zmq.Pull())
        await pull.bind(place)
        await event(pull, 'handshake')
      }
    }))
})
