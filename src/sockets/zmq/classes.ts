// The classes of `zeromq` 6, each a pattern under a name: what its options are called, what its messages look like.

import { frameOf, type MessageLike } from './message.ts'
import { patterns } from './patterns/index.ts'
import { defineOptions, receiving, sending } from './properties.ts'
import { coreOf, iterate, receiveOn, Socket, sendOn } from './socket.ts'
import type { Message, SocketOptions } from './types.ts'

/** One peer, both ways (RFC 31). */
export class Pair extends Socket {
  declare sendBufferSize: number
  declare sendHighWaterMark: number
  declare sendHighWaterMarkBytes: number
  declare sendTimeout: number
  declare multicastHops: number
  declare receiveBufferSize: number
  declare receiveHighWaterMark: number
  declare receiveHighWaterMarkBytes: number
  declare receiveTimeout: number

  constructor(options?: SocketOptions<Pair>) {
    super(patterns.pair, options)
  }

  send(message: MessageLike | MessageLike[]): Promise<void> {
    return sendOn(this, message)
  }

  receive(): Promise<Message[]> {
    return receiveOn(this) as Promise<Message[]>
  }

  [Symbol.asyncIterator](): AsyncIterator<Message[], undefined> {
    return iterate(this)
  }
}
defineOptions(Pair, [...sending, ...receiving])

/** To all who have subscribed (RFC 29). */
export class Publisher extends Socket {
  declare sendBufferSize: number
  declare sendHighWaterMark: number
  declare sendHighWaterMarkBytes: number
  declare sendTimeout: number
  declare multicastHops: number
  declare conflate: boolean
  declare noDrop: boolean
  declare invertMatching: boolean

  constructor(options?: SocketOptions<Publisher>) {
    super(patterns.pub, options)
  }

  send(message: MessageLike | MessageLike[]): Promise<void> {
    return sendOn(this, message)
  }
}
defineOptions(Publisher, [...sending, 'conflate', 'noDrop', 'invertMatching'])

/** What has been subscribed to (RFC 29). */
export class Subscriber extends Socket {
  declare receiveBufferSize: number
  declare receiveHighWaterMark: number
  declare receiveHighWaterMarkBytes: number
  declare receiveTimeout: number
  declare conflate: boolean
  declare invertMatching: boolean

  constructor(options?: SocketOptions<Subscriber>) {
    super(patterns.sub, options)
  }

  receive(): Promise<Message[]> {
    return receiveOn(this) as Promise<Message[]>
  }

  [Symbol.asyncIterator](): AsyncIterator<Message[], undefined> {
    return iterate(this)
  }

  /** Messages that begin with one of these; without any, all messages. */
  subscribe(...prefixes: readonly (Buffer | string)[]): void {
    for (const prefix of prefixes.length === 0 ? [''] : prefixes)
      coreOf(this).subscribe(true, frameOf(prefix))
  }

  /** Takes a subscription back; without arguments, that to all. */
  unsubscribe(...prefixes: readonly (Buffer | string)[]): void {
    for (const prefix of prefixes.length === 0 ? [''] : prefixes)
      coreOf(this).subscribe(false, frameOf(prefix))
  }
}
defineOptions(Subscriber, [...receiving, 'conflate', 'invertMatching'])

/** A request, then its reply (RFC 28). */
export class Request extends Socket {
  declare sendBufferSize: number
  declare sendHighWaterMark: number
  declare sendHighWaterMarkBytes: number
  declare sendTimeout: number
  declare multicastHops: number
  declare receiveBufferSize: number
  declare receiveHighWaterMark: number
  declare receiveHighWaterMarkBytes: number
  declare receiveTimeout: number
  declare routingId: string | null
  declare probeRouter: boolean
  declare correlate: boolean
  declare relaxed: boolean

  constructor(options?: SocketOptions<Request>) {
    super(patterns.req, options)
  }

  send(message: MessageLike | MessageLike[]): Promise<void> {
    return sendOn(this, message)
  }

  receive(): Promise<Message[]> {
    return receiveOn(this) as Promise<Message[]>
  }

  [Symbol.asyncIterator](): AsyncIterator<Message[], undefined> {
    return iterate(this)
  }
}
defineOptions(Request, [...sending, ...receiving, 'routingId', 'probeRouter', 'correlate', 'relaxed'])

