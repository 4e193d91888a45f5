// SUB (nng_sub(7)): takes everything from every PUB, and keeps what begins with a prefix that a context has subscribed to.
// A publisher is never stopped: what finds a context's buffer full pushes the oldest out, or is lost.

import { Waiters } from '../../../flow/index.ts'
import { Subscriptions } from '../../routes/index.ts'
import { SpError } from '../errors.ts'
import { spLimits } from '../limits.ts'
import { LossyInbox } from '../lossy-inbox.ts'
import { type Message, NO_HEADER } from '../message.ts'
import type { Host, Lane, Pattern, Verdict } from '../pattern.ts'
import type { Pipe } from '../pipe.ts'

interface State {
  readonly host: Host
  readonly wanted: Subscriptions<Subscriber>
  /** For contexts that are made from now on. */
  preferNew: boolean
}

export interface Subscriber extends Lane {
  readonly inbox: LossyInbox
  readonly prefixes: Map<string, Buffer>
  subscribe(prefix: Buffer): void
  unsubscribe(prefix: Buffer): boolean
}

function attach(): void {}

function detach(): void {}

function send(): Verdict {
  return 'full'
}

function receive({ host, wanted }: State, pipe: Pipe, body: Buffer): void {
  for (const { inbox, arrivals } of wanted.match(body)) {
    inbox.push({ header: NO_HEADER, body, pipe }, host.reads)
    arrivals.wake()
  }
}

function closed({ wanted }: State, lane: Subscriber): void {
  wanted.removeAll(lane)
  lane.inbox.clear()
}

/** A context. Prefixes are a set: subscribing twice is subscribing once, as in nng. */
function subscriber({ host, wanted, preferNew }: State): Subscriber {
  const lane: Subscriber = {
    arrivals: new Waiters(),
    inbox: new LossyInbox(host.settings.receiveBuffer, preferNew ? 'newest' : 'oldest'),
    prefixes: new Map(),
    generation: 0,
    subscribe(prefix) {
      const key = prefix.toString('latin1')
      if (lane.prefixes.has(key)) return
      if (lane.prefixes.size >= spLimits.subscriptionsMax)
        throw new SpError('ENOTSUP', `more than ${spLimits.subscriptionsMax} subscriptions`)
      lane.prefixes.set(key, prefix)
      wanted.add(prefix, lane)
    },
    unsubscribe(prefix) {
      if (!lane.prefixes.delete(prefix.toString('latin1'))) return false
      wanted.remove(prefix, lane)
      lane.inbox.keep(({ body }: Message) => wanted.match(body).has(lane))
      return true
    },
  }
  return lane
}

/** `preferNew`: as NNG_OPT_SUB_PREFNEW. */
export function sub(preferNew: boolean): Pattern<State, Subscriber> {
  return {
    name: 'sub',
    raw: false,
    sends: false,
    receives: true,
    loses: true,
    contexts: true,
    routes: ['subscriptions'],
    sendBufferOf: 'none',
    buffers: { sendBuffer: 0, receiveBuffer: 128 },
    open: host => ({ host, wanted: new Subscriptions(), preferNew }),
    lane: subscriber,
    ...{ attach, detach, send, receive, closed },
    take: (_, lane) => lane.inbox.take(),
    room: () => {},
  }
}
