// PUB (nng_pub(7)): each message goes to all peers, who filter; one whose buffer is full loses it. Sending never waits
// for a peer longer than some turns of the event loop.

import type { Waiters } from '../../../flow/index.ts'
import { FanOut } from '../../routes/index.ts'
import { asksForTurn } from '../courtesy.ts'
import type { Message } from '../message.ts'
import type { Pattern, Verdict } from '../pattern.ts'
import type { Pipe } from '../pipe.ts'
import { type Idle, idle } from './idle.ts'

interface State {
  readonly all: FanOut<Message, Pipe>
  readonly arrivals: Waiters
  readonly refuse: (pipe: Pipe, flaw: string) => void
}

function attach({ all }: State, pipe: Pipe): void {
  all.add(pipe)
}

function detach({ all }: State, pipe: Pipe): void {
  all.remove(pipe)
}

function send({ all }: State, _: Idle, message: Message): Verdict {
  if (asksForTurn(all.peers)) return 'turn'
  all.send(message)
  return 'taken'
}

function receive({ refuse }: State, pipe: Pipe): void {
  refuse(pipe, 'a SUB sent something')
}

function closed(): void {}

export const pub: Pattern<State, Idle> = {
  name: 'pub',
  raw: false,
  sends: true,
  receives: false,
  loses: false,
  contexts: false,
  routes: ['fan-out'],
  sendBufferOf: 'pipe',
  buffers: { sendBuffer: 16, receiveBuffer: 0 },
  open: host => ({
    all: new FanOut(),
    arrivals: host.arrivals,
    refuse: (pipe, flaw) => host.refuse(pipe, flaw),
  }),
  lane: idle,
  ...{ attach, detach, send, receive, closed },
  take: () => undefined,
  room: () => {},
}