/** A request, then its reply, from the other side (RFC 28). */
export class Reply extends Socket {
  declare sendBufferSize: number
  declare sendHighWaterMark: number
  declare sendHighWaterMarkBytes: number
  declare sendTimeout: number
  declare multicastHops: number
  declare receiveBufferSize: number
  declare receiveHighWaterMark: number
  declare receiveHighWaterMarkBytes: number
  declare receiveTimeout: number
  declare routingId: string | null

  constructor(options?: SocketOptions<Reply>) {
    super(patterns.rep, options)
  }

  send(message: MessageLike | MessageLike[]): Promise<void> {
    return sendOn(this, message)
  }

  receive(): Promise<Message[]> {
    return receiveOn(this) as Promise<Message[]>
  }

  [Symbol.asyncIterator](): AsyncIterator<Message[], undefined> {
    return iterate(this)
  }
}
defineOptions(Reply, [...sending, ...receiving, 'routingId'])

/** To peers by turns, from all fairly (RFC 28). */
export class Dealer extends Socket {
  declare sendBufferSize: number
  declare sendHighWaterMark: number
  declare sendHighWaterMarkBytes: number
  declare sendTimeout: number
  declare multicastHops: number
  declare receiveBufferSize: number
  declare receiveHighWaterMark: number
  declare receiveHighWaterMarkBytes: number
  declare receiveTimeout: number
  declare routingId: string | null
  declare probeRouter: boolean
  declare conflate: boolean

  constructor(options?: SocketOptions<Dealer>) {
    super(patterns.dealer, options)
  }

  send(message: MessageLike | MessageLike[]): Promise<void> {
    return sendOn(this, message)
  }

  receive(): Promise<Message[]> {
    return receiveOn(this) as Promise<Message[]>
  }

  [Symbol.asyncIterator](): AsyncIterator<Message[], undefined> {
    return iterate(this)
  }
}
defineOptions(Dealer, [...sending, ...receiving, 'routingId', 'probeRouter', 'conflate'])

export interface RouterConnectOptions {
  /** Our name for the peer. */
  readonly routingId?: string | Buffer
}

/** To the peer that the first part names (RFC 28). */
export class Router extends Socket {
  declare sendBufferSize: number
  declare sendHighWaterMark: number
  declare sendHighWaterMarkBytes: number
  declare sendTimeout: number
  declare multicastHops: number
  declare receiveBufferSize: number
  declare receiveHighWaterMark: number
  declare receiveHighWaterMarkBytes: number
  declare receiveTimeout: number
  declare routingId: string | null
  declare mandatory: boolean
  declare probeRouter: boolean
  declare handover: boolean

  constructor(options?: SocketOptions<Router>) {
    super(patterns.router, options)
  }

  send(message: MessageLike | MessageLike[]): Promise<void> {
    return sendOn(this, message)
  }

  receive(): Promise<Message[]> {
    return receiveOn(this) as Promise<Message[]>
  }

  [Symbol.asyncIterator](): AsyncIterator<Message[], undefined> {
    return iterate(this)
  }

  /** `routingId` names the peer, so that it can be sent to before it has said anything. */
  override connect(address: string, { routingId }: RouterConnectOptions = {}): void {
    if (routingId !== undefined) this.setStringOption(61, routingId)
    super.connect(address)
  }
}
defineOptions(Router, [...sending, ...receiving, 'routingId', 'mandatory', 'probeRouter', 'handover'])

/** From all fairly (RFC 30). */
export class Pull extends Socket {
  declare receiveBufferSize: number
  declare receiveHighWaterMark: number
  declare receiveHighWaterMarkBytes: number
  declare receiveTimeout: number
  declare conflate: boolean

  constructor(options?: SocketOptions<Pull>) {
    super(patterns.pull, options)
  }

  receive(): Promise<Message[]> {
    return receiveOn(this) as Promise<Message[]>
  }

  [Symbol.asyncIterator](): AsyncIterator<Message[], undefined> {
    return iterate(this)
  }
}
defineOptions(Pull, [...receiving, 'conflate'])

/** To peers by turns (RFC 30). */
export class Push extends Socket {
  declare sendBufferSize: number
  declare sendHighWaterMark: number
  declare sendHighWaterMarkBytes: number
  declare sendTimeout: number
  declare multicastHops: number
  declare conflate: boolean

