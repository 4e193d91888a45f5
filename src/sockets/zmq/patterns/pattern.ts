// What a socket pattern is: state, hooks, and a value that says the rest. The file of a pattern has its hooks in the order
// attach, detach, send, receive, closed; what it does beyond passing messages follows them.

import type { World } from '../../../world/index.ts'
import type { Frames } from '../message.ts'
import type { SocketOptionValues } from '../options.ts'
import type { Pipe } from '../pipe.ts'

/** What `send` says of a message. */
export type Sent =
  /** Taken, or dropped where the pattern says so. */
  | 'sent'
  /** Nobody has room: the caller waits for `wakeSenders`. */
  | 'full'

/** What is received: frames, and for some drafts what belongs to the last of them. */
export type Received = (Buffer | MessageDetails)[]

/** What SERVER, PEER, RADIO and DISH have beside a message. */
export interface MessageDetails {
  /** SERVER, PEER: of the peer. */
  readonly routingId?: number
  /** RADIO, DISH. */
  readonly group?: Buffer | string
}

/** What a pattern is given. */
export interface PatternContext {
  readonly options: SocketOptionValues
  readonly world: World
  /** Something can be received that could not before. */
  wakeReceivers(): void
  /** Something can be sent that could not before. */
  wakeSenders(): void
  /** Sends the peer away. */
  refuse(pipe: Pipe): void
}

export interface Pattern {
  /** A new peer; `isOurs`: we have connected to it. */
  attach(pipe: Pipe, isOurs: boolean): void
  /** The peer has gone, and nothing of it is left. */
  detach(pipe: Pipe): void
  /** Errors: ZmqError EFSM, EHOSTUNREACH, EAGAIN, EINVAL. */
  send(frames: Frames, details: MessageDetails): Sent
  /** The next message, or undefined. Errors: ZmqError EFSM. */
  receive(): Received | undefined
  /** The socket has been closed. */
  closed(): void

  /** Whether `send` would take a message now. */
  readonly canSend: boolean
  /** Whether `receive` would give one now. */
  readonly canReceive: boolean
  readable(pipe: Pipe): void
  writable(pipe: Pipe): void
  /** The peer takes no more, though it may still be read. */
  ending?(pipe: Pipe): void
  /** True: the message is used up. */
  arrived?(pipe: Pipe, frames: Frames): boolean
  subscription?(pipe: Pipe, isOn: boolean, prefix: Buffer): void
  group?(pipe: Pipe, isIn: boolean, group: Buffer): void
  renewed?(pipe: Pipe): void
  /** SUB: a subscription of the user's. */
  subscribe?(isOn: boolean, prefix: Buffer): void
  /** DISH. */
  join?(isIn: boolean, group: Buffer): void
  /** Messages that wait in one peer's pipe so that sending more in this turn would drop them. */
  readonly pressure?: boolean
}

export interface PatternDefinition {
  /** As in READY. */
  readonly name: string
  /** ZMQ_PAIR and so on; also the octet of ZMTP 2.0. */
  readonly id: number
  /** Types that a peer may have. */
  readonly peers: readonly string[]
  readonly sends: boolean
  readonly receives: boolean
  /** False for the thread-safe drafts: a message is one frame. */
  readonly isMultipart: boolean
  /** Whether READY carries our routing id. */
  readonly hasRoutingId: boolean
  /** Default of the option, if it is not -1: nobody waits for subscriptions to leave. */
  readonly linger?: 0
  /** A peer is known only by its handshake, so connecting alone does not attach it. */
  readonly waitsForPeer: boolean
  open(context: PatternContext): Pattern
}
