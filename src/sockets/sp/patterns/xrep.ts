// Raw REP: a request keeps its backtrace as its header, with the pipe that it came by in front; an answer goes to the pipe
// that its header names first, without that word. An answer to a pipe that has gone is thrown away.

import type { Waiters } from '../../../flow/index.ts'
import { ByIdentity, FairQueue } from '../../routes/index.ts'
import { cutBacktrace, WORD, word } from '../backtrace.ts'
import { SpError } from '../errors.ts'
import type { Message } from '../message.ts'
import type { Host, Pattern, Verdict } from '../pattern.ts'
import type { Pipe } from '../pipe.ts'
import { type Idle, idle } from './idle.ts'

interface State {
  readonly host: Host
  readonly arrivals: Waiters
  readonly peers: ByIdentity<Pipe, number>
  readonly queue: FairQueue<Message, Pipe>
}

function attach({ peers, queue }: State, pipe: Pipe): void {
  peers.set(pipe.id, pipe)
  queue.add(pipe)
}

function detach({ peers, queue }: State, pipe: Pipe): void {
  peers.remove(pipe.id, pipe)
  queue.remove(pipe)
}

function send({ peers }: State, _: Idle, { header, body }: Message): Verdict {
  if (header.length < WORD) throw new SpError('EPROTO', 'a raw answer needs a backtrace as its header')
  const peer = peers.get(header.readUInt32BE())
  if (peer === undefined || !peer.isOpen) return 'taken'
  return peer.offer({ header: header.subarray(WORD), body }) ? 'taken' : 'full'
}

function receive({ host, queue, arrivals }: State, pipe: Pipe, payload: Buffer): void {
  const trace = cutBacktrace(payload, host.settings.ttlMax)
  if (trace.at === 'broken') host.refuse(pipe, 'a request without an id')
  if (trace.at !== 'whole') return
  pipe.inbox.push({ header: Buffer.concat([word(pipe.id), trace.header]), body: trace.body, pipe })
  queue.wake(pipe)
  arrivals.wake()
}

function closed(): void {}

/** Raw REP and raw RESPONDENT answer alike. */
function rawAnswering(name: 'rep' | 'respondent'): Pattern<State, Idle> {
  return {
    name,
    raw: true,
    sends: true,
    receives: true,
    loses: false,
    contexts: false,
    routes: ['by-identity', 'fair-queue'],
    sendBufferOf: 'none',
    buffers: { sendBuffer: 0, receiveBuffer: 1 },
    open: host => ({ host, arrivals: host.arrivals, peers: new ByIdentity(), queue: new FairQueue() }),
    lane: idle,
    ...{ attach, detach, send, receive, closed },
    take: ({ queue }) => queue.take(),
    room: () => {},
  }
}

export const xrep = rawAnswering('rep')
export const xrespondent = rawAnswering('respondent')
