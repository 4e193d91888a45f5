// From a place to a connection, by its transport.

import { type Address, connect, formatAddress, type Stream } from '../../transport/index.ts'
import type { OncOpenOptions } from './connect-options.ts'
import type { OncConnection } from './connection.ts'
import { DatagramConnection, openDatagramsTo } from './datagram-connection.ts'
import { StreamConnection } from './stream-connection.ts'
import { secured } from './tls.ts'

/** Connects to a server at a known place. Errors: as `openStream`; those of UDP sockets. */
export async function openOnc(place: Address, options: OncOpenOptions): Promise<OncConnection> {
  if (place.scheme !== 'udp')
    return new StreamConnection(await openStream(place, options), formatAddress(place), options)
  refuseTls(place, options)
  return new DatagramConnection(await openDatagramsTo(place, options), formatAddress(place), options)
}

/**
 * Opens a stream to a server, and goes over to TLS if that is asked for. Errors: AddressError, those of the transport and of
 * `secured`, the signal's reason; TypeError for TLS where there is none.
 */
export async function openStream(place: Address, options: OncOpenOptions): Promise<Stream> {
  const { startTls, program, timeoutMs, world, signal } = options
  refuseTls(place, options)
  const stream = await connect(place, options)
  if (startTls === undefined || program === undefined || place.scheme !== 'tcp') return stream
  return secured(stream, { tls: startTls, host: place.host, program, timeoutMs, world, signal })
}

function refuseTls(place: Address, { startTls, program }: OncOpenOptions): void {
  if (startTls === undefined || (place.scheme === 'tcp' && program !== undefined)) return
  throw new TypeError(
    `${formatAddress(place)}: RPC-with-TLS is for tcp addresses, and needs \`program\`; over UDP (DTLS) it is not there`,
  )
}
