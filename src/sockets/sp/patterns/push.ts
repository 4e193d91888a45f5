// PUSH (nng_push(7)): each message goes to one peer, by turns, leaving out those without room. When nobody has room the
// sender waits, or the send buffer takes it.

import type { Waiters } from '../../../flow/index.ts'
import { LoadBalance } from '../../routes/index.ts'
import type { Message } from '../message.ts'
import type { Pattern, Verdict } from '../pattern.ts'
import type { Pipe } from '../pipe.ts'
import { type Idle, idle } from './idle.ts'

interface State {
  readonly balance: LoadBalance<Message, Pipe>
  readonly arrivals: Waiters
  readonly refuse: (pipe: Pipe, flaw: string) => void
}

function attach({ balance }: State, pipe: Pipe): void {
  balance.add(pipe)
}

function detach({ balance }: State, pipe: Pipe): void {
  balance.remove(pipe)
}

function send({ balance }: State, _: Idle, message: Message): Verdict {
  return balance.send(message) ? 'taken' : 'full'
}

function receive({ refuse }: State, pipe: Pipe): void {
  refuse(pipe, 'a PULL sent something')
}

function closed(): void {}

export const push: Pattern<State, Idle> = {
  name: 'push',
  raw: false,
  sends: true,
  receives: false,
  loses: false,
  contexts: false,
  routes: ['load-balance'],
  sendBufferOf: 'socket',
  buffers: { sendBuffer: 0, receiveBuffer: 0 },
  open: host => ({
    balance: new LoadBalance(),
    arrivals: host.arrivals,
    refuse: (pipe, flaw) => host.refuse(pipe, flaw),
  }),
  lane: idle,
  ...{ attach, detach, send, receive, closed },
  take: () => undefined,
  room: ({ balance }, pipe) => balance.wake(pipe),
}
