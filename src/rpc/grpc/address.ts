// Addresses of this house as targets of gRPC (grpc/grpc, doc/naming.md): tcp and tls are dns:host:port, ipc is unix:path.

import {
  type Address,
  AddressError,
  formatAddress,
  listenHost,
  type Place,
  parseAddress,
} from '../../transport/index.ts'
import { ephemeralPath, socketName } from '../../transport/socket-file.ts'
import type { World } from '../../world/index.ts'
import { GrpcError } from './errors.ts'

export type GrpcAddress = Extract<Address, { readonly scheme: 'tcp' | 'tls' | 'ipc' }>

/** Errors: AddressError; GrpcError GRPC_ADDRESS_UNSUPPORTED. */
export function grpcAddress(text: string): GrpcAddress {
  const address = parseAddress(text)
  const { scheme } = address
  if (scheme !== 'tcp' && scheme !== 'tls' && scheme !== 'ipc')
    throw new GrpcError('GRPC_ADDRESS_UNSUPPORTED', text)
  if (address.scheme !== 'ipc' && address.source !== undefined)
    throw new GrpcError('GRPC_ADDRESS_UNSUPPORTED', `${text}: an address of our own cannot be chosen`)
  return address
}

/** Where to connect to. Errors: AddressError ADDRESS_WILDCARD. */
export function connectTarget(address: GrpcAddress): string {
  const isAnywhere =
    address.scheme === 'ipc' ? address.path === '*' : address.host === '*' || address.port === 0
  if (isAnywhere) throw new AddressError('ADDRESS_WILDCARD', formatAddress(address), '*')
  return address.scheme === 'ipc' ? unix(address.path) : dns(address)
}

/** Where to listen, and the address with the file in place of `*`. Errors: AddressError, SocketError. */
export function listenTarget(
  address: GrpcAddress,
  world: World,
): { readonly target: string; readonly real: GrpcAddress } {
  if (address.scheme !== 'ipc') {
    return { target: dns({ host: listenHost(address.host), port: address.port }), real: address }
  }
  const path = address.path === '*' ? ephemeralPath(world.randomBytes(8)) : address.path
  return { target: unix(path), real: { scheme: 'ipc', path } }
}

function unix(path: string): string {
  return `unix:${socketName(path).path}`
}

function dns({ host, port }: Place): string {
  return `dns:${host.includes(':') ? `[${host}]` : host}:${port}`
}
