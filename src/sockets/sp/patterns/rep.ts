// REP (nng_rep(7)): takes requests from the peers by turns; what a context sends answers what it received last, and goes back
// the way the request came. An answer to a peer that has gone is thrown away.
//
//   idle --take--> answering --send--> idle          answering --take--> answering (the earlier request gets no answer)

import type { Waiters } from '../../../flow/index.ts'
import { FairQueue } from '../../routes/index.ts'
import { cutBacktrace } from '../backtrace.ts'
import { SpError } from '../errors.ts'
import type { Message } from '../message.ts'
import type { Host, Lane, Pattern, Verdict } from '../pattern.ts'
import type { Pipe } from '../pipe.ts'

export interface State {
  readonly host: Host
  readonly arrivals: Waiters
  readonly queue: FairQueue<Message, Pipe>
}

type Conversation =
  | { readonly at: 'idle' }
  | { readonly at: 'answering'; readonly pipe: Pipe; readonly header: Buffer }

export interface Answerer extends Lane {
  conversation: Conversation
}

const IDLE: Conversation = { at: 'idle' }

function attach({ queue }: State, pipe: Pipe): void {
  queue.add(pipe)
}

function detach({ queue }: State, pipe: Pipe): void {
  queue.remove(pipe)
}

function send(_: State, lane: Answerer, { body }: Message): Verdict {
  const { conversation } = lane
  if (conversation.at === 'idle') throw new SpError('ESTATE', 'nothing was received that this could answer')
  const { pipe, header } = conversation
  if (pipe.isOpen && !pipe.offer({ header, body })) return 'full'
  lane.conversation = IDLE
  return 'taken'
}

function receive({ host, queue, arrivals }: State, pipe: Pipe, payload: Buffer): void {
  const trace = cutBacktrace(payload, host.settings.ttlMax)
  if (trace.at === 'broken') host.refuse(pipe, 'a request without an id')
  if (trace.at !== 'whole') return
  pipe.inbox.push({ header: trace.header, body: trace.body, pipe })
  queue.wake(pipe)
  arrivals.wake()
}

function closed(_: State, lane: Answerer): void {
  lane.conversation = IDLE
}

function take({ queue }: State, lane: Answerer): Message | undefined {
  const message = queue.take()
  if (message?.pipe !== undefined)
    lane.conversation = { at: 'answering', pipe: message.pipe, header: message.header }
  return message
}

/** REP and RESPONDENT answer alike; only whom they answer differs. */
export function answering(name: 'rep' | 'respondent'): Pattern<State, Answerer> {
  return {
    name,
    raw: false,
    sends: true,
    receives: true,
    loses: false,
    contexts: true,
    routes: ['fair-queue'],
    sendBufferOf: 'none',
    buffers: { sendBuffer: 0, receiveBuffer: 1 },
    open: host => ({ host, arrivals: host.arrivals, queue: new FairQueue() }),
    lane: ({ arrivals }) => ({ arrivals, conversation: IDLE, generation: 0 }),
    ...{ attach, detach, send, receive, closed },
    take,
    room: () => {},
  }
}

export const rep = answering('rep')
