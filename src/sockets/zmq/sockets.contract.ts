// What sockets do whatever is between them: the contract of each transport.

import { describe, expect, it } from 'vitest'
import {
  Dealer,
  Pair,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  Subscriber,
  XPublisher,
  XSubscriber,
} from './index.ts'

type Open = <S extends Socket>(socket: S) => S

/** Runs with sockets that are closed afterwards. */
export async function withSockets(run: (open: Open) => Promise<void>): Promise<void> {
  const sockets: Socket[] = []
  try {
    await run(socket => {
      socket.linger = 0
      sockets.push(socket)
      return socket
    })
  } finally {
    await Promise.all(sockets.map(socket => socket[Symbol.asyncDispose]()))
  }
}

const text = (parts: readonly Buffer[]): string[] => parts.map(String)

/** `address` gives another place each time. */
export function socketsContract(name: string, address: () => string): void {
  describe(`sockets over ${name}`, () => {
    const join = async (bound: Socket, connected: Socket): Promise<void> => {
      await bound.bind(address())
      connected.connect(bound.lastEndpoint as string)
    }

    it('PUSH and PULL: in order, one frame and many, empty and large', () =>
      withSockets(async open => {
        const [push, pull] = [open(new Push()), open(new Pull())]
        await join(push, pull)
        const large = Buffer.alloc(300_000, 'x')
        for (const message of ['one', ['a', '', 'c'], null, 42, [large, 'end']]) await push.send(message)
        expect(text(await pull.receive())).toEqual(['one'])
        expect(text(await pull.receive())).toEqual(['a', '', 'c'])
        expect(text(await pull.receive())).toEqual([''])
        expect(text(await pull.receive())).toEqual(['42'])
        const [body, end] = await pull.receive()
        expect([body?.equals(large), String(end)]).toEqual([true, 'end'])
      }))

    it('connecting before somebody has bound', () =>
      withSockets(async open => {
        const place = address().replace(/\*$/, String(20_000 + Math.floor(Math.random() * 10_000)))
        const [push, pull] = [open(new Push({ reconnectInterval: 10 })), open(new Pull())]
        push.connect(place)
        await push.send('early')
        await pull.bind(place)
        expect(text(await pull.receive())).toEqual(['early'])
      }))

    it('REQ and REP in turn; out of turn is EFSM', () =>
      withSockets(async open => {
        const [rep, req] = [open(new Reply()), open(new Request())]
        await join(rep, req)
        await expect(req.receive()).rejects.toMatchObject({ code: 'EFSM' })
        for (const question of ['1', '2']) {
          await req.send(question)
          await expect(req.send('again')).rejects.toMatchObject({ code: 'EFSM', errno: 156_384_763 })
          expect(text(await rep.receive())).toEqual([question])
          await rep.send(['answer', question])
          expect(text(await req.receive())).toEqual(['answer', question])
        }
        await expect(rep.send('nobody asked')).rejects.toMatchObject({ code: 'EFSM' })
      }))

    it('DEALER and ROUTER: by id, given or made', () =>
      withSockets(async open => {
        const [router, dealer, other] = [
          open(new Router()),
          open(new Dealer({ routingId: 'me' })),
          open(new Dealer()),
        ]
        await join(router, dealer)
        other.connect(router.lastEndpoint as string)
        await dealer.send('hello')
        expect(text(await router.receive())).toEqual(['me', 'hello'])
        await other.send(['x', 'y'])
        const [id, ...rest] = await router.receive()
        expect([id?.length, id?.[0], text(rest)]).toEqual([5, 0, ['x', 'y']])
        await router.send(['me', 'to me'])
        await router.send([id as Buffer, 'to you'])
        expect([text(await dealer.receive()), text(await other.receive())]).toEqual([['to me'], ['to you']])
      }))

    it('ROUTER: nobody there is silence, or EHOSTUNREACH when mandatory', () =>
      withSockets(async open => {
        const router = open(new Router())
        await router.bind(address())
        await router.send(['nobody', 'x'])
        router.mandatory = true
        await expect(router.send(['nobody', 'x'])).rejects.toMatchObject({ code: 'EHOSTUNREACH', errno: 113 })
      }))

    it('XPUB and SUB: subscriptions arrive, are counted, and decide', () =>
      withSockets(async open => {
        const [xpub, sub] = [open(new XPublisher()), open(new Subscriber())]
        sub.subscribe('a', 'bb')
        sub.subscribe('a')
        await join(xpub, sub)
        const asked = [...text(await xpub.receive()), ...text(await xpub.receive())].sort()
        expect(asked).toEqual(['\x01a', '\x01bb'])
        for (const topic of ['b', 'a1', 'c', 'bb2']) await xpub.send([topic, 'body'])
        expect([text(await sub.receive()), text(await sub.receive())]).toEqual([
          ['a1', 'body'],
          ['bb2', 'body'],
        ])
        sub.unsubscribe('a')
        sub.unsubscribe('a')
        expect(text(await xpub.receive())).toEqual(['\x00a'])
        await xpub.send('a2')
        await xpub.send('bb3')
        expect(text(await sub.receive())).toEqual(['bb3'])
      }))

    it('XSUB subscribes by messages', () =>
      withSockets(async open => {
        const [xpub, xsub] = [open(new XPublisher()), open(new XSubscriber())]
        await join(xpub, xsub)
        await xsub.send('\x01t')
        expect(text(await xpub.receive())).toEqual(['\x01t'])
        await xpub.send('topic')
        expect(text(await xsub.receive())).toEqual(['topic'])
      }))

    it('a publisher that awaits loses nothing that an awake subscriber could take', () =>
      withSockets(async open => {
        const [xpub, sub] = [open(new XPublisher()), open(new Subscriber())]
        sub.subscribe()
        await join(xpub, sub)
        await xpub.receive()
        const count = 20_000
        const taking = (async () => {
          for (let seen = 0; seen < count; seen++)
            if (String((await sub.receive())[0]) !== `m${seen}`) return `lost ${seen}`
          return 'all'
        })()
        for (let at = 0; at < count; at++) await xpub.send(`m${at}`)
        expect(await taking).toBe('all')
      }))

    it('PAIR both ways; a second peer is sent away', () =>
      withSockets(async open => {
        const [one, other] = [open(new Pair()), open(new Pair())]
        await join(one, other)
        await one.send('there')
        await other.send('back')
        expect([text(await other.receive()), text(await one.receive())]).toEqual([['there'], ['back']])
      }))

    it('PUSH goes by turns, and PULL takes fairly', () =>
      withSockets(async open => {
        const push = open(new Push())
        const { events } = push
        await push.bind(address())
        const pulls = [open(new Pull()), open(new Pull())]
        for (const pull of pulls) pull.connect(push.lastEndpoint as string)
        // Within the process a peer is there at once, and no event tells of it (zmq_socket_monitor(3)).
        if (!push.lastEndpoint?.startsWith('inproc:'))
          for (let peers = 0; peers < pulls.length; )
            if ((await events.receive()).type === 'handshake') peers++
        for (let at = 0; at < 10; at++) await push.send(String(at))
        const counts = await Promise.all(
          pulls.map(async pull => {
            const got = []
            while (got.length < 5) got.push(...text(await pull.receive()))
            return got.length
          }),
        )
        expect(counts).toEqual([5, 5])
      }))

    it('the high-water mark makes a sender wait, and a timeout ends the waiting', () =>
      withSockets(async open => {
        const [push, pull] = [
          open(new Push({ sendHighWaterMark: 5 })),
          open(new Pull({ receiveHighWaterMark: 5 })),
        ]
        await join(push, pull)
        await push.send('the peer is there')
        await pull.receive()
        push.sendTimeout = 20
        const send = async (): Promise<number> => {
          for (let sent = 0; ; sent++) {
            try {
              await push.send(Buffer.alloc(200_000))
            } catch (error) {
              expect(error).toMatchObject({
                code: 'EAGAIN',
                message: 'Operation was not possible or timed out',
              })
              return sent
            }
          }
        }
        const sent = await send()
        expect(sent).toBeGreaterThanOrEqual(5)
        push.sendTimeout = -1
        const waiting = push.send('last')
        for (let at = 0; at < sent; at++) await pull.receive()
        await waiting
        expect(text(await pull.receive())).toEqual(['last'])
      }))

    it('close ends waiting calls and iterations', () =>
      withSockets(async open => {
        const [push, pull] = [open(new Push()), open(new Pull())]
        const iterated = (async () => {
          for await (const _ of pull) throw new Error('nothing was sent')
          return 'ended'
        })()
        const sending = push.send('nobody')
        await Promise.resolve()
        pull.close()
        push.close()
        expect(await iterated).toBe('ended')
        await expect(sending).rejects.toMatchObject({ code: 'EAGAIN' })
        await expect(pull.receive()).rejects.toMatchObject({ code: 'EBADF', message: 'Socket is closed' })
      }))
  })
}
