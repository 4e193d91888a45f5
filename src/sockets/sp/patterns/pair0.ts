// PAIR version 0 (nng_pair(7)): one peer, both ways, nothing in front of the body. A second peer is refused while the first
// is there.

import type { Waiters } from '../../../flow/index.ts'
import { SpError } from '../errors.ts'
import { type Message, NO_HEADER } from '../message.ts'
import type { Pattern, Verdict } from '../pattern.ts'
import type { Pipe } from '../pipe.ts'
import { type Idle, idle } from './idle.ts'

interface State {
  readonly arrivals: Waiters
  peer: Pipe | undefined
}

function attach(state: State, pipe: Pipe): void {
  if (state.peer !== undefined) throw new SpError('EBUSY', 'this pair has a peer')
  state.peer = pipe
}

function detach(state: State, pipe: Pipe): void {
  if (state.peer === pipe) state.peer = undefined
}

function send({ peer }: State, _: Idle, message: Message): Verdict {
  return peer?.offer(message) ? 'taken' : 'full'
}

function receive({ arrivals }: State, pipe: Pipe, body: Buffer): void {
  pipe.inbox.push({ header: NO_HEADER, body, pipe })
  arrivals.wake()
}

function closed(): void {}

export const pair0: Pattern<State, Idle> = {
  name: 'pair0',
  raw: false,
  sends: true,
  receives: true,
  loses: false,
  contexts: false,
  routes: [],
  sendBufferOf: 'socket',
  buffers: { sendBuffer: 0, receiveBuffer: 1 },
  open: ({ arrivals }) => ({ arrivals, peer: undefined }),
  lane: idle,
  ...{ attach, detach, send, receive, closed },
  take: ({ peer }) => peer?.take(),
  room: () => {},
}
