// A small rpcbind: for machines without one, for tests, and for whoever may not use port 111. It keeps what is registered in
// memory and nowhere else.

import { parseAddress } from '../../transport/index.ts'
import { systemWorld, type World } from '../../world/index.ts'
import { type OncServeOptions, type OncServer, serveOnc } from '../onc/server.ts'
import { deskServices } from './desk.ts'
import { rpcbindLimits } from './limits.ts'
import { type Netid, netidOf } from './netid.ts'
import { type Registration, type RelayedCall, RPCBIND_PROGRAM } from './programs.ts'
import { Relay } from './relay.ts'
import { StatisticsBook } from './statistics.ts'
import { RegistrationTable, SUPERUSER } from './table.ts'
import { parseUniversalAddress, universalAddress } from './universal-address.ts'

export interface RpcbindServeOptions
  extends Pick<OncServeOptions, 'connectionsMax' | 'runningMax' | 'closeMs' | 'onFault'> {
  /** Programs, counted for each version and transport, that are kept. Default 10,000. */
  readonly registrationsMax?: number
  /** Whether a call is passed on to a program of this machine. Default: only procedure 0, which does nothing. */
  readonly relay?: (call: RelayedCall) => boolean
  readonly world?: World
}

export interface RpcbindServer extends AsyncDisposable {
  /** Where it listens, with the real ports, in the order that was asked for. */
  readonly addresses: readonly string[]
  /** What is registered now, its own places included. */
  registrations(): readonly Registration[]
  /** Ends. Idempotent. */
  close(): Promise<void>
}

/**
 * Serves versions 2, 3 and 4 of rpcbind at addresses of the schemes tcp, udp and ipc: `['tcp://*:111', 'udp://*:111']`.
 * Registrations are taken from this machine only: loopback, and Unix-domain sockets. Errors: as `serveOnc`; TypeError for other
 * schemes.
 */
export async function serveRpcbind(
  addresses: readonly string[],
  options: RpcbindServeOptions = {},
): Promise<RpcbindServer> {
  const { registrationsMax = rpcbindLimits.registrationsMax, world = systemWorld, relay } = options
  const table = new RegistrationTable(registrationsMax)
  const shared = { table, book: new StatisticsBook(), relay: new Relay(relay), world }
  const servers: OncServer[] = []
  const closeAll = async (): Promise<void> => {
    await Promise.all(servers.map(server => server.close()))
  }
  try {
    for (const address of addresses) {
      const server = await serveOnc(address, deskServices({ ...shared, netid: netidAt(address) }), options)
      servers.push(server)
      for (const own of ownPlaces(server.address)) table.addOwn(own)
    }
  } catch (error) {
    await closeAll()
    throw error
  }
  return {
    addresses: servers.map(({ address }) => address),
    registrations: () => table.all(),
    close: closeAll,
    [Symbol.asyncDispose]: closeAll,
  }
}

function netidAt(address: string): Netid {
  const place = parseAddress(address)
  if (place.scheme === 'ipc') return 'local'
  const isAddress =
    'host' in place && (place.host === '*' || parseUniversalAddress(`${place.host}.0.111`) !== undefined)
  if (isAddress && (place.scheme === 'tcp' || place.scheme === 'udp'))
    return netidOf(place.scheme, place.host)
  throw new TypeError(
    `rpcbind is not served at ${address}: over tcp and udp at IP addresses or *, and over ipc`,
  )
}

function ownPlaces(address: string): Registration[] {
  const place = parseAddress(address)
  const host = 'host' in place ? (place.host === '*' ? '0.0.0.0' : place.host) : ''
  const at = 'port' in place ? universalAddress({ host, port: place.port }) : ''
  const registered = place.scheme === 'ipc' ? place.path : at
  return [4, 3, 2].map(version => ({
    program: RPCBIND_PROGRAM,
    version,
    netid: netidAt(address),
    address: registered,
    owner: SUPERUSER,
  }))
}
