// Registering a server with the rpcbind of its machine, and taking that back. Linux's rpcbind takes registrations by its
// Unix-domain socket, over loopback only when it is run with -i.

import { lookup } from 'node:dns/promises'
import { hostname } from 'node:os'
import { type Address, formatAddress, listenHost } from '../../transport/index.ts'
import { noAuth, type OpaqueAuth, systemAuth } from '../onc/auth.ts'
import { OncError } from '../onc/errors.ts'
import { connectLocalRpcbind, connectRpcbind } from './connect.ts'
import { type Netid, netidOf } from './netid.ts'
import type { ProgramVersion, Rpcbind } from './rpcbind.ts'
import { universalAddress } from './universal-address.ts'

export interface RegisterOptions {
  /** Where rpcbind is. Default: its Unix-domain socket, then TCP port 111 of loopback. */
  readonly rpcbind?: string
  /** Takes back first what is registered for the programs: a server that crashed left it. Default false. */
  readonly replace?: boolean
  /** Who registers. Default: AUTH_SYS with the user of this process. */
  readonly credential?: OpaqueAuth
}

/** A way to a server, as rpcbind knows it. */
interface Way {
  readonly netid: Netid
  readonly address: string
}

/**
 * Registers programs that are served at a place; gives the function that takes it back. Errors: OncError
 * RPC_REGISTRATION_REFUSED (what was registered before is taken back), those of the transport when there is no rpcbind,
 * TypeError for a place that rpcbind has no word for.
 */
export async function registerServer(
  place: Address,
  programs: readonly ProgramVersion[],
  options: RegisterOptions & { readonly ipv6?: boolean },
): Promise<() => Promise<void>> {
  const ways = await waysTo(place, options)
  const done: (ProgramVersion & Way)[] = []
  const takeBack = async (): Promise<void> => {
    await using rpcbind = await connectFirst(options)
    for (const one of done.splice(0)) await rpcbind.unregister(one)
  }
  await using rpcbind = await connectFirst(options)
  for (const { program, version } of programs)
    for (const way of ways) {
      const one = { program, version, ...way }
      if (options.replace) await rpcbind.unregister(one)
      if (await rpcbind.register({ ...one, owner: '' })) done.push(one)
      else {
        const why = await explain(rpcbind, one)
        await takeBack()
        throw new OncError('RPC_REGISTRATION_REFUSED', why)
      }
    }
  return takeBack
}

async function explain(rpcbind: Rpcbind, { program, version, netid }: ProgramVersion & Way): Promise<string> {
  const isSame = (one: ProgramVersion & { readonly netid: string }): boolean =>
    one.program === program && one.version === version && one.netid === netid
  const other = (await rpcbind.list()).find(isSame)
  const title = `program ${program} version ${version} over ${netid}`
  return other === undefined
    ? `${title}: nobody else has it; rpcbind takes registrations only from its own machine, some only by their Unix-domain socket`
    : `${title}: it is at ${other.address} already${other.owner === '' ? '' : `, registered by ${other.owner}`}`
}

async function waysTo(
  place: Address,
  { ipv6 = false }: { readonly ipv6?: boolean },
): Promise<readonly Way[]> {
  if (place.scheme === 'ipc') return [{ netid: 'local', address: place.path }]
  if (place.scheme !== 'tcp' && place.scheme !== 'udp')
    throw new TypeError(`rpcbind has no word for ${formatAddress(place)}: it takes tcp, udp and ipc`)
  const { scheme, port } = place
  const { address: host } = await lookup(listenHost(place.host, { ipv6 }))
  const way = (at: string): Way => ({
    netid: netidOf(scheme, at),
    address: universalAddress({ host: at, port }),
  })
  return host === '::' && scheme === 'tcp' ? [way('0.0.0.0'), way(host)] : [way(host)]
}

function connectFirst({ rpcbind, credential = ourself() }: RegisterOptions): Promise<Rpcbind> {
  return rpcbind === undefined ? connectLocalRpcbind({ credential }) : connectRpcbind(rpcbind, { credential })
}

/** This process, as AUTH_SYS says it: AUTH_NONE where there are no users. */
export function ourself(): OpaqueAuth {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()]
  if (uid === undefined || gid === undefined) return noAuth
  return systemAuth({ stamp: 0, machine: hostname(), uid, gid, gids: [] })
}
