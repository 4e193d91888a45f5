// The door of rpc/: remote procedure call, in two worlds. Embedded in the language, without an IDL:
//
//   await using server = await serve({ add: (a: number, b: number) => a + b })
//   await using api = await connect<{ add(a: number, b: number): number }>(server.address)
//   await api.add(1, 2)
//
// And on the wire of ONC RPC: `xdr` has the types, `program` describes what can be called; both are what `posthorn idl
// compile` writes from an .x file. `connectOnc` and `serveOnc` call and serve it.

import * as xdr from './xdr/index.ts'

export { Reader, WireError, type WireErrorCode, Writer } from '../bytes/index.ts'
export {
  type AddressSource,
  type Balance,
  type CallContext,
  CallError,
  type CallErrorCode,
  type CallInterceptor,
  type Connected,
  type ConnectionState,
  type ConnectOptions,
  callErrors,
  calling,
  callLimits,
  connect,
  connectionOf,
  currentCall,
  type Declaration,
  type Declarations,
  type FrameEvent,
  type FrameObserver,
  type Given,
  type Health,
  type InterceptedCall,
  type MethodDescription,
  methods,
  nextTrace,
  type PeerOptions,
  parseTrace,
  type Received,
  type Ref,
  type Remote,
  type RemoteCallOptions,
  type RemoteConnection,
  type RemotePromise,
  type RepliesLimits,
  type Semantics,
  type ServeInterceptor,
  type ServeOptions,
  type Server,
  serve,
  type TicketState,
  type TraceContext,
  tracing,
  type Until,
  within,
} from './engine/index.ts'
export {
  all,
  type CallOne,
  first,
  type HedgeOptions,
  hedged,
  type ManyOptions,
  type Outcome,
  quorum,
} from './many/index.ts'
export {
  type Accepted,
  type Asynchronous,
  asynchronous,
  type Deferred,
  deferred,
  describe,
  health,
  type OneWay,
  oneWay,
  type Pending,
  type PendingState,
  type Polling,
  type PollingOptions,
  pending,
  polling,
  type Ticket,
  ticketOf,
} from './modes/index.ts'
export {
  type AuthStatus,
  authStatuses,
  type Credential,
  connectOnc,
  flavors,
  noAuth,
  type OncCall,
  type OncConnection,
  type OncConnectOptions,
  OncError,
  type OncErrorCode,
  type OncServeOptions,
  type OncServer,
  type OncService,
  type OpaqueAuth,
  oncErrors,
  oncLimits,
  type ReplyCacheLimits,
  type SystemCredential,
  serveOnc,
  service,
  systemAuth,
} from './onc/index.ts'
export {
  type CallOptions,
  type ClientOf,
  type Procedure,
  type Procedures,
  type Program,
  program,
  type ServerOf,
} from './program.ts'
export { ByReference, byReference, passedByReference } from './refs/index.ts'
export {
  type BoundName,
  type NamedOptions,
  type NameLease,
  named,
  type RegisterOptions,
  type Registration,
  Registry,
  type RegistryOptions,
  register,
} from './registry/index.ts'
export { type InOut, inout, type Out, out } from './restore/index.ts'
export { ValueError, type ValueErrorCode, type ValueLimits, valueErrors, valueLimits } from './value/index.ts'
export { type XdrLimits, xdrLimits } from './xdr/limits.ts'
export type { ValueOf, Xdr } from './xdr/type.ts'
export { xdr }
