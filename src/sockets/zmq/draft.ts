// The draft classes of `zeromq` 6, each a pattern under a name: what its options are called, what its messages look like.

import { frameOf, type MessageLike } from './message.ts'
import { patterns } from './patterns/index.ts'
import { defineOptions, receiving, sending } from './properties.ts'
import { coreOf, iterate, receiveOn, Socket, sendOn } from './socket.ts'
import type { Message, SocketOptions } from './types.ts'

/** Whose a message is, or who gets it. */
export interface RoutingDetails {
  readonly routingId: number
}

function detailsIn<D extends object>(details: D): D {
  if (typeof details !== 'object' || details === null) throw new TypeError('Options must be an object')
  return details
}

/** To the client that the number says (RFC 41). */
export class Server extends Socket {
  declare sendBufferSize: number
  declare sendHighWaterMark: number
  declare sendHighWaterMarkBytes: number
  declare sendTimeout: number
  declare multicastHops: number
  declare receiveBufferSize: number
  declare receiveHighWaterMark: number
  declare receiveHighWaterMarkBytes: number
  declare receiveTimeout: number

  constructor(options?: SocketOptions<Server>) {
    super(patterns.server, options)
  }

  /** Errors: ZmqError EHOSTUNREACH, EAGAIN when the client has no room. */
  send(message: MessageLike, details: RoutingDetails): Promise<void> {
    return sendOn(this, message, detailsIn(details))
  }

  receive(): Promise<[Message, RoutingDetails]> {
    return receiveOn(this) as Promise<[Message, RoutingDetails]>
  }

  [Symbol.asyncIterator](): AsyncIterator<[Message, RoutingDetails], undefined> {
    return iterate(this)
  }
}
defineOptions(Server, [...sending, ...receiving])

/** To servers by turns (RFC 41). */
export class Client extends Socket {
  declare sendBufferSize: number
  declare sendHighWaterMark: number
  declare sendHighWaterMarkBytes: number
  declare sendTimeout: number
  declare multicastHops: number
  declare receiveBufferSize: number
  declare receiveHighWaterMark: number
  declare receiveHighWaterMarkBytes: number
  declare receiveTimeout: number

  constructor(options?: SocketOptions<Client>) {
    super(patterns.client, options)
  }

  send(message: MessageLike): Promise<void> {
    return sendOn(this, message)
  }

  receive(): Promise<[Message]> {
    return receiveOn(this) as Promise<[Message]>
  }

  [Symbol.asyncIterator](): AsyncIterator<[Message], undefined> {
    return iterate(this)
  }
}
defineOptions(Client, [...sending, ...receiving])

/** To all who have joined the group (RFC 48). */
export class Radio extends Socket {
  declare sendBufferSize: number
  declare sendHighWaterMark: number
  declare sendHighWaterMarkBytes: number
  declare sendTimeout: number
  declare multicastHops: number

  constructor(options?: SocketOptions<Radio>) {
    super(patterns.radio, options)
  }

  /** Errors: ZmqError EINVAL for a group of more than 255 bytes. */
  send(message: MessageLike, details: { readonly group: Buffer | string }): Promise<void> {
    return sendOn(this, message, detailsIn(details))
  }
}
defineOptions(Radio, [...sending])

/** What is sent to the groups that were joined (RFC 48). */
export class Dish extends Socket {
  declare receiveBufferSize: number
  declare receiveHighWaterMark: number
  declare receiveHighWaterMarkBytes: number
  declare receiveTimeout: number

  constructor(options?: SocketOptions<Dish>) {
    super(patterns.dish, options)
  }

  receive(): Promise<[Message, { readonly group: Buffer }]> {
    return receiveOn(this) as Promise<[Message, { readonly group: Buffer }]>
  }

  [Symbol.asyncIterator](): AsyncIterator<[Message, { readonly group: Buffer }], undefined> {
    return iterate(this)
  }

  /** Errors: ZmqError EINVAL for a group that has been joined, or has more than 255 bytes. */
  join(...groups: readonly (Buffer | string)[]): void {
    for (const group of groups) coreOf(this).join(true, frameOf(group))
  }

  leave(...groups: readonly (Buffer | string)[]): void {
    for (const group of groups) coreOf(this).join(false, frameOf(group))
  }
}
defineOptions(Dish, [...receiving])

/** From all fairly, one part each (RFC 49). */
export class Gather extends Socket {
  declare receiveBufferSize: number
  declare receiveHighWaterMark: number
  declare receiveHighWaterMarkBytes: number
  declare receiveTimeout: number
  declare conflate: boolean

  constructor(options?: SocketOptions<Gather>) {
    super(patterns.gather, options)
  }

  receive(): Promise<[Message]> {
    return receiveOn(this) as Promise<[Message]>
  }

  [Symbol.asyncIterator](): AsyncIterator<[Message], undefined> {
    return iterate(this)
  }
}
defineOptions(Gather, [...receiving, 'conflate'])

/** To peers by turns, one part each (RFC 49). */
export class Scatter extends Socket {
  declare sendBufferSize: number
  declare sendHighWaterMark: number
  declare sendHighWaterMarkBytes: number
  declare sendTimeout: number
  declare multicastHops: number
  declare conflate: boolean

  constructor(options?: SocketOptions<Scatter>) {
    super(patterns.scatter, options)
  }

  send(message: MessageLike): Promise<void> {
    return sendOn(this, message)
  }
}
defineOptions(Scatter, [...sending, 'conflate'])

/** A Server that can also connect (RFC 51); not in the original. */
export class Peer extends Socket {
  declare sendBufferSize: number
  declare sendHighWaterMark: number
  declare sendHighWaterMarkBytes: number
  declare sendTimeout: number
  declare multicastHops: number
  declare receiveBufferSize: number
  declare receiveHighWaterMark: number
  declare receiveHighWaterMarkBytes: number
  declare receiveTimeout: number

  constructor(options?: SocketOptions<Peer>) {
    super(patterns.peer, options)
  }

  /** Errors: ZmqError EHOSTUNREACH, EAGAIN when the client has no room. */
  send(message: MessageLike, details: RoutingDetails): Promise<void> {
    return sendOn(this, message, detailsIn(details))
  }

  receive(): Promise<[Message, RoutingDetails]> {
    return receiveOn(this) as Promise<[Message, RoutingDetails]>
  }

  [Symbol.asyncIterator](): AsyncIterator<[Message, RoutingDetails], undefined> {
    return iterate(this)
  }
}
defineOptions(Peer, [...sending, ...receiving])

/** One peer, both ways, one part each (RFC 52); not in the original. */
export class Channel extends Socket {
  declare sendBufferSize: number
  declare sendHighWaterMark: number
  declare sendHighWaterMarkBytes: number
  declare sendTimeout: number
  declare multicastHops: number
  declare receiveBufferSize: number
  declare receiveHighWaterMark: number
  declare receiveHighWaterMarkBytes: number
  declare receiveTimeout: number

  constructor(options?: SocketOptions<Channel>) {
    super(patterns.channel, options)
  }

  send(message: MessageLike): Promise<void> {
    return sendOn(this, message)
  }

  receive(): Promise<[Message]> {
    return receiveOn(this) as Promise<[Message]>
  }

  [Symbol.asyncIterator](): AsyncIterator<[Message], undefined> {
    return iterate(this)
  }
}
defineOptions(Channel, [...sending, ...receiving])
