// PULL (nng_pull(7)): messages are taken from the peers by turns, one each; a peer that is not taken from is not read, which
// stops it.

import type { Waiters } from '../../../flow/index.ts'
import { FairQueue } from '../../routes/index.ts'
import { type Message, NO_HEADER } from '../message.ts'
import type { Pattern, Verdict } from '../pattern.ts'
import type { Pipe } from '../pipe.ts'
import { type Idle, idle } from './idle.ts'

export interface State {
  readonly queue: FairQueue<Message, Pipe>
  readonly arrivals: Waiters
}

function attach({ queue }: State, pipe: Pipe): void {
  queue.add(pipe)
}

function detach({ queue }: State, pipe: Pipe): void {
  queue.remove(pipe)
}

function send(): Verdict {
  return 'full'
}

function receive({ queue, arrivals }: State, pipe: Pipe, body: Buffer): void {
  pipe.inbox.push({ header: NO_HEADER, body, pipe })
  queue.wake(pipe)
  arrivals.wake()
}

function closed(): void {}

/** PULL and raw SUB take alike; only from whom differs. */
export function pulling(name: 'pull' | 'sub'): Pattern<State, Idle> {
  return {
    name,
    raw: name === 'sub',
    sends: false,
    receives: true,
    loses: false,
    contexts: false,
    routes: ['fair-queue'],
    sendBufferOf: 'none',
    buffers: { sendBuffer: 0, receiveBuffer: 1 },
    open: ({ arrivals }) => ({ queue: new FairQueue(), arrivals }),
    lane: idle,
    ...{ attach, detach, send, receive, closed },
    take: ({ queue }) => queue.take(),
    room: () => {},
  }
}

export const pull = pulling('pull')
