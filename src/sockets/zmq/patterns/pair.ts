// PAIR (RFC 31): one peer; another one that comes while it is there is sent away.

import type { Frames } from '../message.ts'
import type { Pipe } from '../pipe.ts'
import type { Pattern, PatternContext, PatternDefinition, Received, Sent } from './pattern.ts'

export class Pair implements Pattern {
  readonly #context: PatternContext
  #peer: Pipe | undefined
  /** Has gone, but something of it can still be read. */
  #former: Pipe | undefined

  constructor(context: PatternContext) {
    this.#context = context
  }

  attach(pipe: Pipe): void {
    if (this.#peer !== undefined) {
      this.#context.refuse(pipe)
      return
    }
    this.#peer = pipe
    this.#context.wakeSenders()
    if (pipe.size > 0) this.#context.wakeReceivers()
  }

  detach(pipe: Pipe): void {
    if (this.#peer === pipe) this.#peer = undefined
    if (this.#former === pipe) this.#former = undefined
  }

  send(frames: Frames): Sent {
    return this.#peer?.offer(frames) === true ? 'sent' : 'full'
  }

  receive(): Received | undefined {
    return this.#former?.take() ?? this.#peer?.take()
  }

  closed(): void {}

  get canSend(): boolean {
    return this.#peer?.hasRoom === true
  }
  get canReceive(): boolean {
    return (this.#former?.size ?? 0) + (this.#peer?.size ?? 0) > 0
  }
  readable(): void {
    this.#context.wakeReceivers()
  }
  writable(): void {
    this.#context.wakeSenders()
  }
  ending(pipe: Pipe): void {
    if (this.#peer !== pipe) return
    this.#peer = undefined
    this.#former = pipe
  }
  arrived(pipe: Pipe, _frames: Frames): boolean {
    return pipe !== this.#peer
  }
}

export const pair: PatternDefinition = {
  name: 'PAIR',
  id: 0,
  peers: ['PAIR'],
  sends: true,
  receives: true,
  isMultipart: true,
  hasRoutingId: false,
  waitsForPeer: false,
  open: context => new Pair(context),
}

/** CHANNEL (RFC 52, draft): PAIR with messages of one frame. */
export const channel: PatternDefinition = {
  ...pair,
  name: 'CHANNEL',
  id: 20,
  peers: ['CHANNEL'],
  isMultipart: false,
}
