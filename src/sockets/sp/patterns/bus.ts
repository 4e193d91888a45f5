// BUS (nng_bus(7)): each message goes to all peers, one hop far; what has no room, here or there, is lost. In raw mode a
// message keeps the pipe that it came by, and is not sent back there, so that a device can join two buses.

import type { Waiters } from '../../../flow/index.ts'
import { FanOut } from '../../routes/index.ts'
import { asksForTurn } from '../courtesy.ts'
import { LossyInbox } from '../lossy-inbox.ts'
import { type Message, NO_HEADER } from '../message.ts'
import type { Host, Pattern, Verdict } from '../pattern.ts'
import type { Pipe } from '../pipe.ts'
import { type Idle, idle } from './idle.ts'

interface State {
  readonly host: Host
  readonly all: FanOut<Message, Pipe>
  readonly inbox: LossyInbox
  readonly arrivals: Waiters
}

function attach({ all }: State, pipe: Pipe): void {
  all.add(pipe)
}

function detach({ all }: State, pipe: Pipe): void {
  all.remove(pipe)
}

function send({ all }: State, _: Idle, { body, pipe }: Message): Verdict {
  if (asksForTurn(all.peers)) return 'turn'
  all.send({ header: NO_HEADER, body }, pipe === undefined ? all.peers : others(all.peers, pipe))
  return 'taken'
}

function receive({ host, inbox, arrivals }: State, pipe: Pipe, body: Buffer): void {
  inbox.push({ header: NO_HEADER, body, pipe }, host.reads)
  arrivals.wake()
}

function closed(): void {}

function* others(peers: Iterable<Pipe>, origin: Pipe): Generator<Pipe> {
  for (const peer of peers) if (peer !== origin) yield peer
}

export const bus: Pattern<State, Idle> = {
  name: 'bus',
  raw: false,
  sends: true,
  receives: true,
  loses: true,
  contexts: false,
  routes: ['fan-out'],
  sendBufferOf: 'pipe',
  buffers: { sendBuffer: 16, receiveBuffer: 16 },
  open: host => ({
    host,
    all: new FanOut(),
    inbox: new LossyInbox(host.settings.receiveBuffer, 'oldest'),
    arrivals: host.arrivals,
  }),
  lane: idle,
  ...{ attach, detach, send, receive, closed },
  take: ({ inbox }) => inbox.take(),
  room: () => {},
}
