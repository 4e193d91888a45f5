// PULL (RFC 30): reads fairly from all peers.

import { ZmqError } from '../errors.ts'
import type { Pipe } from '../pipe.ts'
import { FairReading } from './fair-reading.ts'
import type { Pattern, PatternContext, PatternDefinition, Received, Sent } from './pattern.ts'

export class Pull implements Pattern {
  readonly #in: FairReading
  readonly canSend = false

  constructor(context: PatternContext) {
    this.#in = new FairReading(context)
  }

  attach(pipe: Pipe): void {
    this.#in.add(pipe)
  }

  detach(pipe: Pipe): void {
    this.#in.remove(pipe)
  }

  send(): Sent {
    throw new ZmqError('ENOTSUP')
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
}

export const pull: PatternDefinition = {
  name: 'PULL',
  id: 7,
  peers: ['PUSH'],
  sends: false,
  receives: true,
  isMultipart: true,
  hasRoutingId: false,
  waitsForPeer: false,
  open: context => new Pull(context),
}

/** GATHER (RFC 49, draft): PULL with messages of one frame. */
export const gather: PatternDefinition = {
  ...pull,
  name: 'GATHER',
  id: 16,
  peers: ['SCATTER'],
  isMultipart: false,
}
