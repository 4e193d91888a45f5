// A published message as the record that is stored, and a record as the content that is delivered.
//
// The bytes of the properties are kept as they came in the record header `amqp.091`, so that a reader of the same protocol gets
// them back without anything being decoded. Beside it stand headers that everybody can read:
//
//   0-9-1                          record                          lost to readers of other protocols
//   body                           value                           nothing; an empty body with x-kafka-null-value is null
//   header x-kafka-key             key                             nothing
//   exchange, routing key          amqp.exchange, amqp.routing-key nothing; absent when empty
//   content-type, -encoding        content-type, content-encoding  nothing
//   message-id, correlation-id,
//   reply-to, type, user-id,
//   app-id, cluster-id             amqp.<name>                     nothing
//   expiration                     amqp.ttl                        nothing
//   timestamp                      amqp.timestamp, in ms           nothing; the record's own time is that of its arrival
//   delivery-mode 2                amqp.durable = true             modes other than 1 and 2
//   priority                       amqp.priority                   nothing
//   header CC                      amqp.cc, JSON                   nothing
//   header BCC                     -                               never stored: it is only for routing
//   other headers                  same name, text; amqp.types     names that begin with amqp. or are those above, widths
//
// A record without that envelope (from Kafka, or another protocol) becomes properties by the same table read backwards; its
// other headers become 0-9-1 headers (repeated ones an array, what is not UTF-8 binary), `amqp.<other>` x-amqp-<other>. Lost
// are headers whose name is above 255 bytes.

import type { FieldTable, FieldValue } from '../../broker/field-value.ts'
import { deathsIn } from '../../broker/queues/deaths.ts'
import { WireError } from '../../bytes/index.ts'
import type { NewRecord } from '../../log/record/builder.ts'
import type { RecordHeader } from '../../log/record/cursor.ts'
import { deathFields, isDeathField } from './deaths.ts'
import { textOf, textTypeOf } from './field-text.ts'
import { foreignProperties } from './foreign.ts'
import {
  AMQP,
  BCC,
  CC,
  KAFKA_KEY,
  KAFKA_NULL,
  PERSISTENT,
  recordHeaders,
  textByHeader,
  texts,
} from './record-headers.ts'
import { Properties } from './wire/properties.ts'
import { SHORTSTR_BYTES_MAX, utf8TextIfAny } from './wire/shortstr.ts'

/** What was published. */
export interface Published {
  readonly exchange: string
  readonly routingKey: string
  readonly properties: Properties
  readonly body: Buffer
  /** Time of arrival, ms since 1970. */
  readonly nowMs: number
}

/** What is delivered. `properties` and `body` may share the memory of the record. */
export interface Delivered {
  readonly exchange: string
  readonly routingKey: string
  readonly properties: Properties
  readonly body: Buffer
}

/** What a delivery says beyond the message itself; each becomes a header. */
export interface DeliveryFacts {
  /** `x-delivery-count`: earlier deliveries of a quorum-type queue. */
  readonly deliveryCount?: number
  /** `x-stream-offset`, for readers of streams. */
  readonly offset?: number
  /** `x-kafka-partition`. */
  readonly partition?: number
}

const noBytes = Buffer.alloc(0)
const durable: RecordHeader = { key: recordHeaders.durable, value: Buffer.from('true') }

/** A header with a text that is nearly always that of the message before. */
class RepeatedHeader {
  readonly #key: string
  #text: string | undefined
  #header: RecordHeader

  constructor(key: string) {
    this.#key = key
    this.#header = { key, value: null }
  }

