// Field values as the headers of a record: plain text for whoever reads records (Kafka's tools, other heads), with the types
// beside it in one JSON object, so that they can be made what they were.

import {
  Decimal,
  type FieldValue,
  fieldValueFromJson,
  fieldValueToJson,
  isFieldTable,
} from '../../broker/field-value.ts'
import { limits } from './limits.ts'
import { SHORTSTR_BYTES_MAX } from './wire/shortstr.ts'

type Json = Parameters<typeof fieldValueFromJson>[0]

/** What a text stands for; plain strings have no entry. */
export type TextType =
  | 'boolean'
  | 'int'
  | 'long'
  | 'double'
  | 'binary'
  | 'time'
  | 'decimal'
  | 'null'
  | 'list'
  | 'map'

/** The type of a value, undefined for a string. */
export function textTypeOf(value: FieldValue): TextType | undefined {
  if (value === null) return 'null'
  switch (typeof value) {
    case 'string':
      return undefined
    case 'boolean':
      return 'boolean'
    case 'bigint':
      return 'long'
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? 'int' : 'double'
  }
  if (Buffer.isBuffer(value)) return 'binary'
  if (value instanceof Date) return 'time'
  if (value instanceof Decimal) return 'decimal'
  return isFieldTable(value) ? 'map' : 'list'
}

/** A value as a record header's bytes: binary as it is, times in ms since 1970, lists and maps in JSON. */
export function textOf(value: FieldValue): Buffer | null {
  if (value === null || Buffer.isBuffer(value)) return value
  if (typeof value !== 'object') return Buffer.from(Object.is(value, -0) ? '-0' : String(value))
  if (value instanceof Date) return Buffer.from(String(value.getTime()))
  if (value instanceof Decimal) return Buffer.from(`${value.unscaled}e-${value.scale}`)
  return Buffer.from(JSON.stringify(fieldValueToJson(value)))
}

/** What `textOf` and `textTypeOf` gave; undefined when the bytes are not of that type. */
export function textValue(bytes: Buffer | null, type: string): FieldValue | undefined {
  if (type === 'null') return null
  if (bytes === null) return undefined
  if (type === 'binary') return Buffer.from(bytes)
  const text = bytes.toString('utf8')
  switch (type) {
    case 'boolean':
      return text === 'true' || (text === 'false' ? false : undefined)
    case 'int':
      return /^-?\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined
    case 'long':
      return /^-?\d{1,40}$/.test(text) ? BigInt(text) : undefined
    case 'double':
      return doubleOf(text)
    case 'time':
      return timeOf(text)
    case 'decimal':
      return decimalOf(text)
    case 'list':
    case 'map':
      return nestedOf(text, type)
    default:
      return undefined
  }
}

/** The types that the record header `amqp.types` names; none when it is not there or not ours. */
export function textTypesIn(
  headers: readonly { readonly key: string; readonly value: Buffer | null }[],
): ReadonlyMap<string, string> {
  const header = headers.find(({ key }) => key === 'amqp.types')?.value
  const json = header === undefined || header === null ? undefined : parsed(header.toString('utf8'))
  if (typeof json !== 'object' || json === null) return new Map()
  return new Map(
    Object.entries(json).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

function doubleOf(text: string): number | undefined {
  const value = Number(text)
  return text === 'NaN' || !Number.isNaN(value) ? value : undefined
}

function timeOf(text: string): Date | undefined {
  const time = new Date(Number(text))
  return Number.isNaN(time.getTime()) ? undefined : time
}

function decimalOf(text: string): Decimal | undefined {
  const [, unscaled, scale] = /^(-?\d{1,10})e-(\d{1,3})$/.exec(text) ?? []
  if (unscaled === undefined || scale === undefined) return undefined
  const decimal = new Decimal(Number(scale), Number(unscaled))
  return isDecimal(decimal) ? decimal : undefined
}

/** Records may hold anything under these names: what is not ours is taken as text. */
function nestedOf(text: string, type: 'list' | 'map'): FieldValue | undefined {
  const json = parsed(text)
  if (json === undefined) return undefined
  try {
    const value = fieldValueFromJson(json)
    return textTypeOf(value) === type && isCarried(value, 2) ? value : undefined
  } catch (error) {
    // An unknown `$kind`, or a number in it that is none.
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError)
      return undefined
    throw error
  }
}

/** Whether a field table can hold it, `depth` tables deep. */
function isCarried(value: FieldValue, depth: number): boolean {
  if (depth > limits.tableDepthMax) return false
  if (value instanceof Decimal) return isDecimal(value)
  if (isFieldTable(value))
    return [...value].every(
      ([name, one]) => Buffer.byteLength(name) <= SHORTSTR_BYTES_MAX && isCarried(one, depth + 1),
    )
  return !Array.isArray(value) || value.every(one => isCarried(one, depth + 1))
}

function isDecimal({ scale, unscaled }: Decimal): boolean {
  return Number.isInteger(scale) && scale >= 0 && scale <= 0xff && (unscaled | 0) === unscaled
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
