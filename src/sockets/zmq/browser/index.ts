// posthorn/zeromq/browser: the sockets of ZeroMQ in a browser, which connects over WebSocket (ZWS 2.0, RFC 45) to any libzmq
// that has `ws://`. There is no security mechanism but `wss://`; within the page there is inproc.
//
// What is shipped is one file, made of this one by tools/browser.mjs: the modules of the room as they are, with those that need
// Node replaced by the others of this folder.
//
//   import { Request } from 'posthorn/zeromq/browser'
//   const request = new Request()
//   request.connect('ws://127.0.0.1:5555')
//   await request.send('hello')
//   console.log(String((await request.receive())[0]))

export {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Subscriber,
  XPublisher,
  XSubscriber,
} from '../classes.ts'
export { Context, type ContextOptions, context } from '../context.ts'
export { Channel, Client, Gather, Peer, type RoutingDetails, Scatter, Server } from '../draft.ts'
export { AuthenticationError, ProtocolError, ZmqError, type ZmqErrorCode } from '../errors.ts'
export type { MessageLike } from '../message.ts'
export { type Event, type EventOfType, type EventType, Observer } from '../observer.ts'
export { Proxy, type ProxyOptions } from '../proxy.ts'
export { Socket } from '../socket.ts'
export type { Message, Readable, SocketOptions, Writable } from '../types.ts'
