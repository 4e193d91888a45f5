// Raw REQ: requests leave with the backtrace that they have, by turns; an answer keeps the first word of its backtrace as its
// header, for the raw REP at the other side of a device.

import type { Waiters } from '../../../flow/index.ts'
import { FairQueue, LoadBalance } from '../../routes/index.ts'
import { WORD } from '../backtrace.ts'
import type { Message } from '../message.ts'
import type { Host, Pattern, Verdict } from '../pattern.ts'
import type { Pipe } from '../pipe.ts'
import { type Idle, idle } from './idle.ts'

interface State {
  readonly host: Host
  readonly arrivals: Waiters
  readonly balance: LoadBalance<Message, Pipe>
  readonly queue: FairQueue<Message, Pipe>
}

function attach({ balance, queue }: State, pipe: Pipe): void {
  balance.add(pipe)
  queue.add(pipe)
}

function detach({ balance, queue }: State, pipe: Pipe): void {
  balance.remove(pipe)
  queue.remove(pipe)
}

function send({ balance }: State, _: Idle, message: Message): Verdict {
  return balance.send(message) ? 'taken' : 'full'
}

function receive({ host, queue, arrivals }: State, pipe: Pipe, payload: Buffer): void {
  if (payload.length < WORD) {
    host.refuse(pipe, 'an answer without an id')
    return
  }
  pipe.inbox.push({ header: payload.subarray(0, WORD), body: payload.subarray(WORD), pipe })
  queue.wake(pipe)
  arrivals.wake()
}

function closed(): void {}

export const xreq: Pattern<State, Idle> = {
  name: 'req',
  raw: true,
  sends: true,
  receives: true,
  loses: false,
  contexts: false,
  routes: ['load-balance', 'fair-queue'],
  sendBufferOf: 'socket',
  buffers: { sendBuffer: 0, receiveBuffer: 1 },
  open: host => ({ host, arrivals: host.arrivals, balance: new LoadBalance(), queue: new FairQueue() }),
  lane: idle,
  ...{ attach, detach, send, receive, closed },
  take: ({ queue }) => queue.take(),
  room: ({ balance }, pipe) => balance.wake(pipe),
}
