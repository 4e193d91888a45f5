// The calling side: to an address, or to wherever rpcbind says that a program is.

import { type Address, formatAddress, parseAddress } from '../../transport/index.ts'
import { findPort } from '../rpcbind/find-port.ts'
import type { OncConnectOptions } from './connect-options.ts'
import type { OncConnection } from './connection.ts'
import { openOnc } from './open.ts'

/**
 * Connects to a server: `tcp://host:port`, any other address of a stream, or `udp://host:port`. With port 0 and the option
 * `program`, rpcbind at the host is asked for the port. Errors: AddressError, those of the transport, the signal's reason,
 * OncError RPC_NOT_REGISTERED when rpcbind does not know the program, and those of calls when it cannot be asked.
 */
export async function connectOnc(address: string, options: OncConnectOptions = {}): Promise<OncConnection> {
  return openOnc(await located(parseAddress(address), options), options)
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
