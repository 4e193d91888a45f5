// Arguments and headers as they are typed: name=value, where a value that reads as JSON is that, and everything else text.

import { type FieldTable, type FieldValue, fieldValueToJson } from '../../broker/field-value.ts'
import { CommandError } from '../exit.ts'
import type { Json } from '../output/columns.ts'

/** Reads `name=value` texts; a name that is given twice counts once, the last. Throws CommandError (usage). */
export function parseFields(texts: readonly string[], flag: string): Map<string, FieldValue> {
  return new Map(texts.map(text => parseField(text, flag)))
}

function parseField(text: string, flag: string): [string, FieldValue] {
  const at = text.indexOf('=')
  if (at < 1) throw new CommandError('usage', `${flag} cannot be '${text}': write name=value`)
  return [text.slice(0, at), parseFieldValue(text.slice(at + 1))]
}

/** 5 and true are what they look like, "5" is text, {"a":1} a table; what is no JSON is text as it stands. */
export function parseFieldValue(text: string): FieldValue {
  try {
    return fromJson(JSON.parse(text))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return text
  }
}

function fromJson(value: unknown): FieldValue {
  if (Array.isArray(value)) return value.map(fromJson)
  if (typeof value === 'object' && value !== null)
    return new Map(Object.entries(value).map(([name, one]) => [name, fromJson(one)]))
  return value as FieldValue
}

/** A field table for people and programs. */
export function fieldsJson(fields: FieldTable): { readonly [name: string]: Json } {
  return Object.fromEntries([...fields].map(([name, value]) => [name, fieldValueToJson(value) as Json]))
}

/** A typed table as the management API takes it in JSON. */
export function plainJson(value: FieldValue): Json {
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, one]) => [name, plainJson(one)]))
  if (Array.isArray(value)) return value.map(plainJson)
  return fieldValueToJson(value) as Json
}
