// PAIR version 1 (nng_pair(7)): as version 0, with a count of hops in front of the body, so that devices may lie between; and
// a polyamorous mode with many peers, where a message names its peer and one that names none goes to whoever has room.
// In raw mode the count stays with the message.

import type { Waiters } from '../../../flow/index.ts'
import { ByIdentity, FairQueue, LoadBalance } from '../../routes/index.ts'
import { WORD, word } from '../backtrace.ts'
import { SpError } from '../errors.ts'
import { type Message, NO_HEADER } from '../message.ts'
import type { Host, Pattern, Verdict } from '../pattern.ts'
import type { Pipe } from '../pipe.ts'
import { type Idle, idle } from './idle.ts'

interface State {
  readonly host: Host
  readonly arrivals: Waiters
  readonly peers: ByIdentity<Pipe, number>
  readonly balance: LoadBalance<Message, Pipe>
  readonly queue: FairQueue<Message, Pipe>
}

interface Mode {
  readonly polyamorous: boolean
  readonly raw: boolean
}

/** The most that the count may say; more is a broken message, whatever the ttl. */
const HOPS_MAX = 0xff

const FIRST_HOP = word(1)

function pairOf({ polyamorous, raw }: Mode): Pattern<State, Idle> {
  function attach({ peers, balance, queue }: State, pipe: Pipe): void {
    if (!polyamorous && peers.size > 0) throw new SpError('EBUSY', 'this pair has a peer')
    peers.set(pipe.id, pipe)
    balance.add(pipe)
    queue.add(pipe)
  }

  function detach({ peers, balance, queue }: State, pipe: Pipe): void {
    peers.remove(pipe.id, pipe)
    balance.remove(pipe)
    queue.remove(pipe)
  }

  function send({ peers, balance }: State, _: Idle, { header, body, pipe }: Message): Verdict {
    const message = { header: raw ? hopped(header) : FIRST_HOP, body }
    if (pipe === undefined || raw) return balance.send(message) ? 'taken' : 'full'
    const peer = peers.get(pipe.id)
    if (peer === undefined || !peer.isOpen) throw new SpError('ECLOSED', `pipe ${pipe.id} has gone`)
    return peer.offer(message) ? 'taken' : 'full'
  }

  function receive({ host, queue, arrivals }: State, pipe: Pipe, payload: Buffer): void {
    // nng begins to count at 1, mangos at 0, and nng takes either.
    const hops = payload.length < WORD ? Infinity : payload.readUInt32BE()
    if (hops > HOPS_MAX) {
      host.refuse(
        pipe,
        `a PAIR message without a count of hops (${payload.subarray(0, WORD).toString('hex')})`,
      )
    }
    if (hops > host.settings.ttlMax) return
    const header = raw ? payload.subarray(0, WORD) : NO_HEADER
    pipe.inbox.push({ header, body: payload.subarray(WORD), pipe })
    queue.wake(pipe)
    arrivals.wake()
    return
  }

  function closed(): void {}

  return {
    name: 'pair1',
    raw,
    sends: true,
    receives: true,
    loses: false,
    contexts: false,
    routes: ['by-identity', 'load-balance', 'fair-queue'],
    sendBufferOf: 'socket',
    buffers: { sendBuffer: 0, receiveBuffer: 1 },
    open: host => ({
      host,
      arrivals: host.arrivals,
      peers: new ByIdentity(),
      balance: new LoadBalance(),
      queue: new FairQueue(),
    }),
    lane: idle,
    ...{ attach, detach, send, receive, closed },
    take: ({ queue }) => queue.take(),
    room: ({ balance }, pipe) => balance.wake(pipe),
  }
}

function hopped(header: Buffer): Buffer {
  if (header.length !== WORD)
    throw new SpError('EPROTO', 'a raw PAIR message needs a count of hops as its header')
  return word(header.readUInt32BE() + 1)
}

export const pair1 = pairOf({ polyamorous: false, raw: false })
export const pair1Polyamorous = pairOf({ polyamorous: true, raw: false })
export const pair1Raw = pairOf({ polyamorous: false, raw: true })
