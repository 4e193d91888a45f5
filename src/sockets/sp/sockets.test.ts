// The eleven sockets in one process: what each protocol promises, by name of its page in nng's manual. Time is a manual
// world's; peers meet over inproc, and over TCP where bytes of the wire matter.

import { afterEach, describe, expect, it } from 'vitest'
import { inprocNames } from '../../transport/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { device } from './device.ts'
import { SpError } from './errors.ts'
import { spLimits } from './limits.ts'
import type { SpOptions } from './options.ts'
import type { SpSocket } from './socket.ts'
import { Bus, Pair0, Pair1, Pub, Pull, Push, Rep, Req, Respondent, Sub, Surveyor } from './sockets.ts'

const open: SpSocket[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.abort()
})
function own<T extends SpSocket>(socket: T): T {
  open.push(socket)
  return socket
}

let names = 0
async function turns(until: () => boolean): Promise<void> {
  for (let n = 0; n < 5000 && !until(); n++) await new Promise(setImmediate)
  expect(until()).toBe(true)
}
/** The first listens, the others dial, and all have their pipes. */
async function joined(server: SpSocket, ...clients: SpSocket[]): Promise<void> {
  const { address } = await server.listen(`inproc://sp-test-${names++}`)
  const before = server.pipes.length
  for (const client of clients) await client.dial(address)
  await turns(() => server.pipes.length === before + clients.length)
}
const code = (wanted: string) => expect.objectContaining({ code: wanted })
const texts = (bodies: readonly Buffer[]) => bodies.map(String)

describe('PUSH and PULL', () => {
  it('give messages by turns, and take them fairly', async () => {
    const push = own(new Push())
    const pulls = [own(new Pull()), own(new Pull())]
    await joined(push, ...pulls)
    for (let n = 0; n < 6; n++) await push.send(`${n}`)
    expect(texts(await Promise.all([1, 2, 3].map(() => (pulls[0] as Pull).receive())))).toEqual([
      '0',
      '2',
      '4',
    ])
    expect(texts(await (pulls[1] as Pull).receiveMany(3))).toEqual(['1', '3', '5'])
  })

  it('delivers over inproc what was sent before it closed', async () => {
    const push = own(new Push())
    const pull = own(new Pull())
    await joined(push, pull)
    await push.send('last')
    await push.close()
    expect(String(await pull.receive())).toBe('last')
  })

  it('waits while nobody is there, in order, and a deadline withdraws', async () => {
    const world = new ManualWorld()
    const push = own(new Push({ world, sendTimeoutMs: 100 }))
    const late = expect(push.send('late')).rejects.toEqual(code('ETIMEDOUT'))
    world.advance(100)
    await late
    const sent = ['a', 'b', 'c'].map(text => push.send(text))
    const pull = own(new Pull())
    await joined(pull, push)
    await Promise.all(sent)
    expect(texts([await pull.receive(), await pull.receive(), await pull.receive()])).toEqual(['a', 'b', 'c'])
  })

  it('a send buffer takes so many and no more', async () => {
    const push = own(new Push({ sendBuffer: 2 }))
    await push.send('a')
    await push.send('b')
    await expect(push.send('c', { timeoutMs: 0 })).rejects.toEqual(code('EAGAIN'))
    const pull = own(new Pull())
    await joined(pull, push)
    expect(texts([await pull.receive(), await pull.receive()])).toEqual(['a', 'b'])
  })

  it('stops a sender whose receiver does not take', async () => {
    const push = own(new Push())
    const pull = own(new Pull())
    await joined(pull, push)
    const body = Buffer.alloc(10_000)
    let sent = 0
    for (;;) {
      const outcome = await Promise.race([push.send(body).then(() => 'sent'), idle()])
      if (outcome !== 'sent') break
      sent++
    }
    expect(sent * body.length).toBeLessThan(4 * spLimits.pipeBytesMax)
    for (let n = 0; n < sent; n++) expect((await pull.receive()).length).toBe(body.length)
  })

  it('keeps what a peer sent before it went', async () => {
    const push = own(new Push())
    const pull = own(new Pull())
    await joined(pull, push)
    for (let n = 0; n < 50; n++) await push.send(`${n}`)
    await push.close()
    const all: Buffer[] = []
    while (all.length < 50) all.push(await pull.receive())
    expect(String(all[49])).toBe('49')
    await turns(() => pull.pipes.length === 0)
  })

  it('refuses a peer of another protocol', async () => {
    const faults: Error[] = []
    const pull = own(new Pull({ onFault: error => faults.push(error) }))
    const { address } = await pull.listen(`inproc://sp-test-${names++}`)
    await expect(own(new Req()).dial(address)).rejects.toEqual(code('EPROTO'))
    await turns(() => faults.length === 1)
    expect(faults[0]).toMatchObject({
      code: 'EPROTO',
      message: expect.stringMatching(/pull speaks with push/),
    })
  })
})

