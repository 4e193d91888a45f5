// Connections that are lost: which calls are sent again, which are said to be lost, and how often a method runs. Time is in
// the test's hand.

import { afterEach, describe, expect, it } from 'vitest'
import { Writer } from '../../bytes/index.ts'
import { InprocNames } from '../../transport/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { type ByReference, byReference } from '../refs/by-reference.ts'
import { type Connected, type ConnectOptions, calling, connect, connectionOf } from './connect.ts'
import { methods } from './declarations.ts'
import { frames } from './frames.ts'
import { CLIENT_ID_BYTES, writeHello } from './hello.ts'
import { callLimits } from './limits.ts'
import { NamesOut } from './names.ts'
import { type ServeOptions, type Server, serve } from './serve.ts'

interface Bank {
  read(): Promise<number>
  pay(sum: number): Promise<number>
  note(text: string): Promise<void>
}

const declared = methods<Bank>({ read: { idempotent: true }, pay: { atMostOnce: true } })

/** A bank whose methods answer when they are told to. */
class SlowBank implements Bank {
  ran: string[] = []
  #waiting: (() => void)[] = []
  isSlow = true
  async read(): Promise<number> {
    return this.#run('read', 7)
  }
  async pay(sum: number): Promise<number> {
    return this.#run(`pay ${sum}`, sum)
  }
  async note(text: string): Promise<void> {
    await this.#run(`note ${text}`, undefined)
  }
  answer(): void {
    for (const go of this.#waiting.splice(0)) go()
  }
  async #run<T>(what: string, result: T): Promise<T> {
    this.ran.push(what)
    if (this.isSlow) await new Promise<void>(resolve => this.#waiting.push(resolve))
    return result
  }
}

const world = new ManualWorld()
const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]()
})

/** As many turns of the event loop as a message between two ends of a process can need. */
async function turns(count = 20): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise(resolve => setImmediate(resolve))
}

async function started(
  bank: object,
  names: InprocNames,
  name = 'bank',
  options: ServeOptions = {},
): Promise<Server> {
  const server = await serve(bank, `inproc://${name}`, {
    names,
    world,
    methods: declared,
    closeMs: 1,
    ...options,
  })
  open.push(server)
  return server
}

async function connected(
  names: InprocNames,
  options: ConnectOptions = {},
  place: string | string[] = 'inproc://bank',
): Promise<Connected<Bank>> {
  const bank = await connect<Bank>(place, { names, world, methods: declared, ...options })
  open.push(bank)
  return bank
}

/** Ends all connections of the server at once, as when its process is killed; the methods go on. */
async function cut(server: Server): Promise<void> {
  const closing = server.close()
  await turns()
  world.advance(10)
  await closing
}

describe('a connection that is lost', () => {
  it('sends what is idempotent again, as often as it takes', async () => {
    const names = new InprocNames()
    const bank = new SlowBank()
    const first = await started(bank, names)
    const client = await connected(names)
    const reading = client.read()
    await turns()
    await cut(first)
    await started(bank, names)
    world.advance(100)
    await turns()
    bank.answer()
    expect([await reading, bank.ran]).toEqual([7, ['read', 'read']])
  })

  it('says that what was not declared may have run', async () => {
    const names = new InprocNames()
    const bank = new SlowBank()
    const server = await started(bank, names)
    const client = await connected(names)
    const noting = client.note('x')
    noting.catch(() => {})
    await turns()
    await cut(server)
    await expect(noting).rejects.toMatchObject({ code: 'CALL_CONNECTION_LOST' })
    expect(bank.ran).toEqual(['note x'])
  })

  it('says that a server which was started anew does not know whether an at-most-once call ran', async () => {
    const names = new InprocNames()
    const bank = new SlowBank()
    const first = await started(bank, names)
    const client = await connected(names)
    const paying = client.pay(5)
    paying.catch(() => {})
    await turns()
    await cut(first)
    await started(bank, names)
    world.advance(100)
    await turns()
    await expect(paying).rejects.toMatchObject({ code: 'CALL_CONNECTION_LOST' })
    bank.isSlow = false
    expect([await client.pay(6), bank.ran]).toEqual([6, ['pay 5', 'pay 6']])
  })

  it('is made anew for the next call, and not before', async () => {
    const names = new InprocNames()
    const bank = new SlowBank()
    bank.isSlow = false
    const first = await started(bank, names)
    const client = await connected(names)
    await cut(first)
    await turns()
    expect(connectionOf(client)?.servers).toMatchObject([{ isOpen: false, waiting: 0 }])
    const noting = client.note('later')
    await turns()
    await started(bank, names)
    world.advance(100)
    await turns()
    await noting
    expect([bank.ran, connectionOf(client)?.servers[0]?.isOpen]).toEqual([['note later'], true])
  })

  it('does not wait longer than the call', async () => {
    const names = new InprocNames()
    const server = await started(new SlowBank(), names)
    const client = await connected(names)
    await cut(server)
    const reading = calling(client, { timeoutMs: 1000 }).read()
    reading.catch(() => {})
    for (let ms = 0; ms < 1000; ms += 50) {
      world.advance(50)
      await turns(2)
    }
    await expect(reading).rejects.toMatchObject({ code: 'CALL_UNREACHABLE' })
  })

  it('is refused at the beginning when nobody listens', async () => {
    await expect(connect('inproc://nobody', { names: new InprocNames(), world })).rejects.toMatchObject({
      code: 'CALL_UNREACHABLE',
    })
  })
})

