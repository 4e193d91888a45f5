// TLS as the house writes it, for @grpc/grpc-js.

import { createPrivateKey } from 'node:crypto'
import type { ChannelCredentials, ServerCredentials } from '@grpc/grpc-js'
import { formatAddress, type TlsClientOptions, type TlsServerOptions } from '../../transport/index.ts'
import type { GrpcAddress } from './address.ts'
import { GrpcError } from './errors.ts'
import type { GrpcPackage } from './packages.ts'

/** As of any listener, but a client's certificate is required or not asked for. */
export interface GrpcServerTls extends Omit<TlsServerOptions, 'clientCertificate'> {
  /** Default 'none'. */
  readonly clientCertificate?: 'none' | 'required'
}

/** Errors: GrpcError GRPC_TLS_INVALID. */
export function serverCredentials(
  { ServerCredentials }: GrpcPackage,
  address: GrpcAddress,
  tls: GrpcServerTls | undefined,
): ServerCredentials {
  if (address.scheme !== 'tls') return ServerCredentials.createInsecure()
  if (tls === undefined)
    throw new GrpcError('GRPC_TLS_INVALID', `${formatAddress(address)} needs a certificate and a key`)
  return valid(() =>
    ServerCredentials.createSsl(
      bytes(tls.ca) ?? null,
      [{ private_key: openKey(tls), cert_chain: Buffer.from(tls.cert) }],
      tls.clientCertificate === 'required',
    ),
  )
}

/** Errors: GrpcError GRPC_TLS_INVALID. */
export function clientCredentials(
  { credentials }: GrpcPackage,
  address: GrpcAddress,
  tls: TlsClientOptions = {},
): ChannelCredentials {
  if (address.scheme !== 'tls') return credentials.createInsecure()
  return valid(() =>
    credentials.createSsl(bytes(tls.ca), bytes(tls.key), bytes(tls.cert), {
      rejectUnauthorized: tls.insecure !== true,
    }),
  )
}

/** @grpc/grpc-js takes no passphrase. */
function openKey({ key, passphrase }: GrpcServerTls): Buffer {
  if (passphrase === undefined) return Buffer.from(key)
  return Buffer.from(createPrivateKey({ key, passphrase }).export({ type: 'pkcs8', format: 'pem' }))
}

function bytes(pem: string | Buffer | undefined): Buffer | undefined {
  return pem === undefined ? undefined : Buffer.from(pem)
}

function valid<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new GrpcError('GRPC_TLS_INVALID', error instanceof Error ? error.message : String(error), {
      cause: error,
    })
  }
}
