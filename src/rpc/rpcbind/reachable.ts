// A program that listens at all addresses is registered as 0.0.0.0, where nobody can call. Who asks is told the address by which
// he can reach this machine: the one on his own network, if there is one.

import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'

export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/** The host to tell a peer in the place of a wildcard; every other host is itself. */
export function reachable(host: string, peer: string, interfaces: Interfaces = networkInterfaces()): string {
  if (host !== '0.0.0.0' && host !== '::') return host
  const family = host === '::' ? 'IPv6' : 'IPv4'
  const ours = Object.values(interfaces)
    .flatMap(one => one ?? [])
    .filter(one => one.family === family)
  const shared = ours.find(one => onNetworkOf(one, peer))
  const outer = ours.find(one => !one.internal && !one.address.startsWith('fe80:'))
  return (shared ?? outer ?? ours[0])?.address ?? host
}

function onNetworkOf({ family, address, netmask }: NetworkInterfaceInfo, peer: string): boolean {
  if (family === 'IPv6') return address === peer
  const [ours, mask, theirs] = [numberOf(address), numberOf(netmask), numberOf(peer)]
  return theirs !== undefined && ours !== undefined && mask !== undefined && (ours & mask) === (theirs & mask)
}

/** The 32 bits of an IPv4 address; undefined for anything else. */
function numberOf(address: string): number | undefined {
  const bytes = address.split('.').map(Number)
  if (bytes.length !== 4 || !bytes.every(byte => Number.isInteger(byte) && byte >= 0 && byte <= 255))
    return undefined
  return bytes.reduce((number, byte) => (number << 8) | byte, 0)
}
