// The JSON Schema (draft 2020-12) of what `-o json` prints, made from the declared columns: for `-o schema`, for the
// reference pages and for programs that read our output.

import type { Column, Columns, ColumnType, Json } from './columns.ts'

/** Rows are an array in `-o json` and one object a line in `-o jsonl`; a record is one object. */
export type ResultShape = 'rows' | 'record'

const types: Readonly<Record<ColumnType, { readonly [key: string]: Json }>> = {
  string: { type: 'string' },
  integer: { type: 'integer' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  bytes: { type: 'integer', minimum: 0 },
  duration: { type: 'number' },
  time: { type: 'string', format: 'date-time' },
  json: {},
}

const units: Readonly<Partial<Record<ColumnType, string>>> = { bytes: ' (bytes)', duration: ' (ms)' }

/** The schema of a command's result. */
export function jsonSchema(title: string, columns: Columns, shape: ResultShape): Json {
  const row = {
    type: 'object',
    properties: Object.fromEntries(Object.entries(columns).map(([key, column]) => [key, property(column)])),
    required: Object.keys(columns),
    additionalProperties: false,
  }
  const head = { $schema: 'https://json-schema.org/draft/2020-12/schema', title }
  return shape === 'record' ? { ...head, ...row } : { ...head, type: 'array', items: row }
}

function property(column: Column): Json {
  const { type, ...rest } = types[column.type]
  const description = `${column.summary}${units[column.type] ?? ''}`
  if (typeof type !== 'string') return { ...rest, description }
  return { type: column.nullable === true ? [type, 'null'] : type, ...rest, description }
}
