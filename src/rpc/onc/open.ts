// From a place to a connection, by its transport.

import { type Address, connect, formatAddress } from '../../transport/index.ts'
import type { OncOpenOptions } from './connect-options.ts'
import type { OncConnection } from './connection.ts'
import { DatagramConnection, openDatagramsTo } from './datagram-connection.ts'
import { StreamConnection } from './stream-connection.ts'

/** Connects to a server at a known place. Errors: AddressError, those of the transport, the signal's reason. */
export async function openOnc(place: Address, options: OncOpenOptions): Promise<OncConnection> {
  const address = formatAddress(place)
  if (place.scheme === 'udp')
    return new DatagramConnection(await openDatagramsTo(place, options), address, options)
  return new StreamConnection(await connect(place, options), address, options)
}
