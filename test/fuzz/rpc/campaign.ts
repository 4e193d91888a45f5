// Hostile clients against a server that lives, and hostile servers against clients: whatever comes, a call or a connection ends,
// and others are served on; nothing hangs, is thrown where nobody catches it, or stays.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { WireError } from '../../../src/bytes/index.ts'
import type { Hello } from '../../../src/rpc/engine/hello.ts'
import { RawPeer } from '../../../src/rpc/engine/peer.contract.ts'
import {
  ByReference,
  CallError,
  type Connected,
  connect,
  inout,
  type Server,
  serve,
} from '../../../src/rpc/index.ts'
import { Dice } from '../../../src/sim/disk/index.ts'
import { InprocNames } from '../../../src/transport/index.ts'
import { ManualWorld } from '../../../src/world/index.ts'
import type { CampaignOptions, Outcome } from '../campaign.ts'
import { randomFrame } from './frames.ts'

const limits = {
  leaseMs: 1000,
  greetingMs: 500,
  closeMs: 20,
  runningMax: 50,
  waitingMax: 200,
  referencesMax: 500,
}

class Counter extends ByReference {
  #count = 0
  add(by: number): number {
    this.#count += by
    return this.#count
  }
}

class Target {
  readonly #world: ManualWorld
  readonly #counter = new Counter()
  constructor(world: ManualWorld) {
    this.#world = world
  }
  get rooms(): { open(name: string): string } {
    return { open: name => `${name} is open` }
  }
  echo(...values: unknown[]): unknown {
    return values.length === 1 ? values[0] : values
  }
  counter(): Counter {
    return this.#counter
  }
  fail(): never {
    throw new RangeError('as it should')
  }
  pay(): Promise<string> {
    return this.slow()
  }
  slow(): Promise<string> {
    return new Promise(resolve => this.#world.after(50, () => resolve('slow')))
  }
  hang(): Promise<never> {
    return new Promise(() => {})
  }
  async *list(): AsyncGenerator<string> {
    for (let n = 0; n < 500; n++) yield 'x'.repeat(100)
  }
  async sum(values: AsyncIterable<number>): Promise<number> {
    let sum = 0
    for await (const one of values) sum += one
    return sum
  }
  async call(back: (value: number) => Promise<unknown>): Promise<unknown> {
    return back(1)
  }
  sink(): WritableStream {
    return new WritableStream()
  }
}

/** Runs the campaign; `requests` are frames. */
export async function rpcCampaign(options: CampaignOptions): Promise<Outcome> {
  const { seed, requests, renewAfter, progress } = options
  const dice = new Dice(seed)
  const findings: string[] = []
  const inUse: number[] = []
  const sent = { frames: 0, answered: 0, rssMax: 0 }
  while (sent.frames < requests) {
    const arena = await RpcArena.open(dice, findings)
    for (const until = Math.min(requests, sent.frames + renewAfter); sent.frames < until; ) {
      const done = dice.chance(0.5) ? await arena.hostileClient() : await arena.hostileServer()
      sent.frames += done.frames
      sent.answered += done.answered
      sent.rssMax = Math.max(sent.rssMax, process.memoryUsage.rss())
    }
    await arena.close()
    inUse.push(bytesInUse())
    progress?.(`rpc: ${sent.frames} frames, ${sent.answered} answered, ${findings.length} findings`)
  }
  if (Object.keys(Object.prototype).length > 0 || 'polluted' in {})
    findings.push('the prototype of objects was changed')
  return { requests: sent.frames, answered: sent.answered, findings, inUse, rssMax: sent.rssMax }
}

class RpcArena {
  readonly #dice: Dice
  readonly #findings: string[]
  readonly #world = new ManualWorld()
  readonly #names = new InprocNames()
  #server: Server | undefined
  #healthy: Connected<Target> | undefined
  #visits = 0

  private constructor(dice: Dice, findings: string[]) {
    this.#dice = dice
    this.#findings = findings
  }

  static async open(dice: Dice, findings: string[]): Promise<RpcArena> {
    const arena = new RpcArena(dice, findings)
    await arena.#open()
    return arena
  }

