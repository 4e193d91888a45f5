// The door of rpc/: remote procedure call. `xdr` has the types of the wire, `program` describes what can be called; both
// are what `posthorn idl compile` writes from an .x file. `connectOnc` and `serveOnc` call and serve it over ONC RPC, and
// `connectRpcbind` and `serveRpcbind` say where programs are.
//
//   import { xdr } from 'posthorn/rpc'
//   const bytes = xdr.varArray(xdr.int).encode([1, 2, 3])

import * as xdr from './xdr/index.ts'

export { Reader, WireError, type WireErrorCode, Writer } from '../bytes/index.ts'
export {
  type AuthStatus,
  authStatuses,
  type Credential,
  connectOnc,
  flavors,
  noAuth,
  type OncCall,
  type OncClientOf,
  type OncConnection,
  type OncConnectOptions,
  OncError,
  type OncErrorCode,
  type OncOpenOptions,
  type OncServeOptions,
  type OncServer,
  type OncService,
  type OncTlsClientOptions,
  type OncTlsServerOptions,
  type OneWayOptions,
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
export {
  type AddressEntry,
  type BroadcastAnswer,
  type BroadcastOptions,
  broadcastOnc,
  connectLocalRpcbind,
  connectRpcbind,
  type LookUpOptions,
  type Mapping,
  type Netid,
  networks,
  PORTMAP_V2,
  type ProgramVersion,
  type Protocol,
  parseUniversalAddress,
  programName,
  programNumber,
  type RegisterOptions,
  type Registration,
  type Relayed,
  type RelayedCall,
  RPCBIND_V3,
  RPCBIND_V4,
  Rpcbind,
  type RpcbindServeOptions,
  type RpcbindServer,
  type RpcbindStatistics,
  rpcbindLimits,
  serveRpcbind,
  universalAddress,
} from './rpcbind/index.ts'
export { type XdrLimits, xdrLimits } from './xdr/limits.ts'
export type { ValueOf, Xdr } from './xdr/type.ts'
export { xdr }
