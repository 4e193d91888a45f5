// Values of message headers and of arguments, whatever protocol they came by: what AMQP calls a field table, in
// JavaScript's own types. A head turns its wire types into these and back; what the neutral form cannot tell apart (an
// octet from a 64-bit number) stays in the message's own envelope. In the metadata log they are JSON, where what JSON
// lacks is an object with one key that begins with '$'.

import type { Json } from './journal.ts'

/** A number with a decimal point, exact: `unscaled` / 10^`scale` (AMQP 0-9-1 `D`). */
export class Decimal {
  readonly scale: number
  readonly unscaled: number

  constructor(scale: number, unscaled: number) {
    this.scale = scale
    this.unscaled = unscaled
  }
}

/** Whole numbers are numbers up to 2^53, bigints beyond. */
export type FieldValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Buffer
  | Date
  | Decimal
  | readonly FieldValue[]
  | FieldTable

/** Headers or arguments by name, in their order. */
export type FieldTable = ReadonlyMap<string, FieldValue>

export const noFields: FieldTable = new Map()

export function isFieldTable(value: FieldValue | undefined): value is FieldTable {
  return value instanceof Map
}

/** Whether two values say the same, whatever width their numbers were sent in. */
export function sameFieldValue(a: FieldValue | undefined, b: FieldValue | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined || a === null || b === null) return false
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime()
  if (Buffer.isBuffer(a)) return Buffer.isBuffer(b) && a.equals(b)
  if (a instanceof Decimal) return b instanceof Decimal && a.scale === b.scale && a.unscaled === b.unscaled
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((one, n) => sameFieldValue(one, b[n]))
  return isFieldTable(a) && isFieldTable(b) && sameFields(a, b)
}

/** Whether two tables hold the same names with the same values; their order does not count. */
export function sameFields(a: FieldTable, b: FieldTable): boolean {
  if (a.size !== b.size) return false
  for (const [name, value] of a) if (!b.has(name) || !sameFieldValue(value, b.get(name))) return false
  return true
}

/** As it is kept in the metadata log. */
export function fieldsToJson(fields: FieldTable): { readonly [name: string]: Json } {
  return Object.fromEntries([...fields].map(([name, value]) => [name, fieldValueToJson(value)]))
}

/** What `fieldsToJson` gave. */
export function fieldsFromJson(json: Json | undefined): FieldTable {
  if (json === null || json === undefined || typeof json !== 'object' || Array.isArray(json)) return noFields
  const entries = Object.entries(json)
  if (entries.length === 0) return noFields
  return new Map(entries.map(([name, value]) => [name, fieldValueFromJson(value ?? null)]))
}

export function fieldValueToJson(value: FieldValue): Json {
  if (typeof value === 'bigint') return { $int: value.toString() }
  if (typeof value === 'number' && !Number.isFinite(value)) return { $float: String(value) }
  if (value === null || typeof value !== 'object') return value
  if (value instanceof Date) return { $time: value.getTime() }
  if (Buffer.isBuffer(value)) return { $bytes: value.toString('base64') }
  if (value instanceof Decimal) return { $decimal: [value.scale, value.unscaled] }
  if (isFieldTable(value)) return { $table: fieldsToJson(value) }
  return (value as readonly FieldValue[]).map(fieldValueToJson)
}

export function fieldValueFromJson(json: Json): FieldValue {
  if (json === null || typeof json !== 'object') return json
  if (Array.isArray(json)) return json.map(fieldValueFromJson)
  const [[kind, value] = ['', null]] = Object.entries(json)
  return special(kind, value ?? null)
}

function special(kind: string, value: Json): FieldValue {
  switch (kind) {
    case '$int':
      return BigInt(String(value))
    case '$float':
      return Number(value)
    case '$time':
      return new Date(Number(value))
    case '$bytes':
      return Buffer.from(String(value), 'base64')
    case '$decimal': {
      const [scale, unscaled] = Array.isArray(value) ? value : []
      return new Decimal(Number(scale), Number(unscaled))
    }
    case '$table':
      return fieldsFromJson(value)
    default:
      throw new TypeError(`a stored field value has the unknown kind '${kind}'`)
  }
}
