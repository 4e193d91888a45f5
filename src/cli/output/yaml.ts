// YAML 1.2 block style, as little of it as it takes to write any JSON value. A string is written plain only when no
// reader, of YAML 1.1 either, can take it for something else; otherwise as a JSON string, which YAML 1.2 includes.

import { exact, type Json } from './columns.ts'

/** Words that some YAML reader takes for a boolean, null or number. */
const reserved = /^(?:true|false|null|yes|no|on|off|y|n)$/i
const safe = /^[A-Za-z_][\w./-]*(?: [\w./-]+)*$/

/** The value as a YAML document without markers, ending with a newline. */
export function yamlText(value: Json): string {
  return `${lines(value).join('\n')}\n`
}

/** The value as one item of a sequence, ending with a newline: a document that can be written item by item. */
export function yamlItem(value: Json): string {
  return `${item(value).join('\n')}\n`
}

function lines(value: Json): string[] {
  if (isNested(value)) {
    if (isArray(value)) return value.flatMap(item)
    return Object.entries(value).flatMap(([key, part]) => (part === undefined ? [] : entry(key, part)))
  }
  return [scalar(value)]
}

function item(value: Json): string[] {
  const [first = '', ...rest] = lines(value)
  return [`- ${first}`, ...rest.map(line => `  ${line}`)]
}

function entry(key: string, value: Json): string[] {
  if (!isNested(value)) return [`${text(key)}: ${scalar(value)}`]
  return [`${text(key)}:`, ...lines(value).map(line => `  ${line}`)]
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

type Nested = Extract<Json, object>

/** True for what takes lines of its own; empty arrays and objects are scalars in flow style. */
function isNested(value: Json): value is Nested {
  if (typeof value !== 'object' || value === null) return false
  return isArray(value) ? value.length > 0 : Object.values(value).some(part => part !== undefined)
}

function scalar(value: Json): string {
  if (typeof value === 'string') return text(value)
  if (typeof value === 'bigint') return scalar(exact(value))
  if (typeof value === 'number' && !Number.isFinite(value))
    return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf'
  if (typeof value === 'object' && value !== null) return isArray(value) ? '[]' : '{}'
  return String(value)
}

function text(value: string): string {
  if (safe.test(value) && !reserved.test(value)) return value
  return JSON.stringify(value).replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, unicodeEscape)
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
