// Connecting to rpcbind itself.

import { type Address, parseAddress } from '../../transport/index.ts'
import type { OncOpenOptions } from '../onc/connect-options.ts'
import { openOnc } from '../onc/open.ts'
import type { Protocol } from './netid.ts'
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
