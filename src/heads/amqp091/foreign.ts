// A record that was not published by AMQP 0-9-1 as properties: the table in message.ts, read from right to left. Nothing in
// such a record can be relied on; what is not of its form is an ordinary header.

import { isUtf8 } from 'node:buffer'
import type { FieldTable, FieldValue } from '../../broker/field-value.ts'
import { FACT_PREFIX } from '../../broker/queues/message.ts'
import type { NewRecord } from '../../log/record/builder.ts'
import type { RecordHeader } from '../../log/record/cursor.ts'
import { textTypesIn, textValue } from './field-text.ts'
import {
  AMQP,
  CC,
  KAFKA_KEY,
  KAFKA_NULL,
  OTHER_ENVELOPE,
  PERSISTENT,
  recordHeaders,
  TIMESTAMP_MS,
  textByHeader,
} from './record-headers.ts'
import { noProperties, Properties, type PropertyValues } from './wire/properties.ts'
import { SHORTSTR_BYTES_MAX } from './wire/shortstr.ts'

type Values = { -readonly [K in keyof PropertyValues]: PropertyValues[K] }

/** The properties of a record without an envelope. */
export function foreignProperties(record: NewRecord): Properties {
  const values: Values = {}
  const { headers: given = [] } = record
  const others = given.filter(header => !isProperty(values, header))
  const headers = new Map([...recordFields(record), ...headerFields(others, textTypesIn(given))])
  if (headers.size > 0) values.headers = headers
  if (record.timestamp >= 0) values.timestamp = Math.floor(record.timestamp / 1000)
  return Object.keys(values).length === 0 ? noProperties : Properties.of(values)
}

/** Takes a header that is a property into `values`, or is told elsewhere; false for any other. */
function isProperty(values: Values, { key, value }: RecordHeader): boolean {
  if (own.has(key) || key.startsWith(FACT_PREFIX)) return true
  if (value === null) return false
  const property = textByHeader.get(key)
  if (property !== undefined) {
    if (value.length > SHORTSTR_BYTES_MAX || !isUtf8(value) || values[property] !== undefined) return false
    values[property] = value.toString('utf8')
    return true
  }
  if (key === recordHeaders.durable) values.deliveryMode = value.toString() === 'true' ? PERSISTENT : 1
  else if (key === recordHeaders.priority && isOctet(value)) values.priority = Number(value.toString())
  else return false
  return true
}

/** Headers that are read elsewhere, or that mean nothing to our clients. */
const own: ReadonlySet<string> = new Set([
  recordHeaders.envelope,
  recordHeaders.exchange,
  recordHeaders.routingKey,
  recordHeaders.types,
  recordHeaders.deaths,
  OTHER_ENVELOPE,
])

function isOctet(value: Buffer): boolean {
  const text = value.toString()
  return /^\d{1,3}$/.test(text) && Number(text) <= 0xff
}

/** What a record has beside its headers. */
function recordFields({ key, value, timestamp }: NewRecord): FieldTable {
  const fields = new Map<string, FieldValue>()
  if (key !== null && key !== undefined) fields.set(KAFKA_KEY, Buffer.from(key))
  if (value === null) fields.set(KAFKA_NULL, true)
  if (timestamp >= 0) fields.set(TIMESTAMP_MS, BigInt(timestamp))
  return fields
}

/** Headers by name; one that comes again makes its field an array. */
function headerFields(headers: readonly RecordHeader[], types: ReadonlyMap<string, string>): FieldTable {
  const fields = new Map<string, FieldValue[]>()
  for (const { key, value } of headers) {
    const name = fieldName(key)
    if (Buffer.byteLength(name) > SHORTSTR_BYTES_MAX) continue
    const list = fields.get(name) ?? []
    list.push(fieldOf(value, key === recordHeaders.cc ? 'list' : types.get(key)))
    fields.set(name, list)
  }
  return new Map([...fields].map(([name, list]) => [name, list.length === 1 ? (list[0] ?? null) : list]))
}

/** `amqp.subject` is `x-amqp-subject`; what is too long for a property is `x-message-id` and the like. */
function fieldName(key: string): string {
  if (key === recordHeaders.cc) return CC
  const rest = key.startsWith(AMQP) ? key.slice(AMQP.length) : key
  if (textByHeader.has(key)) return `x-${rest}`
  return rest === key ? key : `x-amqp-${rest}`
}

function fieldOf(value: Buffer | null, type: string | undefined): FieldValue {
  const typed = type === undefined ? undefined : textValue(value, type)
  if (typed !== undefined) return typed
  if (value === null) return null
  return isUtf8(value) ? value.toString('utf8') : Buffer.from(value)
}
