// PUSH (RFC 30): each message goes to one of the peers, by turns; without one that has room the sender waits.

import { LoadBalance } from '../../routes/index.ts'
import { ZmqError } from '../errors.ts'
import type { Frames } from '../message.ts'
import type { Pipe } from '../pipe.ts'
import type { Pattern, PatternContext, PatternDefinition, Received, Sent } from './pattern.ts'

export class Push implements Pattern {
  readonly #context: PatternContext
  readonly #out = new LoadBalance<Frames, Pipe>()
  readonly canReceive = false

  constructor(context: PatternContext) {
    this.#context = context
  }

  attach(pipe: Pipe): void {
    this.#out.add(pipe)
    this.#context.wakeSenders()
  }

  detach(pipe: Pipe): void {
    this.#out.remove(pipe)
  }

  send(frames: Frames): Sent {
    return this.#out.send(frames) ? 'sent' : 'full'
  }

  receive(): Received | undefined {
    throw new ZmqError('ENOTSUP')
  }

  closed(): void {}

  get canSend(): boolean {
    return someRoom(this.#out.peers)
  }
  readable(): void {}
  /** A PUSH does not read. */
  arrived(): boolean {
    return true
  }
  writable(pipe: Pipe): void {
    this.#out.wake(pipe)
    this.#context.wakeSenders()
  }
  ending(pipe: Pipe): void {
    this.#out.remove(pipe)
  }
}

export function someRoom(pipes: Iterable<Pipe>): boolean {
  for (const pipe of pipes) if (pipe.hasRoom) return true
  return false
}

export const push: PatternDefinition = {
  name: 'PUSH',
  id: 8,
  peers: ['PULL'],
  sends: true,
  receives: false,
  isMultipart: true,
  hasRoutingId: false,
  waitsForPeer: false,
  open: context => new Push(context),
}

/** SCATTER (RFC 49, draft): PUSH with messages of one frame. */
export const scatter: PatternDefinition = {
  ...push,
  name: 'SCATTER',
  id: 17,
  peers: ['GATHER'],
  isMultipart: false,
}
