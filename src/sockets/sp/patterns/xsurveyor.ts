// Raw SURVEYOR: surveys leave with the backtrace that they have, to all peers; answers as in raw REQ.

import type { Waiters } from '../../../flow/index.ts'
import { FairQueue, FanOut } from '../../routes/index.ts'
import { WORD } from '../backtrace.ts'
import { asksForTurn } from '../courtesy.ts'
import type { Message } from '../message.ts'
import type { Host, Pattern, Verdict } from '../pattern.ts'
import type { Pipe } from '../pipe.ts'
import { type Idle, idle } from './idle.ts'

interface State {
  readonly host: Host
  readonly arrivals: Waiters
  readonly all: FanOut<Message, Pipe>
  readonly queue: FairQueue<Message, Pipe>
}

function attach({ all, queue }: State, pipe: Pipe): void {
  all.add(pipe)
  queue.add(pipe)
}

function detach({ all, queue }: State, pipe: Pipe): void {
  all.remove(pipe)
  queue.remove(pipe)
}

function send({ all }: State, _: Idle, message: Message): Verdict {
  if (asksForTurn(all.peers)) return 'turn'
  all.send(message)
  return 'taken'
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

export const xsurveyor: Pattern<State, Idle> = {
  name: 'surveyor',
  raw: true,
  sends: true,
  receives: true,
  loses: false,
  contexts: false,
  routes: ['fan-out', 'fair-queue'],
  sendBufferOf: 'pipe',
  buffers: { sendBuffer: 8, receiveBuffer: 128 },
  open: host => ({ host, arrivals: host.arrivals, all: new FanOut(), queue: new FairQueue() }),
  lane: idle,
  ...{ attach, detach, send, receive, closed },
  take: ({ queue }) => queue.take(),
  room: () => {},
}
