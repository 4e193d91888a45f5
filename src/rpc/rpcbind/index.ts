// Rpcbind (RFC 1833), once called the portmapper: which programs of ONC RPC a machine serves, and at which ports.
//
//   await using rpcbind = await connectRpcbind('tcp://nas:111')
//   await rpcbind.lookUp(MOUNT_V3)   // '10.1.3.7.78.80'

export { type BroadcastAnswer, type BroadcastOptions, broadcastOnc } from './broadcast.ts'
export { connectLocalRpcbind, connectRpcbind } from './connect.ts'
export { rpcbindLimits } from './limits.ts'
export { type Netid, networks, type Protocol } from './netid.ts'
export { programName, programNumber } from './program-names.ts'
export {
  type AddressEntry,
  type Mapping,
  PORTMAP_V2,
  type Registration,
  type RelayedCall,
  RPCBIND_V3,
  RPCBIND_V4,
  type RpcbindStatistics,
} from './programs.ts'
export type { RegisterOptions } from './register.ts'
export { type LookUpOptions, type ProgramVersion, type Relayed, Rpcbind } from './rpcbind.ts'
export { type RpcbindServeOptions, type RpcbindServer, serveRpcbind } from './server.ts'
export { parseUniversalAddress, universalAddress } from './universal-address.ts'