describe('a server that drains', () => {
  it('answers what runs, and new calls go to another', async () => {
    const names = new InprocNames()
    const [one, two] = [new SlowBank(), new SlowBank()]
    const first = await started(one, names, 'one')
    await started(two, names, 'two')
    two.isSlow = false
    const client = await connected(names, {}, ['inproc://one', 'inproc://two'])
    const reading = client.read()
    await turns()
    first.drain()
    const noting = client.note('on')
    await turns()
    await noting
    one.answer()
    expect([await reading, one.ran, two.ran]).toEqual([7, ['read'], ['note on']])
  })
})

describe('several servers', () => {
  it('get calls in turn', async () => {
    const names = new InprocNames()
    const banks = [new SlowBank(), new SlowBank()]
    for (const [n, bank] of banks.entries()) {
      bank.isSlow = false
      await started(bank, names, `bank${n}`)
    }
    const client = await connected(names, { balance: 'round-robin' }, ['inproc://bank0', 'inproc://bank1'])
    for (let n = 0; n < 4; n++) await client.note(String(n))
    expect(banks.map(bank => bank.ran)).toEqual([
      ['note 0', 'note 2'],
      ['note 1', 'note 3'],
    ])
  })
})

describe('the time of a connection', () => {
  it('holds for calls of references, and of what a call will give', async () => {
    const names = new InprocNames()
    const never = { hang: () => new Promise<void>(() => {}) }
    await started({ open: () => byReference(never) }, names)
    interface Door {
      open(): typeof never & ByReference
    }
    const client = await connect<Door>('inproc://bank', { names, world, timeoutMs: 60_000 })
    open.push(client)
    const held = await client.open()
    const ends: string[] = []
    for (const call of [held.hang(), client.open().hang()])
      call.catch((error: unknown) => ends.push((error as { code: string }).code))
    await turns()
    world.advance(59_999)
    await turns()
    expect(ends).toEqual([])
    world.advance(1)
    await turns()
    expect(ends).toEqual(['CALL_TIMEOUT', 'CALL_TIMEOUT'])
  })
})

describe('two addresses of one server', () => {
  it('are told apart: each call at most once has its own answer', async () => {
    const names = new InprocNames()
    const bank = new SlowBank()
    bank.isSlow = false
    const server = await serve(bank, ['inproc://here', 'inproc://there'], { names, world, closeMs: 1 })
    open.push(server)
    const client = await connected(names, { balance: 'round-robin' }, ['inproc://here', 'inproc://there'])
    const paid = await Promise.all([1, 2, 3, 4].map(sum => client.pay(sum)))
    expect([paid, bank.ran.length]).toEqual([[1, 2, 3, 4], 4])
  })
})

describe('a caller', () => {
  it('is served when he is admitted, and refused when he is not', async () => {
    const names = new InprocNames()
    const bank = new SlowBank()
    bank.isSlow = false
    const admit = (credential: string): string => {
      if (credential !== 'open sesame') throw new Error('wrong')
      return 'ali'
    }
    await started(bank, names, 'bank', { admit })
    const refused = await connected(names, { credential: 'please' })
    await expect(refused.note('x')).rejects.toMatchObject({ code: 'CALL_REFUSED' })
    const admitted = await connected(names, { credential: 'open sesame' })
    await admitted.note('y')
    expect(bank.ran).toEqual(['note y'])
  })

  it('whose calls wait until he is admitted has each of them run once', async () => {
    const names = new InprocNames()
    const ran: number[] = []
    let admitted = (): void => {}
    const admit = (): Promise<void> => new Promise(resolve => (admitted = resolve))
    const served = { note: (n: number) => ran.push(n) }
    await started(served, names, 'bank', { admit })
    const client = await connect<typeof served>('inproc://bank', { names, world })
    open.push(client)
    const calls = Promise.all([1, 2, 3, 4].map(n => client.note(n)))
    await turns()
    expect(ran).toEqual([])
    admitted()
    expect([await calls, ran]).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ])
  })

  it('who is not heard of for the time of a lease is let go, with all that he holds', async () => {
    const names = new InprocNames()
    const server = await started({ counter: () => () => 1 }, names)
    const dead = names.connect('bank')
    dead.write(greetingAndCall('counter'))
    await turns()
    expect([server.held, server.connections]).toEqual([1, 1])
    world.advance(callLimits.leaseMs - 1)
    await turns()
    expect([server.held, server.connections]).toEqual([1, 1])
    world.advance(callLimits.leaseMs / 3 + 1)
    await turns()
    expect([server.held, server.connections]).toEqual([0, 0])
  })
})

/** What a client sends that says nothing any more afterwards. */
function greetingAndCall(method: string): readonly Buffer[] {
  const greeting = new Writer()
  greeting.uint8(frames.hello)
  writeHello(greeting, {
    clientId: Buffer.alloc(CLIENT_ID_BYTES),
    leaseMs: callLimits.leaseMs,
    frameBytesMax: callLimits.frameBytesMax,
    credential: '',
  })
  const call = new Writer()
  for (const number of [frames.call, 1, 0, 0]) call.uvarint(number)
  new NamesOut().write(call, method)
  call.uvarint(0)
  return [greeting, call].flatMap(frame => {
    const head = Buffer.alloc(4)
    head.writeUInt32BE(frame.bytes)
    return [head, ...frame.finish()]
  })
}
