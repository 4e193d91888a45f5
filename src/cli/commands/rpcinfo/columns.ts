// What rpcinfo prints. For programs there is one set of columns, in which a mode leaves null what it does not know; people get a
// table of those that it fills.

import { programName } from '../../../rpc/rpcbind/program-names.ts'
import type { Context } from '../../command.ts'
import type { RowOf } from '../../output/columns.ts'
import { isForPeople } from '../../output/format.ts'
import { Table } from '../../output/table.ts'

export const rpcinfoColumns = {
  program: { type: 'integer', nullable: true, summary: 'Number of the program' },
  version: { type: 'integer', nullable: true, summary: 'Its version' },
  netid: { type: 'string', nullable: true, summary: 'Transport: tcp, udp, tcp6, udp6, local' },
  address: { type: 'string', nullable: true, summary: 'Universal address, or path' },
  host: { type: 'string', nullable: true, summary: 'Machine that answered a broadcast' },
  port: { type: 'integer', nullable: true, summary: 'Port, where it is known' },
  service: { type: 'string', nullable: true, summary: 'Name of the program, if it has one' },
  owner: { type: 'string', nullable: true, summary: 'Who registered it' },
  ready: { type: 'boolean', nullable: true, summary: 'Whether it answered' },
  reason: { type: 'string', nullable: true, summary: 'Why it did not' },
  rpcbind: { type: 'integer', nullable: true, summary: 'Version of rpcbind that was asked' },
  procedure: { type: 'string', nullable: true, summary: 'What rpcbind was asked' },
  success: { type: 'integer', nullable: true, summary: 'How often that went well' },
  failure: { type: 'integer', nullable: true, summary: 'How often it did not' },
} as const

type Key = keyof typeof rpcinfoColumns
export type RpcinfoRow = RowOf<typeof rpcinfoColumns>
export type RpcinfoOutput = Context<Record<never, never>, readonly [], typeof rpcinfoColumns>['output']

const nothing = Object.fromEntries(Object.keys(rpcinfoColumns).map(key => [key, null])) as RpcinfoRow

/** A row, with the name of its program. */
export function rowOf(known: Partial<RpcinfoRow>): RpcinfoRow {
  const { program } = known
  const service = typeof program === 'number' ? (programName(program) ?? null) : null
  return { ...nothing, service, ...known }
}

/** Prints rows: people see the columns that are named. */
export async function printRows(
  output: RpcinfoOutput,
  rows: readonly RpcinfoRow[],
  keys: readonly Key[],
  empty: string,
): Promise<void> {
  if (!isForPeople(output.format)) return output.rows(rows)
  if (rows.length === 0) return output.note(empty)
  await output.text(tableText(Object.fromEntries(keys.map(key => [key, rpcinfoColumns[key]])), rows))
}

/** A table as text. */
export function tableText(
  columns: ConstructorParameters<typeof Table>[0],
  rows: ConstructorParameters<typeof Table>[1],
): string {
  const table = new Table(columns, rows)
  return [table.header(), ...rows.map(row => table.row(row))].join('\n')
}
