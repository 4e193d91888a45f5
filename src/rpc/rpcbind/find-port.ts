// The port of a program whose host is known. Only the port is believed, not the host in rpcbind's answer: behind a
// translation of addresses that one cannot be reached, and a forged answer must not lead elsewhere.

import { type Address, formatAddress, parseAddress } from '../../transport/index.ts'
import type { OncConnectOptions } from '../onc/connect-options.ts'
import { OncError } from '../onc/errors.ts'
import { connectRpcbind } from './connect.ts'
import type { Protocol } from './netid.ts'
import { RPCBIND_PORT } from './programs.ts'
import type { ProgramVersion } from './rpcbind.ts'
import { parseUniversalAddress } from './universal-address.ts'

/**
 * Asks rpcbind at the host of the address. Errors: OncError RPC_NOT_REGISTERED when it does not know the program, and those
 * of calls; those of the transport, the signal's reason.
 */
export async function findPort(
  place: Extract<Address, { readonly port: number }>,
  wanted: ProgramVersion,
  options: OncConnectOptions,
): Promise<number> {
  const protocol: Protocol = place.scheme === 'udp' ? 'udp' : 'tcp'
  const { rpcbind = formatAddress({ scheme: protocol, host: place.host, port: RPCBIND_PORT }) } = options
  const { signal, timeoutMs } = options
  await using asked = await connectRpcbind(rpcbind, pickOptions(options))
  const found = await asked.lookUp(wanted, {
    protocol,
    signal,
    ...(timeoutMs !== undefined && { timeoutMs }),
  })
  const port = found === undefined ? undefined : parseUniversalAddress(found)?.port
  if (port !== undefined && port !== 0) return port
  const version = `${wanted.program} version ${wanted.version} over ${protocol}`
  throw new OncError('RPC_NOT_REGISTERED', `program ${version} at ${formatAddress(parseAddress(rpcbind))}`)
}

/** What of the options for the program is for rpcbind, too: it gets no credential, and speaks no TLS. */
function pickOptions({ signal, timeoutMs, closeMs, resendMs, world }: OncConnectOptions) {
  return {
    ...(signal && { signal }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(closeMs !== undefined && { closeMs }),
    ...(resendMs !== undefined && { resendMs }),
    ...(world && { world }),
  }
}
