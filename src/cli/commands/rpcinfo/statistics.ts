// What rpcbind was asked so far (GETSTAT).

import type { RpcbindStatistics } from '../../../rpc/index.ts'
import { printRows, type RpcinfoOutput, type RpcinfoRow, rowOf } from './columns.ts'
import { type Asking, withRpcbind } from './place.ts'

const portmap = ['NULL', 'SET', 'UNSET', 'GETPORT', 'DUMP', 'CALLIT']
const rpcbind = ['NULL', 'SET', 'UNSET', 'GETADDR', 'DUMP', 'CALLIT', 'GETTIME', 'UADDR2TADDR', 'TADDR2UADDR']
const names = [
  portmap,
  rpcbind,
  [...rpcbind.with(5, 'BCAST'), 'GETVERSADDR', 'INDIRECT', 'GETADDRLIST', 'GETSTAT'],
] as const

export async function printStatistics(
  output: RpcinfoOutput,
  host: string | undefined,
  asking: Asking,
): Promise<void> {
  const all = await withRpcbind(host, asking, one => one.statistics(asking))
  const rows = all.flatMap((one, n) => rowsOf(n, one))
  const keys = ['rpcbind', 'procedure', 'program', 'version', 'netid', 'success', 'failure'] as const
  await printRows(output, rows, keys, 'Nothing was asked there so far')
}

function rowsOf(n: number, { calls, lookUps, relays }: RpcbindStatistics): RpcinfoRow[] {
  const version = n + 2
  const called = calls.flatMap((success, procedure) =>
    success === 0
      ? []
      : [rowOf({ rpcbind: version, procedure: names[n]?.[procedure] ?? String(procedure), success })],
  )
  const lookedUp = lookUps.map(({ program, version: of, netid, success, failure }) =>
    rowOf({ rpcbind: version, procedure: 'look-up', program, version: of, netid, success, failure }),
  )
  const relayed = relays.map(({ program, version: of, procedure, netid, success, failure }) =>
    rowOf({
      ...{
        rpcbind: version,
        procedure: `relay of ${procedure}`,
        program,
        version: of,
        netid,
        success,
        failure,
      },
    }),
  )
  return [...called, ...lookedUp, ...relayed]
}
