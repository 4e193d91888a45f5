// ONC RPC version 2 (RFC 5531), also called Sun RPC, over streams and UDP: what rpcgen's programs in C speak.
//
//   await using server = await serveOnc('tcp://127.0.0.1:*', [service(LEDGER_V1, handlers)])
//   await using connection = await connectOnc(server.address)
//   await connection.client(LEDGER_V1).LEDGER_READ('shopping')

export {
  type AuthStatus,
  authStatuses,
  type Credential,
  flavors,
  noAuth,
  type OpaqueAuth,
  type SystemCredential,
  systemAuth,
} from './auth.ts'
export { connectOnc } from './client.ts'
export type { OncConnectOptions, OncOpenOptions } from './connect-options.ts'
export type { OncClientOf, OncConnection, OneWayOptions } from './connection.ts'
export { OncError, type OncErrorCode, oncErrors } from './errors.ts'
export { oncLimits } from './limits.ts'
export type { ReplyCacheLimits } from './reply-cache.ts'
export { type OncServeOptions, type OncServer, serveOnc } from './server.ts'
export { type OncCall, type OncService, service } from './service.ts'
export type { OncTlsClientOptions, OncTlsServerOptions } from './tls.ts'