  of(text: string): RecordHeader {
    if (text === this.#text) return this.#header
    this.#text = text
    this.#header = { key: this.#key, value: Buffer.from(text) }
    return this.#header
  }
}

const exchangeHeader = new RepeatedHeader(recordHeaders.exchange)
const routingKeyHeader = new RepeatedHeader(recordHeaders.routingKey)

/**
 * The record to store; it shares the memory of the message. Errors: WireError when the headers are a broken table.
 */
export function recordOf({ exchange, routingKey, properties, body, nowMs }: Published): NewRecord {
  const table = properties.headers
  const kept = table?.has(BCC) ? properties.edited({ removeHeaders: name => name === BCC }) : properties
  const headers: RecordHeader[] = [{ key: recordHeaders.envelope, value: kept.raw }]
  if (exchange !== '') headers.push(exchangeHeader.of(exchange))
  if (routingKey !== '') headers.push(routingKeyHeader.of(routingKey))
  addProperties(headers, properties)
  if (table === undefined) return { timestamp: nowMs, key: null, value: body, headers }
  addHeaders(headers, table)
  const isNull = body.length === 0 && table.get(KAFKA_NULL) === true
  return { timestamp: nowMs, key: keyOf(table), value: isNull ? null : body, headers }
}

/** What to deliver. A record from anywhere is taken: what is not ours in it is a header like others. */
export function contentOf(record: NewRecord, facts?: DeliveryFacts): Delivered {
  const { headers = [] } = record
  let envelope: Buffer | null = null
  let exchange = ''
  let routingKey = ''
  let deaths: Buffer | null = null
  let hasCc = false
  for (const { key, value } of headers) {
    if (!key.startsWith(AMQP) || value === null) continue
    if (key === recordHeaders.envelope) envelope = value
    else if (key === recordHeaders.exchange) exchange = nameOf(value)
    else if (key === recordHeaders.routingKey) routingKey = nameOf(value)
    else if (key === recordHeaders.deaths) deaths = value
    else if (key === recordHeaders.cc) hasCc = true
  }
  const origin = (envelope === null ? undefined : readEnvelope(envelope)) ?? foreignProperties(record)
  const properties = deaths === null && facts === undefined ? origin : told(origin, { deaths, hasCc }, facts)
  return { exchange, routingKey, properties, body: record.value ?? noBytes }
}

/** The headers of a stored message as routing sees them: those that it was published with, and its deaths. */
export function fieldsOf(headers: readonly RecordHeader[]): FieldTable {
  return contentOf({ timestamp: -1, value: null, headers }).properties.headers ?? new Map()
}

function addProperties(headers: RecordHeader[], properties: Properties): void {
  if (properties.raw[0] === 0 && properties.raw[1] === 0) return
  if (properties.hasTexts)
    for (const [property, key] of texts) {
      const value = properties.bytes(property)
      if (value !== undefined) headers.push({ key, value })
    }
  if (properties.deliveryMode === PERSISTENT) headers.push(durable)
  const { priority, timestamp } = properties
  if (priority !== undefined)
    headers.push({ key: recordHeaders.priority, value: Buffer.from(String(priority)) })
  if (timestamp !== undefined)
    headers.push({ key: recordHeaders.timestamp, value: Buffer.from(String(BigInt(timestamp) * 1000n)) })
}

/** Names that a header of the publisher may not take: they say something of the message itself. */
function isReserved(name: string): boolean {
  return name.startsWith(AMQP) || textByHeader.has(name)
}

function addHeaders(headers: RecordHeader[], table: FieldTable): void {
  const types: [string, string][] = []
  for (const [name, value] of table) {
    if (name === BCC || name === KAFKA_KEY || name === KAFKA_NULL || isReserved(name)) continue
    if (name === CC) {
      headers.push({ key: recordHeaders.cc, value: textOf(value) })
      continue
    }
    headers.push({ key: name, value: textOf(value) })
    const type = textTypeOf(value)
    if (type !== undefined) types.push([name, type])
  }
  if (types.length > 0)
    headers.push({ key: recordHeaders.types, value: Buffer.from(JSON.stringify(Object.fromEntries(types))) })
}

function keyOf(table: FieldTable): Buffer | null {
  const key = table.get(KAFKA_KEY)
  if (typeof key === 'string') return Buffer.from(key)
  return Buffer.isBuffer(key) ? key : null
}

/** Names are short strings; a record may hold a longer one, which cannot be delivered and is left empty. */
function nameOf(value: Buffer): string {
  return value.length <= SHORTSTR_BYTES_MAX ? (utf8TextIfAny(value) ?? '') : ''
}

/** Anybody may write a record with such a header: one that is broken is as good as none. */
function readEnvelope(envelope: Buffer): Properties | undefined {
  try {
    return Properties.read(envelope)
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

/**
 * Adds what the delivery and the message's deaths say. A message that has died does not expire again; where a key of the
 * queue's sent it on, the further keys of its sender are gone from the record, and not told of either.
 */
function told(
  origin: Properties,
  record: { readonly deaths: Buffer | null; readonly hasCc: boolean },
  facts: DeliveryFacts | undefined,
): Properties {
  const deaths = deathsIn(record.deaths)
  const isDead = deaths.length > 0
  const added = new Map<string, FieldValue>(isDead ? deathFields(deaths) : [])
  addCount(added, 'x-delivery-count', facts?.deliveryCount)
  addCount(added, 'x-stream-offset', facts?.offset)
  addCount(added, 'x-kafka-partition', facts?.partition)
  if (added.size === 0) return origin
  return origin.edited({
    drop: isDead ? ['expiration'] : [],
    removeHeaders: name =>
      added.has(name) || (isDead && (isDeathField(name) || (name === CC && !record.hasCc))),
    addHeaders: added,
  })
}

/** As RabbitMQ sends them: 64 bits, which a bigint is. */
function addCount(fields: Map<string, FieldValue>, name: string, count: number | undefined): void {
  if (count !== undefined) fields.set(name, BigInt(count))
}
