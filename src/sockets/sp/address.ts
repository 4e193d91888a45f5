// Addresses as nng writes them (nng_tcp(7), nng_tls(7), nng_ipc(7), nng_ws(7)), for transport/, which writes some otherwise:
// `tls+tcp` is tls there, `abstract://name` is `ipc://@name`, and an empty host is `*`.

import { type Address, formatAddress, parseAddress } from '../../transport/index.ts'
import { SpError } from './errors.ts'

/** Errors: AddressError, SpError EADDRINVAL for a transport that SP has not. */
export function parseSpAddress(text: string): Address {
  const written = text
    .replace(/^(tls\+)?tcp[46]?:\/\//, '$1tcp://')
    .replace(/^tls\+tcp:\/\//, 'tls://')
    .replace(/^abstract:\/\//, 'ipc://@')
    .replace(/^unix:\/\//, 'ipc://')
    .replace(/^((?:tcp|tls|ws|wss):\/\/):/, '$1*:')
  const address = parseAddress(written)
  if (address.scheme === 'udp') throw new SpError('EADDRINVAL', `'${text}'`)
  return address
}

export function formatSpAddress(address: Address): string {
  return formatAddress(address)
    .replace(/^tls:/, 'tls+tcp:')
    .replace(/^ipc:\/\/@/, 'abstract://')
}
