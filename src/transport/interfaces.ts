// From the host of an address to what the system is asked for: `*` and the names of network interfaces.

import { isIP } from 'node:net'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { AddressError } from './address-errors.ts'

export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/**
 * Where to listen: `*` is every address of IPv4, or of both families with `ipv6`; an interface is its first address of
 * the family; everything else is itself. Errors: AddressError ADDRESS_INTERFACE_UNKNOWN for an interface without one.
 */
export function listenHost(
  host: string,
  { ipv6 = false }: { readonly ipv6?: boolean } = {},
  interfaces: Interfaces = networkInterfaces(),
): string {
  if (host === '*') return ipv6 ? '::' : '0.0.0.0'
  if (isIP(host) !== 0) return host
  const addresses = interfaces[host]
  if (addresses === undefined) return host
  const family = ipv6 ? 'IPv6' : 'IPv4'
  const first = addresses.find(one => one.family === family) ?? (ipv6 ? addresses[0] : undefined)
  if (first === undefined) throw new AddressError('ADDRESS_INTERFACE_UNKNOWN', host, family)
  return first.address
}