  constructor(options?: SocketOptions<Push>) {
    super(patterns.push, options)
  }

  send(message: MessageLike | MessageLike[]): Promise<void> {
    return sendOn(this, message)
  }
}
defineOptions(Push, [...sending, 'conflate'])

/** A Publisher that receives subscriptions (RFC 29). */
export class XPublisher extends Socket {
  declare sendBufferSize: number
  declare sendHighWaterMark: number
  declare sendHighWaterMarkBytes: number
  declare sendTimeout: number
  declare multicastHops: number
  declare receiveBufferSize: number
  declare receiveHighWaterMark: number
  declare receiveHighWaterMarkBytes: number
  declare receiveTimeout: number
  declare noDrop: boolean
  declare manual: boolean
  declare welcomeMessage: string | null
  declare invertMatching: boolean

  constructor(options?: SocketOptions<XPublisher>) {
    super(patterns.xpub, options)
  }

  send(message: MessageLike | MessageLike[]): Promise<void> {
    return sendOn(this, message)
  }

  receive(): Promise<Message[]> {
    return receiveOn(this) as Promise<Message[]>
  }

  [Symbol.asyncIterator](): AsyncIterator<Message[], undefined> {
    return iterate(this)
  }

  /** Which subscriptions are received: new ones, all, or all and all cancels. */
  set verbosity(value: null | 'allSubs' | 'allSubsUnsubs') {
    this.setBoolOption(40, value === 'allSubs')
    this.setBoolOption(78, value === 'allSubsUnsubs')
  }

  /** With `manual`: what the peer whose subscription was received last gets. */
  subscribe(...prefixes: readonly (Buffer | string)[]): void {
    for (const prefix of prefixes) coreOf(this).subscribe(true, frameOf(prefix))
  }

  unsubscribe(...prefixes: readonly (Buffer | string)[]): void {
    for (const prefix of prefixes) coreOf(this).subscribe(false, frameOf(prefix))
  }
}
defineOptions(XPublisher, [...sending, ...receiving, 'noDrop', 'manual', 'welcomeMessage', 'invertMatching'])

/** A Subscriber that sends subscriptions (RFC 29). */
export class XSubscriber extends Socket {
  declare sendBufferSize: number
  declare sendHighWaterMark: number
  declare sendHighWaterMarkBytes: number
  declare sendTimeout: number
  declare multicastHops: number
  declare receiveBufferSize: number
  declare receiveHighWaterMark: number
  declare receiveHighWaterMarkBytes: number
  declare receiveTimeout: number

  constructor(options?: SocketOptions<XSubscriber>) {
    super(patterns.xsub, options)
  }

  send(message: MessageLike | MessageLike[]): Promise<void> {
    return sendOn(this, message)
  }

  receive(): Promise<Message[]> {
    return receiveOn(this) as Promise<Message[]>
  }

  [Symbol.asyncIterator](): AsyncIterator<Message[], undefined> {
    return iterate(this)
  }
}
defineOptions(XSubscriber, [...sending, ...receiving])

export interface StreamConnectOptions {
  /** Our name for the peer. */
  readonly routingId?: string | Buffer
}

/** Bytes with peers that know nothing of ZeroMQ. */
export class Stream extends Socket {
  declare sendBufferSize: number
  declare sendHighWaterMark: number
  declare sendHighWaterMarkBytes: number
  declare sendTimeout: number
  declare multicastHops: number
  declare receiveBufferSize: number
  declare receiveHighWaterMark: number
  declare receiveHighWaterMarkBytes: number
  declare receiveTimeout: number
  declare notify: boolean

  constructor(options?: SocketOptions<Stream>) {
    super(patterns.stream, options)
  }

  send(message: [MessageLike, MessageLike]): Promise<void> {
    return sendOn(this, message)
  }

  receive(): Promise<[Message, Message]> {
    return receiveOn(this) as Promise<[Message, Message]>
  }

  [Symbol.asyncIterator](): AsyncIterator<[Message, Message], undefined> {
    return iterate(this)
  }

  /** `routingId` names the peer, so that it can be sent to before it has said anything. */
  override connect(address: string, { routingId }: StreamConnectOptions = {}): void {
    if (routingId !== undefined) this.setStringOption(61, routingId)
    super.connect(address)
  }
}
defineOptions(Stream, [...sending, ...receiving, 'notify'])
