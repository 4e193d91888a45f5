// Who on the network has a program: a broadcast through everybody's rpcbind.

import { program, xdr } from '../../../rpc/index.ts'
import { broadcastOnc } from '../../../rpc/rpcbind/broadcast.ts'
import { universalAddress } from '../../../rpc/rpcbind/universal-address.ts'
import { parseAddress } from '../../../transport/index.ts'
import { CommandError } from '../../exit.ts'
import { printRows, type RpcinfoOutput, type RpcinfoRow, rowOf } from './columns.ts'
import type { Asking } from './place.ts'

export async function askEverybody(
  output: RpcinfoOutput,
  wanted: { readonly program: number; readonly version: number },
  { rpcbind, timeoutMs, signal, world }: Asking,
): Promise<void> {
  const nothing = program({
    ...{ name: `program ${wanted.program}`, ...wanted },
    procedures: { NULL: { number: 0, argument: xdr.nothing, result: xdr.nothing } },
  })
  const rows: RpcinfoRow[] = []
  const answers = broadcastOnc(nothing, 'NULL', undefined, {
    ...(rpcbind !== undefined && { places: [placeOf(rpcbind)] }),
    ...(timeoutMs !== undefined && { waitMs: timeoutMs }),
    ...(signal && { signal }),
    ...(world && { world }),
  })
  for await (const { host, port } of answers)
    rows.push(rowOf({ ...wanted, netid: 'udp', host, port, address: universalAddress({ host, port }) }))
  const empty = 'Nobody answered; most machines of today pass no broadcasts on (rpcbind does so only with -r)'
  await printRows(output, rows, ['program', 'version', 'host', 'port', 'service'], empty)
}

function placeOf(address: string): { readonly host: string; readonly port: number } {
  const place = parseAddress(address)
  if (place.scheme === 'udp') return place
  throw new CommandError('usage', `a broadcast goes to udp://host:port, not to ${address}`)
}
