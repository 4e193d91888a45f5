// Tables of arguments as text: equal tables give equal text, whatever their order. It makes bindings findable by their
// arguments.

import { createHash } from 'node:crypto'
import { type FieldTable, type FieldValue, fieldValueToJson, isFieldTable } from '../field-value.ts'

/** The table's text; '' for an empty one. */
export function fieldsKey(fields: FieldTable): string {
  return fields.size === 0 ? '' : JSON.stringify(sorted(fields))
}

/** 22 characters that stand for the table; '' for an empty one. */
export function fieldsHash(fields: FieldTable): string {
  if (fields.size === 0) return ''
  return createHash('sha256').update(fieldsKey(fields)).digest().subarray(0, 16).toString('base64url')
}

function sorted(value: FieldValue): unknown {
  if (isFieldTable(value))
    return [...value].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => [name, sorted(one)])
  if (Array.isArray(value)) return { array: value.map(sorted) }
  return fieldValueToJson(value)
}
