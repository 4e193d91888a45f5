// The door of zmq/, which is `posthorn/zeromq`: what `zeromq` 6 exports, so that a program runs with the import changed.
//
//   const push = new Push()
//   await push.bind('tcp://127.0.0.1:*')
//   const pull = new Pull()
//   pull.connect(push.lastEndpoint)
//   await push.send('work')
//   const [work] = await pull.receive()

import { generateKeyPair } from './security/box.ts'
import { z85Encode } from './wire/z85.ts'

export {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type RouterConnectOptions,
  Stream,
  type StreamConnectOptions,
  Subscriber,
  XPublisher,
  XSubscriber,
} from './classes.ts'
export { Context, type ContextOptions, context } from './context.ts'
export {
  Channel,
  Client,
  Dish,
  Gather,
  Peer,
  Radio,
  type RoutingDetails,
  Scatter,
  Server,
} from './draft.ts'
export {
  AuthenticationError,
  ProtocolError,
  type ProtocolFlaw,
  protocolFlaws,
  ZmqError,
  type ZmqErrorCode,
  type ZmqErrorDetails,
  zmqErrors,
} from './errors.ts'
export { zmqLimits } from './limits.ts'
export type { MessageLike } from './message.ts'
export { type Event, type EventOfType, type EventSubscriber, type EventType, Observer } from './observer.ts'
export { Proxy, type ProxyCount, type ProxyOptions, type ProxyStatistics } from './proxy.ts'
export { Socket } from './socket.ts'
export type { Message, Readable, SocketOptions, Writable } from './types.ts'

/** The version of libzmq whose behaviour this is. */
export const version = '4.3.5'

/** As the package declares it: a program asks before it uses. */
type Capability = Partial<Record<'ipc' | 'pgm' | 'tipc' | 'norm' | 'curve' | 'gssapi' | 'draft', boolean>>

/** What is there of what libzmq may have. */
export const capability: Capability = {
  ipc: true,
  pgm: false,
  tipc: false,
  norm: false,
  curve: true,
  gssapi: false,
  draft: true,
}

/** A new pair of keys for CURVE, as Z85 text. */
export function curveKeyPair(): { publicKey: string; secretKey: string } {
  const { publicKey, secretKey } = generateKeyPair()
  return { publicKey: z85Encode(publicKey), secretKey: z85Encode(secretKey) }
}
