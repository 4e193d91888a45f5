// The calling side: to an address, or to wherever rpcbind says that a program is.

import { type Address, formatAddress, parseAddress, type Stream } from '../../transport/index.ts'
import { findPort } from '../rpcbind/find-port.ts'
import type { OncConnectOptions } from './connect-options.ts'
import type { OncConnection } from './connection.ts'
import { openOnc, openStream } from './open.ts'
import { ReconnectingConnection } from './reconnecting-connection.ts'

/**
 * Connects to a server: `tcp://host:port`, any other address of a stream, or `udp://host:port`. With port 0 and the option
 * `program`, rpcbind at the host is asked for the port. Errors: AddressError, those of the transport, the signal's reason,
 * OncError RPC_NOT_REGISTERED when rpcbind does not know the program, and those of calls when it cannot be asked.
 */
export async function connectOnc(address: string, options: OncConnectOptions = {}): Promise<OncConnection> {
  const written = parseAddress(address)
  const { reconnect = false } = options
  if (!reconnect) return openOnc(await located(written, options), options)
  if (written.scheme === 'udp')
    throw new TypeError(`${address}: over UDP there is no connection to lose; calls are sent again anyhow`)
  const dial = async (signal: AbortSignal | undefined): Promise<Stream> => {
    const { signal: _, ...rest } = options
    const place = await located(written, { ...rest, ...(signal && { signal }) })
    return openStream(place, { ...rest, ...(signal && { signal }) })
  }
  return new ReconnectingConnection(await dial(options.signal), address, options, dial)
}

async function located(place: Address, options: OncConnectOptions): Promise<Address> {
  const { program, rpcbind } = options
  const isPortless = 'port' in place && place.port === 0
  if (rpcbind !== undefined && (!isPortless || program === undefined))
    throw new TypeError(
      `rpcbind is asked when the port is 0 and \`program\` is given, not for ${formatAddress(place)}`,
    )
  if (!isPortless || program === undefined) return place
  return { ...place, port: await findPort(place, program, options) }
}