  async #open(): Promise<void> {
    const shared = { ...limits, names: this.#names, world: this.#world, onFault: this.#fault }
    this.#server = await serve(new Target(this.#world), 'inproc://target', {
      ...shared,
      methods: { pay: { atMostOnce: true } },
      replies: { repliesMax: 100 },
      ticketsMax: 50,
      ticketMs: 500,
      deferredMax: 50,
    })
    this.#healthy = await connect<Target>('inproc://target', { ...shared, timeoutMs: 5000 })
  }

  /** What breaks a connection is the peer's doing, or a finding. */
  readonly #fault = (title: string, error: unknown): void => {
    if (!title.startsWith('connection of') || error instanceof CallError || error instanceof WireError) return
    this.#findings.push(`${title}: ${error instanceof Error ? error.stack : String(error)}`)
  }

  async hostileClient(): Promise<{ frames: number; answered: number }> {
    const dice = this.#dice
    const peer = new RawPeer(this.#names.connect('target'), { reads: dice.chance(0.95) })
    if (dice.chance(0.97)) peer.hello(this.#greeting())
    const frames = this.#storm(peer)
    await this.#pass(dice.pick([0, 0, 10, 100]))
    if (dice.chance(0.8)) peer.stream.abort()
    else peer.stream.end()
    await this.#pass(0)
    if (++this.#visits % 50 === 0) await this.#checkServer()
    return { frames, answered: peer.heard.length }
  }

  #greeting(): Partial<Hello> {
    const clientId = Buffer.alloc(16, this.#dice.below(4))
    return this.#dice.chance(0.05) ? { clientId, frameBytesMax: this.#dice.below(40_000) } : { clientId }
  }

  async hostileServer(): Promise<{ frames: number; answered: number }> {
    const accepted: RawPeer[] = []
    const listener = this.#names.listen('hostile', stream => void accepted.push(new RawPeer(stream)))
    const client = await connect<Target>('inproc://hostile', {
      ...limits,
      names: this.#names,
      world: this.#world,
      onFault: this.#fault,
      implementation: new Target(this.#world),
      methods: { pay: { atMostOnce: true }, echo: { idempotent: true } },
      timeoutMs: 300,
    })
    const settled = calls(client)
    await this.#pass(0)
    for (const peer of accepted) peer.hello()
    let frames = 0
    for (const peer of accepted) frames += this.#storm(peer)
    await this.#pass(10)
    for (const peer of accepted) if (this.#dice.chance(0.5)) peer.stream.abort()
    await listener.close()
    await this.#pass(400)
    const closing = client[Symbol.asyncDispose]()
    await this.#pass(50)
    await closing
    await this.#pass(0)
    const left = settled.filter(one => !one.is).map(one => one.name)
    if (left.length > 0) this.#findings.push(`calls hang at a hostile server: ${left.join()}`)
    return { frames, answered: accepted.reduce((sum, { heard }) => sum + heard.length, 0) }
  }

  async close(): Promise<void> {
    await this.#checkServer()
    const closing = [this.#server, this.#healthy].map(one => one?.[Symbol.asyncDispose]())
    await this.#pass(100)
    await Promise.all(closing)
    await this.#pass(5000)
    if (this.#world.pendingTimers > 0) this.#findings.push(`${this.#world.pendingTimers} timers are left`)
  }

  #storm(peer: RawPeer): number {
    const count = this.#dice.between(1, 40)
    const damage = this.#dice.pick([0, 0, 0.02, 0.15])
    let bytes = Buffer.alloc(0)
    for (let n = 0; n < count; n++) bytes = Buffer.concat([bytes, randomFrame(this.#dice, damage)])
    const middle = this.#dice.chance(0.2) ? this.#dice.below(bytes.length) : bytes.length
    void peer.stream.write([bytes.subarray(0, middle)])
    void peer.stream.write([bytes.subarray(middle)])
    return count
  }

  /** A client that means well is served; the hostile ones have gone, with all that they held. */
  async #checkServer(): Promise<void> {
    const said = this.#healthy?.echo('still there?')
    let answer: unknown
    said?.then(
      value => {
        answer = value
      },
      reason => {
        answer = reason
      },
    )
    await this.#pass(2000)
    if (answer !== 'still there?') this.#findings.push(`a healthy client was told ${String(answer)}`)
    const { connections = 0, held = 0 } = this.#server ?? {}
    if (connections > 1 || held > 0)
      this.#findings.push(`${connections} connections and ${held} references stay`)
  }

  async #pass(ms: number): Promise<void> {
    for (let n = 0; n < 4; n++) await new Promise(resolve => setImmediate(resolve))
    for (let left = ms; left > 0; left -= 50) {
      this.#world.advance(Math.min(50, left))
      for (let n = 0; n < 3; n++) await new Promise(resolve => setImmediate(resolve))
    }
  }
}

/** Calls of every kind, and whether each has settled. */
function calls(client: Connected<Target>): { readonly name: string; is: boolean }[] {
  const made: [string, Promise<unknown>][] = [
    ['echo', client.echo(1)],
    ['pay', client.pay()],
    ['pipelined', client.counter().add(1)],
    ['callback', client.call(async value => value)],
    ['restore', client.echo(inout({ a: [1, 2, 3] }))],
    ['stream there', client.sum(numbersTo(5))],
    ['stream back', read(client)],
    ['sink', write(client)],
  ]
  return made.map(([name, promise]) => {
    const state = { name, is: false }
    const settle = (): void => {
      state.is = true
    }
    promise.then(settle, settle)
    return state
  })
}

async function* numbersTo(end: number): AsyncGenerator<number> {
  for (let n = 0; n < end; n++) yield n
}

async function read(client: Connected<Target>): Promise<void> {
  for await (const _ of client.list());
}

async function write(client: Connected<Target>): Promise<void> {
  const sink: unknown = await client.sink()
  if (!(sink instanceof WritableStream)) return
  const writer = sink.getWriter()
  writer.closed.catch(() => {})
  await writer.write('x')
}

function bytesInUse(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
