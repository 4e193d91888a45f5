// The door of transport/: the only home of Node's sockets.

export {
  type HttpListenOptions,
  type HttpRequest,
  type HttpResponse,
  httpLimits,
  listenHttp,
} from './http.ts'
export type { Listener, Peer, Stream } from './stream.ts'
export {
  type ConnectOptions,
  connectTcp,
  type ListenOptions,
  listenTcp,
  type TlsServerOptions,
} from './tcp.ts'
