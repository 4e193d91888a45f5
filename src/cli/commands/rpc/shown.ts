// Values of calls for people and programs. JSON says less than a call can carry, so what it lacks gets a form that says what
// it was: bytes in base64, Maps as pairs, references and streams by their kind.

import type { Json } from '../../output/columns.ts'
import { jsonText, printable } from '../../output/columns.ts'

/** How deep a value is shown. */
const DEPTH_MAX = 64

/** The value as JSON can say it. */
export function jsonOf(value: unknown, above: readonly object[] = []): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return value
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'function':
      return { reference: 'function' }
    case 'object':
      return value === null ? null : objectOf(value, above)
    default:
      return null
  }
}

function objectOf(value: object, above: readonly object[]): Json {
  if (above.includes(value)) return '[the same again]'
  if (above.length >= DEPTH_MAX) return '[deeper]'
  const inner = (part: unknown): Json => jsonOf(part, [...above, value])
  if (Array.isArray(value)) return Array.from(value, inner)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (value instanceof RegExp) return String(value)
  if (value instanceof Map) return [...value].map(([key, one]) => [inner(key), inner(one)])
  if (value instanceof Set) return [...value].map(inner)
  if (value instanceof Error) return errorOf(value, inner)
  if (ArrayBuffer.isView(value))
    return { base64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') }
  if (value instanceof ArrayBuffer) return { base64: Buffer.from(value).toString('base64') }
  if (Symbol.dispose in value) return { reference: 'object' }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inner(one)]))
}

function errorOf(error: Error, inner: (part: unknown) => Json): Json {
  const more = Object.entries(error).map(([key, one]) => [key, inner(one)] as const)
  return { name: error.name, message: error.message, ...Object.fromEntries(more) }
}

/** For people: a text as it is, anything else as JSON. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value.split('\n').map(printable).join('\n')
  if (value === undefined) return 'undefined'
  return jsonText(jsonOf(value), 2)
}

/** The same in one line. */
export function lineOf(value: unknown): string {
  return value === undefined ? 'undefined' : printable(jsonText(jsonOf(value)))
}
