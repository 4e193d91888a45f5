// Random values of every type, and of every argument and result, of an .x file through the codecs of its compiled module: what is
// decoded is what was encoded, and encodes to the same bytes.

import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import type { Schema, Use } from '../../src/rpc/idl/check/schema.ts'
import { valuesOf } from './idl-values.ts'

/** Of each type. */
const VALUES = 30
const SEED = 20_262

interface Table {
  encode(value: unknown): Buffer
  decode(bytes: Uint8Array): unknown
}

interface Version {
  readonly program: number
  readonly version: number
  readonly procedures: Readonly<Record<string, { readonly argument: Table; readonly result: Table }>>
}

/** Gives how many tables were tried, each with several values. Errors: which value did not come back, and what came. */
export function roundTrips(schema: Schema, module: Readonly<Record<string, unknown>>): number {
  const values = valuesOf(schema)
  const tried = (what: string, table: Table, use: Use): number => {
    for (const value of fc.sample(values(use), { numRuns: VALUES, seed: SEED })) roundTrip(what, table, value)
    return 1
  }
  let tables = 0
  for (const { name } of schema.types) tables += tried(name, tableOf(module, name), { kind: 'named', name })
  const versions = Object.values(module).filter(isVersion)
  for (const program of schema.programs)
    for (const { number, procedures } of program.versions) {
      const found = versions.find(one => one.program === program.number && one.version === number)
      for (const { name, argument, result } of procedures) {
        const procedure = found?.procedures[name]
        if (procedure === undefined) throw new Error(`the module has no ${name}`)
        tables += tried(`argument of ${name}`, procedure.argument, argument)
        tables += tried(`result of ${name}`, procedure.result, result)
      }
    }
  return tables
}

function roundTrip(what: string, table: Table, value: unknown): void {
  const bytes = table.encode(value)
  if (bytes.length % 4 !== 0) throw new Error(`${what}: ${bytes.length} bytes are no whole units`)
  const back = table.decode(bytes)
  if (!isDeepStrictEqual(back, value))
    throw new Error(`${what}: ${fc.stringify(value)} came back as ${fc.stringify(back)}`)
  if (!table.encode(back).equals(bytes)) throw new Error(`${what}: ${fc.stringify(value)} has other bytes`)
}

function tableOf(module: Readonly<Record<string, unknown>>, name: string): Table {
  const table = module[`xdr_${name}`] ?? module[`xdr_${name}_`]
  if (table === undefined) throw new Error(`the module has no table of ${name}`)
  return table as Table
}

function isVersion(value: unknown): value is Version {
  return typeof value === 'object' && value !== null && 'procedures' in value
}
