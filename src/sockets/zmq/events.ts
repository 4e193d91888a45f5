// What a socket's observers hear (zmq_socket_monitor(3)), under the names of `zeromq` 6.

import type { AuthenticationError, ProtocolError, ZmqError } from './errors.ts'

export type ZmqEvent =
  | { readonly type: 'accept'; readonly address: string }
  | { readonly type: 'accept:error'; readonly address: string; readonly error: ZmqError }
  | { readonly type: 'bind'; readonly address: string }
  | { readonly type: 'bind:error'; readonly address: string; readonly error: ZmqError }
  | { readonly type: 'connect'; readonly address: string }
  | { readonly type: 'connect:delay'; readonly address: string }
  | { readonly type: 'connect:retry'; readonly address: string; readonly interval: number }
  | { readonly type: 'close'; readonly address: string }
  | { readonly type: 'close:error'; readonly address: string; readonly error: ZmqError }
  | { readonly type: 'disconnect'; readonly address: string }
  | { readonly type: 'end' }
  | { readonly type: 'handshake'; readonly address: string }
  | { readonly type: 'handshake:error:protocol'; readonly address: string; readonly error: ProtocolError }
  | { readonly type: 'handshake:error:auth'; readonly address: string; readonly error: AuthenticationError }
  | { readonly type: 'handshake:error:other'; readonly address: string; readonly error: ZmqError }
  | { readonly type: 'unknown' }

export type ZmqEventType = ZmqEvent['type']