/** Loses a race against anything that needs less than some turns of the event loop. */
async function idle(): Promise<'idle'> {
  for (let n = 0; n < 20; n++) await new Promise(setImmediate)
  return 'idle'
}

describe.each([
  ['PAIR0', (options: SpOptions) => new Pair0(options)],
  ['PAIR1', (options: SpOptions) => new Pair1(options)],
] as const)('%s', (_, make) => {
  it('speaks both ways with one peer, and refuses a second', async () => {
    const faults: string[] = []
    const [a, b, c] = [
      own(make({ onFault: error => faults.push(error.message) })),
      own(make({})),
      own(make({})),
    ]
    await joined(a, b)
    await a.send('there')
    expect(String(await b.receive())).toBe('there')
    await b.send('back')
    expect(String(await a.receive())).toBe('back')
    await c.dial(`inproc://sp-test-${names - 1}`, { background: true })
    await turns(() => faults.some(fault => fault.startsWith('EBUSY')))
    expect(a.pipes.length).toBe(1)
  })
})

describe('PAIR1', () => {
  it('polyamorous: answers go to the peer that is named', async () => {
    const hub = own(new Pair1({ polyamorous: true }))
    const [a, b] = [own(new Pair1()), own(new Pair1())]
    await joined(hub, a, b)
    await a.send('from a')
    await b.send('from b')
    for (let n = 0; n < 2; n++) {
      const { body, from } = await hub.receiveFrom()
      await hub.send(`to you, ${body}`, { ...(from && { to: from }) })
    }
    expect(String(await a.receive())).toBe('to you, from a')
    expect(String(await b.receive())).toBe('to you, from b')
    const [pipe] = hub.pipes
    await a.close()
    await turns(() => hub.pipes.length === 1)
    await expect(hub.send('x', { ...(pipe && { to: pipe }) })).rejects.toEqual(code('ECLOSED'))
  })

  it.each([
    [8, 'passes'],
    [1, 'is dropped'],
  ] as const)('with a ttl of %d a message through a device %s', async (ttlMax, outcome) => {
    const [left, right] = [own(new Pair1({ raw: true })), own(new Pair1({ raw: true }))]
    const [a, b] = [own(new Pair1()), own(new Pair1({ ttlMax }))]
    await joined(left, a)
    await joined(right, b)
    void device(left, right)
    await a.send('through')
    const got = await Promise.race([b.receive().then(String), idle()])
    expect(got).toBe(outcome === 'passes' ? 'through' : 'idle')
  })
})

describe('PUB and SUB', () => {
  it('a subscriber gets what begins with its prefixes, each context its own', async () => {
    const pub = own(new Pub())
    const sub = own(new Sub())
    await joined(pub, sub)
    const other = sub.context()
    sub.subscribe('a')
    sub.subscribe('ab')
    other.subscribe('b')
    for (const text of ['a1', 'b1', 'ab1', 'c1']) await pub.send(text)
    expect(texts([await sub.receive(), await sub.receive(), await other.receive()])).toEqual([
      'a1',
      'ab1',
      'b1',
    ])
    expect(() => sub.unsubscribe('nothing')).toThrow(SpError)
    await pub.send('a2')
    await pub.send('ab2')
    await idle()
    sub.unsubscribe('a')
    expect(String(await sub.receive())).toBe('ab2')
  })

  it.each([
    [true, ['8', '9']],
    [false, ['0', '1']],
  ] as const)('a full buffer with preferNew %s keeps %j', async (preferNew, kept) => {
    const pub = own(new Pub())
    const sub = own(new Sub({ receiveBuffer: 2, preferNew }))
    sub.subscribe()
    await joined(pub, sub)
    for (let n = 0; n < 10; n++) {
      await pub.send(`${n}`)
      await idle() // each message is a read of its own
    }
    await pub.send('after')
    await idle()
    const got = texts(await sub.receiveMany(10))
    expect(got).toEqual(expect.arrayContaining([...kept]))
    expect(got.length).toBeLessThanOrEqual(3)
  })

  it('loses nothing to a subscriber that takes as it comes, however fast', async () => {
    const pub = own(new Pub())
    const sub = own(new Sub())
    sub.subscribe()
    await joined(pub, sub)
    const count = 20_000
    const took = (async () => {
      for (let n = 0; n < count; n++) if (String(await sub.receive()) !== `${n}`) return n
      return count
    })()
    for (let n = 0; n < count; n++) await pub.send(`${n}`)
    expect(await took).toBe(count)
  })

  it('a subscriber that takes nothing stops nobody', async () => {
    const pub = own(new Pub())
    const [slow, quick] = [own(new Sub()), own(new Sub())]
    for (const sub of [slow, quick]) sub.subscribe()
    await joined(pub, slow, quick)
    const body = Buffer.alloc(1000)
    const took = (async () => {
      for (let n = 0; n < 2000; n++) await quick.receive()
    })()
    for (let n = 0; n < 2000; n++) await pub.send(body)
    await took
  })
})

