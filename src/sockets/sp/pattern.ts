// What a protocol is to the socket that runs it: a state, five hooks, and what a user takes. The hooks never wait and never
// read the clock but through the host.

import type { Waiters } from '../../flow/index.ts'
import type { World } from '../../world/index.ts'
import type { Message } from './message.ts'
import type { Settings } from './options.ts'
import type { Pipe } from './pipe.ts'
import type { ProtocolName } from './protocols.ts'

/** What became of a message to send: taken; nobody has room; or worth trying again in the next turn of the event loop. */
export type Verdict = 'taken' | 'full' | 'turn'

/** What a context is to its protocol. */
export interface Lane {
  /** Wakes those who wait for a message. */
  readonly arrivals: Waiters
  /** Counts requests and surveys: who waits for an answer to an earlier one is told so. 0 where there are none. */
  generation: number
}

/** The socket, as its protocol sees it. */
export interface Host {
  readonly settings: Settings
  readonly world: World
  /** For protocols whose contexts take from the same source. */
  readonly arrivals: Waiters
  /** Counts reads from the network (lossy-inbox.ts). */
  readonly reads: number
  /** Somebody has room: those who wait to send try again. */
  roomChanged(): void
  /** Ends a pipe whose peer broke the protocol. */
  refuse(pipe: Pipe, flaw: string): void
}

export interface Pattern<S, L extends Lane> {
  readonly name: ProtocolName
  readonly raw: boolean
  readonly sends: boolean
  readonly receives: boolean
  /** Whether what a receiver is too slow for is lost, rather than the peer stopped. */
  readonly loses: boolean
  /** Whether a socket has more than one context. */
  readonly contexts: boolean
  /** Files of routes/ that it is made of. */
  readonly routes: readonly string[]
  /** Whether what a context sends takes the place of what it still waits to send: one request at a time. */
  readonly replaces?: true
  /** Whether the send buffer belongs to the socket or to each pipe; of none there is no such thing. */
  readonly sendBufferOf: 'socket' | 'pipe' | 'none'
  /** Defaults of the options of the same name. */
  readonly buffers: { readonly sendBuffer: number; readonly receiveBuffer: number }
  open(host: Host): S
  lane(state: S): L
  /** A peer has come. Errors: SpError EBUSY when it may not; then it is not heard of again. */
  attach(state: S, pipe: Pipe): void
  /** A peer has gone. */
  detach(state: S, pipe: Pipe): void
  /** The context sends. Errors: SpError ESTATE and the like. */
  send(state: S, lane: L, message: Message): Verdict
  /** A payload has arrived. */
  receive(state: S, pipe: Pipe, payload: Buffer): void
  /** The context is closed. */
  closed(state: S, lane: L): void
  /** What the context receives next; undefined when nothing is there. Errors: SpError ESTATE and the like. */
  take(state: S, lane: L): Message | undefined
  /** The sender of a message that was not taken has given up. */
  withdraw?(state: S, lane: L, message: Message): void
  /** A pipe that had none has room. */
  room(state: S, pipe: Pipe): void
}
