// Results as rabbitmqctl prints them: columns with tabs between them, or JSON, or CSV; sentences for people on stderr.

import type { Context } from '../../command.ts'
import { csvLine } from '../../output/csv.ts'
import type { Json, JsonObject } from './client.ts'
import type { Column, Result } from './verb.ts'

export interface Style {
  readonly formatter: 'table' | 'json' | 'csv'
  /** A line of column names. */
  readonly headers: boolean
  /** Sentences. */
  readonly talks: boolean
}

export async function print(result: Result, output: Context['output'], style: Style): Promise<void> {
  if (style.talks && 'said' in result) output.note(result.said)
  switch (result.at) {
    case 'done':
      return
    case 'text':
      return output.text(result.text)
    case 'object':
      return output.text(style.formatter === 'json' ? JSON.stringify(result.object, null, 2) : result.text)
    case 'rows': {
      const text = listText(result.columns, result.rows, style)
      if (text !== '') await output.text(text)
    }
  }
}

function listText(
  columns: readonly Column[],
  rows: readonly JsonObject[],
  { formatter, headers }: Style,
): string {
  const names = columns.map(({ name }) => name)
  const values = rows.map(row => columns.map(({ field }) => fieldOf(row, field)))
  if (formatter === 'json')
    return JSON.stringify(
      values.map(row => Object.fromEntries(names.map((name, n) => [name, row[n] ?? ''] as const))),
      null,
      2,
    )
  const line = formatter === 'csv' ? csvLine : (cells: readonly string[]) => cells.join('\t')
  const lines = values.map(row => line(row.map(formatter === 'csv' ? cell : tabbed)))
  return [...(headers ? [line(names)] : []), ...lines].join('\n')
}

function fieldOf(row: JsonObject, path: string): Json {
  let value: Json = row
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return ''
    value = (value as JsonObject)[name] ?? ''
  }
  return value
}

/** Words in brackets as rabbitmqctl has them, everything else that is no plain value as JSON. */
function cell(value: Json): string {
  if (typeof value !== 'object' || value === null) return String(value ?? '')
  if (Array.isArray(value) && value.every(one => typeof one === 'string')) return `[${value.join(', ')}]`
  return JSON.stringify(value)
}

/** A tab or a line break in a name would be taken for the next cell. */
function tabbed(value: Json): string {
  return cell(value).replace(/[\t\n\r\\]/g, one => escapes[one] ?? one)
}

const escapes: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\\': '\\\\' }
