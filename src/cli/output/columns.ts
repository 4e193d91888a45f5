// The columns of a command's result, declared once: from them come the type of a row, the table for people, the
// header of CSV and the JSON Schema. Programs get raw values (bytes, ms), people get '1.5 MiB' and '3 min'.

import { formatBytes, formatDuration } from '../quantity.ts'

export type ColumnType = 'string' | 'integer' | 'number' | 'boolean' | 'bytes' | 'duration' | 'time' | 'json'

/** One column. `time` is ms since 1970 and printed as ISO 8601; `duration` is ms; `json` is anything nested. */
export interface Column {
  readonly type: ColumnType
  /** For the schema and the reference pages. */
  readonly summary: string
  /** Over the table; the key in words unless given. */
  readonly header?: string
  /** Only in `-o wide`; programs always get it. */
  readonly wide?: true
  /** The value may be null. */
  readonly nullable?: true
}

export type Columns = Readonly<Record<string, Column>>

/** What JSON can say, and bigint, which is printed as a number while it is exact and as a string beyond. */
export type Json =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json | undefined }

type CellOf<Type extends ColumnType> = Type extends 'string'
  ? string
  : Type extends 'boolean'
    ? boolean
    : Type extends 'integer'
      ? number | bigint
      : Type extends 'json'
        ? Json
        : number

/** A row as the command gives it. */
export type RowOf<C extends Columns> = {
  readonly [Key in keyof C]:
    | CellOf<C[Key]['type']>
    | (C[Key] extends { readonly nullable: true } ? null : never)
}

/** A row whose columns are not known at compile time. */
export type Row = Readonly<Record<string, Json>>

/** The row as programs get it: the declared columns in their order, times as ISO 8601. */
export function exported(columns: Columns, row: Row): Row {
  const entries = Object.entries(columns).map(([key, column]): [string, Json] => {
    const value = row[key] ?? null
    return [key, column.type === 'time' && typeof value === 'number' ? isoTime(value) : value]
  })
  return Object.fromEntries(entries)
}

/** A cell for people. */
export function displayed(column: Column, value: Json | undefined): string {
  if (value === null || value === undefined) return '-'
  if (typeof value === 'number') {
    if (column.type === 'bytes') return formatBytes(value)
    if (column.type === 'duration') return formatDuration(value)
    if (column.type === 'time') return isoTime(value)
  }
  return typeof value === 'object' ? jsonText(value) : printable(String(value))
}

/** Over the column: 'partitionCount' → 'PARTITION COUNT'. */
export function headerOf(key: string, column: Column): string {
  return column.header ?? key.replace(/[A-Z]/g, letter => ` ${letter}`).toUpperCase()
}

/** Numbers stand at the right, so that their digits line up. */
export function standsRight(column: Column): boolean {
  return ['integer', 'number', 'bytes', 'duration'].includes(column.type)
}

/** JSON of any value, bigint included. */
export function jsonText(value: Json, indent?: number): string {
  return JSON.stringify(
    value,
    (_key, part: unknown) => (typeof part === 'bigint' ? exact(part) : part),
    indent,
  )
}

/** A bigint as a number where that loses nothing, else as its digits. */
export function exact(value: bigint): number | string {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}

/** Control characters as escapes: names and payloads come from strangers and must not drive the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, escaped)
}

function escaped(character: string): string {
  const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character]
  const code = character.charCodeAt(0)
  return short ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`)
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}

function isoTime(ms: number): string {
  const time = new Date(ms)
  return Number.isNaN(time.getTime()) ? String(ms) : time.toISOString()
}
