// CSV by RFC 4180: quotes where a field holds a comma, a quote or a line end, quotes inside doubled. Lines end with
// a bare newline and not CRLF, because the readers here are cut, awk and sort. A nested value is its JSON.

import { type Json, jsonText } from './columns.ts'

/** One line without its end. */
export function csvLine(values: readonly Json[]): string {
  return values.map(value => field(csvText(value))).join(',')
}

function csvText(value: Json): string {
  if (value === null) return ''
  return typeof value === 'object' ? jsonText(value) : String(value)
}

function field(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
