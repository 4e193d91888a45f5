// Arguments and headers as RabbitMQ's JSON has them: plain values. What JSON cannot say loses its type on the way out (bytes
// that are text become text, others base64; a time becomes seconds), and whatever comes in has a type of its own.

import { Decimal, type FieldTable, type FieldValue, isFieldTable } from '../../broker/field-value.ts'
import { badRequest, type Json, type Shape } from './answer.ts'
import { isShape } from './body.ts'

/** Tables and lists in one another; a body that goes deeper is refused. */
const DEPTH_MAX = 32

export function fieldsJson(fields: FieldTable): Shape {
  return Object.fromEntries([...fields].map(([name, value]) => [name, valueJson(value)]))
}

function valueJson(value: FieldValue): Json {
  if (typeof value === 'bigint') return Number(value)
  if (value === null || typeof value !== 'object') return value
  if (value instanceof Date) return Math.floor(value.getTime() / 1000)
  if (Buffer.isBuffer(value)) return textOrBase64(value)
  if (value instanceof Decimal) return value.unscaled / 10 ** value.scale
  return isFieldTable(value) ? fieldsJson(value) : (value as readonly FieldValue[]).map(valueJson)
}

/** Errors: 400 for tables too deep. */
export function fieldsOf(json: Shape, depth = 1): FieldTable {
  if (depth > DEPTH_MAX) throw badRequest(`arguments are nested more than ${DEPTH_MAX} deep`)
  return new Map(Object.entries(json).map(([name, value]) => [name, fieldOf(value ?? null, depth)]))
}

function fieldOf(value: Json, depth: number): FieldValue {
  if (isShape(value)) return fieldsOf(value, depth + 1)
  if (!Array.isArray(value)) return value as FieldValue
  if (depth > DEPTH_MAX) throw badRequest(`arguments are nested more than ${DEPTH_MAX} deep`)
  return (value as readonly Json[]).map(one => fieldOf(one, depth + 1))
}

function textOrBase64(bytes: Buffer): string {
  return textOf(bytes) ?? bytes.toString('base64')
}

/** The text of the bytes; undefined when they are not UTF-8. */
export function textOf(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8')
  return Buffer.from(text).equals(bytes) ? text : undefined
}