describe('REQ and REP', () => {
  it('receives the answer, and does not take asking for more as an error', async () => {
    const rep = own(new Rep())
    const req = own(new Req())
    await joined(rep, req)
    await req.send('?')
    await rep.receive()
    await rep.send('!')
    expect(texts(await req.receiveMany(10))).toEqual(['!'])
  })

  it('answers come to who asked, many at a time', async () => {
    const rep = own(new Rep())
    const req = own(new Req())
    await joined(rep, req)
    const contexts = [rep.context(), rep.context(), rep.context()]
    for (const context of contexts)
      void (async () => {
        for await (const question of context) await context.send(`re ${question}`)
      })()
    const answers = await Promise.all([...'abcdefgh'].map(text => req.request(text)))
    expect(texts(answers)).toEqual([...'abcdefgh'].map(text => `re ${text}`))
  })

  it.each([
    ['receiving before asking', () => own(new Req()).receive()],
    ['answering before receiving', () => own(new Rep()).send('x')],
    ['receiving before a survey', () => own(new Surveyor()).receive()],
    ['answering before a survey', () => own(new Respondent()).send('x')],
  ] as const)('%s is ESTATE', async (_, act) => {
    await expect(act()).rejects.toEqual(code('ESTATE'))
  })

  it('a newer request takes the place of one that waits for a peer', async () => {
    const req = own(new Req())
    const context = req.context()
    const cancelled = [req, context].map(one => expect(one.send('old')).rejects.toEqual(code('ECANCELED')))
    const sent = [req, context].map(one => one.send('new'))
    await Promise.all(cancelled)
    const rep = own(new Rep())
    await joined(rep, req)
    for (let count = 0; count < 2; count++) {
      expect(String(await rep.receive())).toBe('new')
      await rep.send('answer')
    }
    await Promise.all(sent)
    expect(String(await req.receive())).toBe('answer')
    expect(String(await context.receive())).toBe('answer')
  })

  it('a newer request cancels the earlier one', async () => {
    const rep = own(new Rep())
    const req = own(new Req())
    await joined(rep, req)
    await req.send('old')
    const cancelled = expect(req.receive()).rejects.toEqual(code('ECANCELED'))
    await req.send('new')
    await cancelled
    expect(String(await rep.receive())).toBe('old')
    await rep.send('late')
    expect(String(await rep.receive())).toBe('new')
    await rep.send('in time')
    expect(String(await req.receive())).toBe('in time')
  })

  it('a request is sent again when it is due', async () => {
    const world = new ManualWorld()
    const rep = own(new Rep())
    const req = own(new Req({ world, resendMs: 5000, resendTickMs: 1000 }))
    await joined(rep, req)
    await req.send('again')
    expect(String(await rep.receive())).toBe('again')
    world.advance(4000)
    world.advance(1000)
    expect(String(await rep.receive())).toBe('again')
    await rep.send('done')
    expect(String(await req.receive())).toBe('done')
    expect(world.pendingTimers).toBe(0)
  })

  it('a request is sent again when its peer goes, to the next that comes', async () => {
    const req = own(new Req())
    const { address } = await req.listen(`inproc://sp-test-${names++}`)
    const first = own(new Rep())
    await first.dial(address)
    await turns(() => req.pipes.length === 1)
    const answer = req.request('who is there?')
    await first.receive()
    first.abort()
    await turns(() => req.pipes.length === 0)
    const second = own(new Rep())
    await second.dial(address)
    expect(String(await second.receive())).toBe('who is there?')
    await second.send('I')
    expect(String(await answer)).toBe('I')
  })

  it('a request that is never sent again fails with its peer', async () => {
    const req = own(new Req({ resendMs: Number.POSITIVE_INFINITY }))
    const rep = own(new Rep())
    await joined(req, rep)
    const answer = expect(req.request('?')).rejects.toEqual(code('ECONNRESET'))
    await rep.receive()
    rep.abort()
    await answer
  })

  it('a request that waits for a peer goes when one comes, and not after its deadline', async () => {
    const world = new ManualWorld()
    const req = own(new Req({ world }))
    const late = expect(req.request('late', { timeoutMs: 50 })).rejects.toEqual(code('ETIMEDOUT'))
    world.advance(50)
    await late
    const answer = req.request('in time')
    const rep = own(new Rep())
    await joined(rep, req)
    expect(String(await rep.receive())).toBe('in time')
    await rep.send('yes')
    expect(String(await answer)).toBe('yes')
  })

  it('an answer to a peer that has gone is thrown away', async () => {
    const rep = own(new Rep())
    const req = own(new Req())
    await joined(rep, req)
    await req.send('?')
    await rep.receive()
    req.abort()
    await turns(() => rep.pipes.length === 0)
    await rep.send('to nobody')
  })

  it('go through devices, and not through more than the ttl', async () => {
    const rep = own(new Rep({ ttlMax: 3 }))
    let front: SpSocket = rep
    const hops: Rep[] = []
    for (let n = 0; n < 3; n++) {
      const [inside, outside] = [own(new Req({ raw: true })), own(new Rep({ raw: true }))]
      await joined(front, inside)
      void device(outside, inside)
      hops.push(outside)
      front = outside
    }
    void (async () => {
      for await (const question of rep) await rep.send(`re ${question}`)
    })()
    const [near, far] = [own(new Req()), own(new Req())]
    await joined(hops[1] as Rep, near)
    await joined(hops[2] as Rep, far)
    expect(String(await near.request('near'))).toBe('re near')
    expect(await Promise.race([far.request('far').then(String), idle()])).toBe('idle')
  })
})

