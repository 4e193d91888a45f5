// DEALER (RFC 28): sends by turns, reads fairly, waits when nobody has room. With `probeRouter` a new peer is sent an empty
// message, by which a ROUTER learns of us.

import { LoadBalance } from '../../routes/index.ts'
import type { Frames } from '../message.ts'
import type { Pipe } from '../pipe.ts'
import { FairReading } from './fair-reading.ts'
import type { Pattern, PatternContext, PatternDefinition, Received, Sent } from './pattern.ts'
import { someRoom } from './push.ts'

export class Dealer implements Pattern {
  readonly #context: PatternContext
  readonly #in: FairReading
  readonly #out = new LoadBalance<Frames, Pipe>()

  constructor(context: PatternContext) {
    this.#context = context
    this.#in = new FairReading(context)
  }

  attach(pipe: Pipe): void {
    if (this.#context.options.probeRouter) pipe.offer([Buffer.alloc(0)])
    this.#out.add(pipe)
    this.#in.add(pipe)
    this.#context.wakeSenders()
  }

  detach(pipe: Pipe): void {
    this.#in.remove(pipe)
    this.#out.remove(pipe)
  }

  send(frames: Frames): Sent {
    return this.#out.send(frames) ? 'sent' : 'full'
  }

  receive(): Received | undefined {
    return this.#in.take()
  }

  closed(): void {}

  get canSend(): boolean {
    return someRoom(this.#out.peers)
  }
  get canReceive(): boolean {
    return this.#in.canTake
  }
  readable(pipe: Pipe): void {
    this.#in.wake(pipe)
  }
  writable(pipe: Pipe): void {
    this.#out.wake(pipe)
    this.#context.wakeSenders()
  }
  ending(pipe: Pipe): void {
    this.#out.remove(pipe)
  }
}

export const dealer: PatternDefinition = {
  name: 'DEALER',
  id: 5,
  peers: ['REP', 'DEALER', 'ROUTER'],
  sends: true,
  receives: true,
  isMultipart: true,
  hasRoutingId: true,
  waitsForPeer: false,
  open: context => new Dealer(context),
}

/** CLIENT (RFC 41, draft): DEALER with messages of one frame, to SERVERs. */
export const client: PatternDefinition = {
  ...dealer,
  name: 'CLIENT',
  id: 13,
  peers: ['SERVER'],
  isMultipart: false,
  hasRoutingId: false,
}
