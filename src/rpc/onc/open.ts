// From a place to a connection, by its transport.

import { type Address, connect, formatAddress } from '../../transport/index.ts'
import type { OncOpenOptions } from './connect-options.ts'
import type { OncConnection } from './connection.ts'
import { DatagramConnection, openDatagramsTo } from './datagram-connection.ts'
import { StreamConnection } from './stream-connection.ts'
import { secured } from './tls.ts'

/**
 * Connects to a server at a known place. Errors: AddressError, those of the transport and of `secured`, the signal's reason;
 * TypeError for TLS where there is none.
 */
export async function openOnc(place: Address, options: OncOpenOptions): Promise<OncConnection> {
  const address = formatAddress(place)
  const { startTls, program, timeoutMs, world, signal } = options
  if (startTls !== undefined && (place.scheme !== 'tcp' || program === undefined))
    throw new TypeError(
      `${address}: RPC-with-TLS is for tcp addresses, and needs \`program\`; over UDP (DTLS) it is not there`,
    )
  if (place.scheme === 'udp')
    return new DatagramConnection(await openDatagramsTo(place, options), address, options)
  const stream = await connect(place, options)
  if (startTls === undefined || program === undefined || place.scheme !== 'tcp')
    return new StreamConnection(stream, address, options)
  const probe = { tls: startTls, host: place.host, program, timeoutMs, world, signal }
  return new StreamConnection(await secured(stream, probe), address, options)
}