describe('SURVEYOR and RESPONDENT', () => {
  it('all are asked; answers are taken until the time is over', async () => {
    const world = new ManualWorld()
    const surveyor = own(new Surveyor({ world, surveyMs: 500 }))
    const respondents = [own(new Respondent()), own(new Respondent()), own(new Respondent())]
    await joined(surveyor, ...respondents)
    await surveyor.send('who?')
    for (const [n, one] of respondents.entries()) {
      expect(String(await one.receive())).toBe('who?')
      if (n < 2) await one.send(`${n}`)
    }
    expect(texts([await surveyor.receive(), await surveyor.receive()]).sort()).toEqual(['0', '1'])
    const over = expect(surveyor.receive()).rejects.toEqual(code('ETIMEDOUT'))
    world.advance(500)
    await over
    await respondents[2]?.send('late')
    await idle()
    await expect(surveyor.receive()).rejects.toEqual(code('ETIMEDOUT'))
    expect(world.pendingTimers).toBe(0)
  })

  it('surveys in contexts do not mix, and give what came until the end', async () => {
    const world = new ManualWorld()
    const surveyor = own(new Surveyor({ world }))
    const respondent = own(new Respondent())
    await joined(surveyor, respondent)
    void (async () => {
      for await (const question of respondent) await respondent.send(`re ${question}`)
    })()
    const both = ['a', 'b'].map(async text => {
      const answers: string[] = []
      for await (const answer of surveyor.survey(text))
        if (answers.push(String(answer)) === 1) setImmediate(() => world.advance(1000))
      return answers
    })
    expect(await Promise.all(both)).toEqual([['re a'], ['re b']])
  })

  it('go through a device', async () => {
    const [inside, outside] = [own(new Surveyor({ raw: true })), own(new Respondent({ raw: true }))]
    const respondent = own(new Respondent())
    const surveyor = own(new Surveyor())
    await joined(inside, respondent)
    await joined(outside, surveyor)
    void device(outside, inside)
    await surveyor.send('?')
    expect(String(await respondent.receive())).toBe('?')
    await respondent.send('!')
    expect(String(await surveyor.receive())).toBe('!')
  })
})

