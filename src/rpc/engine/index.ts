// The door of engine/: RPC embedded in the language.

export type { Balance } from './balanced.ts'
export type { RemoteCallOptions, Semantics, Until } from './call.ts'
export {
  type AddressSource,
  type Connected,
  type ConnectionState,
  type ConnectOptions,
  calling,
  connect,
  connectionOf,
  type RemoteConnection,
} from './connect.ts'
export { type CallContext, currentCall, within } from './context.ts'
export { type Declaration, type Declarations, methods } from './declarations.ts'
export { CallError, type CallErrorCode, callErrors } from './errors.ts'
export type { CallInterceptor, InterceptedCall, ServeInterceptor } from './interceptors.ts'
export { callLimits } from './limits.ts'
export type { FrameEvent, FrameObserver } from './observe.ts'
export type { PeerOptions } from './options.ts'
export type { RepliesLimits } from './replies.ts'
export { type ServeOptions, type Server, serve } from './serve.ts'
export type { Health, MethodDescription } from './system.ts'
export type { TicketState } from './tickets.ts'
export { nextTrace, parseTrace, type TraceContext, tracing } from './trace.ts'
export type { Given, Received, Ref, Remote, RemotePromise } from './types.ts'
