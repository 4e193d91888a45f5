// Connecting to rpcbind itself.

import { type Address, errorCodeOf, parseAddress } from '../../transport/index.ts'
import type { OncOpenOptions } from '../onc/connect-options.ts'
import { openOnc } from '../onc/open.ts'
import type { Protocol } from './netid.ts'
import { RPCBIND_PORT } from './programs.ts'
import { Rpcbind } from './rpcbind.ts'

/**
 * Connects to an rpcbind or portmapper: `tcp://host:111`, `udp://host:111`, or `ipc:///run/rpcbind.sock`, by which a machine's
 * own rpcbind takes registrations. Errors: AddressError, those of the transport, the signal's reason.
 */
export async function connectRpcbind(address: string, options: OncOpenOptions = {}): Promise<Rpcbind> {
  const place = parseAddress(address)
  return new Rpcbind(await openOnc(place, options), protocolOf(place))
}

function protocolOf({ scheme }: Address): Protocol {
  if (scheme === 'udp') return 'udp'
  return scheme === 'ipc' || scheme === 'inproc' ? 'local' : 'tcp'
}

/** Where a machine's own rpcbind is looked for, first to last. */
export const localPlaces = ['ipc:///run/rpcbind.sock', `tcp://127.0.0.1:${RPCBIND_PORT}`] as const

/**
 * Connects to the rpcbind of this machine: by its Unix-domain socket, which Linux's needs to take registrations, or by TCP over
 * loopback on systems that keep the socket elsewhere. Errors: those of the transport when it is at neither.
 */
export async function connectLocalRpcbind(options: OncOpenOptions = {}): Promise<Rpcbind> {
  const [socket, port] = localPlaces
  try {
    return await connectRpcbind(socket, options)
  } catch (error) {
    if (errorCodeOf(error) === undefined) throw error
    return connectRpcbind(port, options)
  }
}
