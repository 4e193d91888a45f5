// What is registered: all of it, in short, as version 2 says it, or the ways to one program.

import type { Registration } from '../../../rpc/index.ts'
import { networks } from '../../../rpc/index.ts'
import { programName } from '../../../rpc/rpcbind/program-names.ts'
import { universalAddress } from '../../../rpc/rpcbind/universal-address.ts'
import { isForPeople } from '../../output/format.ts'
import { printRows, type RpcinfoOutput, rowOf, tableText } from './columns.ts'
import { type Asking, withRpcbind } from './place.ts'

const NONE = 'Nothing is registered there'

/** All registrations, in version 4 or the highest that there is. */
export async function listAll(
  output: RpcinfoOutput,
  host: string | undefined,
  asking: Asking,
): Promise<void> {
  const all = await withRpcbind(host, asking, rpcbind => rpcbind.list(asking))
  const rows = all.map(one => rowOf({ ...one, owner: one.owner === '' ? null : one.owner }))
  await printRows(output, rows, ['program', 'version', 'netid', 'address', 'service', 'owner'], NONE)
}

const shortColumns = {
  program: { type: 'integer', summary: '' },
  versions: { type: 'string', summary: '' },
  netids: { type: 'string', summary: '' },
  service: { type: 'string', summary: '' },
  owner: { type: 'string', summary: '' },
} as const

/** A line for each program, for people; programs get all rows. */
export async function listShort(
  output: RpcinfoOutput,
  host: string | undefined,
  asking: Asking,
): Promise<void> {
  if (!isForPeople(output.format)) return listAll(output, host, asking)
  const all = await withRpcbind(host, asking, rpcbind => rpcbind.list(asking))
  if (all.length === 0) return output.note(NONE)
  const programs = [...new Set(all.map(one => one.program))].map(program =>
    shortRow(
      program,
      all.filter(one => one.program === program),
    ),
  )
  await output.text(tableText(shortColumns, programs))
}

function shortRow(program: number, ways: readonly Registration[]) {
  const versions = [...new Set(ways.map(one => one.version))].toSorted((a, b) => b - a).join(',')
  const netids = [...new Set(ways.map(one => one.netid))].toSorted().join(',')
  return { program, versions, netids, service: programName(program) ?? '-', owner: ways[0]?.owner || '-' }
}

/** Ports of TCP and UDP, in version 2. */
export async function listPorts(
  output: RpcinfoOutput,
  host: string | undefined,
  asking: Asking,
): Promise<void> {
  const all = await withRpcbind(host, asking, rpcbind => rpcbind.mappings(asking))
  const rows = all.map(({ program, version, protocol, port }) => {
    const netid = protocol === 6 ? 'tcp' : protocol === 17 ? 'udp' : String(protocol)
    return rowOf({ program, version, netid, port, address: universalAddress({ host: '0.0.0.0', port }) })
  })
  await printRows(output, rows, ['program', 'version', 'netid', 'port', 'service'], NONE)
}

/** All ways to one version of a program. */
export async function listWays(
  output: RpcinfoOutput,
  host: string,
  wanted: { readonly program: number; readonly version: number },
  asking: Asking,
): Promise<void> {
  const all = await withRpcbind(host, asking, rpcbind => rpcbind.addresses(wanted, asking))
  const rows = all.map(({ netid, address }) => rowOf({ ...wanted, netid, address }))
  const empty = `program ${wanted.program} version ${wanted.version} is not registered there`
  await printRows(output, rows, ['program', 'version', 'netid', 'address', 'service'], empty)
}

/** Names of transports, for the declaration. */
export const netids = Object.keys(networks)
