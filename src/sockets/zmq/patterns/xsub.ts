// XSUB and SUB (RFC 29): what has been subscribed to is told to every publisher, and again to one that comes back. SUB
// filters what arrives once more, for a publisher may be behind with its cancels. XSUB's user subscribes by sending messages: 1
// or 0, then the prefix; other messages go to all publishers. XSUB takes whatever a publisher sends it (libzmq's sub.cpp alone
// sets `filter`): a manual XPUB may have subscribed it to something else.

import { FanOut, Subscriptions } from '../../routes/index.ts'
import { ZmqError } from '../errors.ts'
import type { Frames } from '../message.ts'
import type { Pipe } from '../pipe.ts'
import { FairReading } from './fair-reading.ts'
import type { Pattern, PatternContext, PatternDefinition, Received, Sent } from './pattern.ts'

class Subscribing implements Pattern {
  readonly #context: PatternContext
  readonly #isX: boolean
  readonly #in: FairReading
  readonly #out = new FanOut<Frames, Pipe>()
  readonly #subscriptions = new Subscriptions<'user'>()
  readonly canSend: boolean

  constructor(context: PatternContext, isX: boolean) {
    this.#context = context
    this.#isX = isX
    this.#in = new FairReading(context)
    this.canSend = isX
  }

  attach(pipe: Pipe): void {
    this.#in.add(pipe)
    this.#out.add(pipe)
    this.renewed(pipe)
  }

  detach(pipe: Pipe): void {
    this.#in.remove(pipe)
    this.#out.remove(pipe)
  }

  send(frames: Frames): Sent {
    if (!this.#isX) throw new ZmqError('ENOTSUP')
    const first = frames[0] as Buffer
    const kind = frames.length === 1 ? first[0] : undefined
    if (kind === 0 || kind === 1) this.subscribe(kind === 1, first.subarray(1))
    else for (const pipe of this.#out.peers) pipe.offer(frames.slice())
    return 'sent'
  }

  receive(): Received | undefined {
    return this.#in.take()
  }

  closed(): void {}

  get canReceive(): boolean {
    return this.#in.canTake
  }
  readable(pipe: Pipe): void {
    this.#in.wake(pipe)
  }
  writable(): void {}
  ending(pipe: Pipe): void {
    this.#out.remove(pipe)
  }

  /** True for what nobody has subscribed to. */
  arrived(_pipe: Pipe, frames: Frames): boolean {
    if (this.#isX) return false
    const wanted = this.#subscriptions.matches(frames[0] as Buffer)
    return wanted === this.#context.options.invertMatching
  }

  /** Every subscription is passed on, for a verbose XPUB tells its user of each; a cancel only with the last. */
  subscribe(isOn: boolean, prefix: Buffer): void {
    const copy = Buffer.from(prefix)
    if (isOn) this.#subscriptions.add(copy, 'user')
    else if (this.#subscriptions.remove(copy, 'user')?.isLast !== true) return
    for (const pipe of this.#out.peers) pipe.subscribe(isOn, copy)
  }

  renewed(pipe: Pipe): void {
    for (const prefix of this.#subscriptions.prefixes()) pipe.subscribe(true, prefix)
  }
}

export const xsub: PatternDefinition = {
  name: 'XSUB',
  id: 10,
  peers: ['PUB', 'XPUB'],
  sends: true,
  receives: true,
  isMultipart: true,
  hasRoutingId: false,
  waitsForPeer: false,
  linger: 0,
  open: context => new Subscribing(context, true),
}

export const sub: PatternDefinition = {
  ...xsub,
  name: 'SUB',
  id: 2,
  sends: false,
  open: context => new Subscribing(context, false),
}