describe('BUS', () => {
  it('each to all others, one hop; a device joins two and sends nothing back', async () => {
    const hub = own(new Bus())
    const [a, b] = [own(new Bus()), own(new Bus())]
    await joined(hub, a, b)
    await hub.send('all')
    expect(texts([await a.receive(), await b.receive()])).toEqual(['all', 'all'])
    void device(hub)
    await a.send('round')
    expect(String(await b.receive())).toBe('round')
    expect(await Promise.race([a.receive().then(String), idle()])).toBe('idle')
  })
})

describe('sockets', () => {
  it('tell of pipes, and a pipe can be refused', async () => {
    const world = new ManualWorld()
    const seen: string[] = []
    const pull = own(new Pull())
    const stop = pull.notify(({ at, pipe }) => {
      seen.push(`${at} ${pipe.side}`)
      if (seen.length === 1) pipe.close()
    })
    const push = own(new Push({ world, reconnectMinMs: 1 }))
    const { address } = await pull.listen(`inproc://sp-test-${names++}`)
    await push.dial(address)
    for (let n = 0; n < 100 && pull.pipes.length === 0; n++) {
      await idle()
      world.advance(1)
    }
    await push.close()
    await turns(() => pull.pipes.length === 0)
    expect(seen).toEqual(['adding listener', 'adding listener', 'added listener', 'removed listener'])
    stop()
  })

  it('dial again, waiting longer each time up to the most', async () => {
    const world = new ManualWorld()
    const faults: number[] = []
    const push = own(
      new Push({
        world,
        reconnectMinMs: 100,
        reconnectMaxMs: 400,
        onFault: () => faults.push(world.monotonic()),
      }),
    )
    const address = `inproc://sp-test-${names++}`
    await push.dial(address, { background: true })
    for (let step = 0; step < 40; step++) {
      await idle()
      world.advance(50)
    }
    expect(faults.length).toBeGreaterThan(4)
    const pull = own(new Pull())
    await pull.listen(address)
    for (let step = 0; step < 12 && pull.pipes.length === 0; step++) {
      await idle()
      world.advance(50)
    }
    expect(pull.pipes.length).toBe(1)
    await push.close()
    expect(world.pendingTimers).toBe(0)
  })

  it.each([
    ['a buffer above the limit', () => new Push({ sendBuffer: spLimits.bufferMax + 1 })],
    ['a ttl of 0', () => new Rep({ ttlMax: 0 })],
    ['a ttl of 16', () => new Rep({ ttlMax: 16 })],
    ['a negative time', () => new Req({ resendMs: -1 })],
    ['a raw polyamorous pair', () => new Pair1({ raw: true, polyamorous: true })],
  ] as const)('refuse %s', (_, make) => {
    expect(make).toThrow(code('EINVAL'))
  })

  it('fail what waits when they are closed, and all that comes after', async () => {
    const pull = own(new Pull())
    const push = own(new Push())
    const waits = [pull.receive(), push.send('x')].map(call => expect(call).rejects.toEqual(code('ECLOSED')))
    await pull.close()
    await push.close()
    await Promise.all(waits)
    await expect(push.send('x')).rejects.toEqual(code('ECLOSED'))
    await expect(pull.listen('inproc://x')).rejects.toEqual(code('ECLOSED'))
    for await (const _ of pull) throw new Error('nothing should come')
  })

  it('a signal calls waiting off, and nothing is lost', async () => {
    const push = own(new Push())
    const pull = own(new Pull())
    await joined(pull, push)
    const controller = new AbortController()
    const off = expect(pull.receive({ signal: controller.signal })).rejects.toThrow('off')
    controller.abort(new Error('off'))
    await off
    await push.send('kept')
    expect(String(await pull.receive())).toBe('kept')
  })

  it('devices refuse what does not fit', async () => {
    await expect(device(own(new Req({ raw: true })), own(new Pull()))).rejects.toEqual(code('EINVAL'))
    await expect(device(own(new Req()), own(new Rep({ raw: true })))).rejects.toEqual(code('EINVAL'))
  })

  it('leave no name behind', async () => {
    const pull = own(new Pull())
    const { address } = await pull.listen('inproc://sp-left')
    await pull.close()
    expect(() => inprocNames.listen('sp-left', () => {}).close()).not.toThrow()
    expect(address).toBe('inproc://sp-left')
  })
})
