// The names by which a message's properties stand among the headers of its record. Other protocols use the same names for
// what they share with this one.

import type { TextProperty } from './wire/properties.ts'

/** Names of the record headers. */
export const recordHeaders = {
  envelope: 'amqp.091',
  exchange: 'amqp.exchange',
  routingKey: 'amqp.routing-key',
  types: 'amqp.types',
  deaths: 'amqp.x-death',
  durable: 'amqp.durable',
  priority: 'amqp.priority',
  timestamp: 'amqp.timestamp',
  cc: 'amqp.cc',
} as const

/** The header that is a record's key. */
export const KAFKA_KEY = 'x-kafka-key'
/** The header that tells a record without a value from one with an empty value. */
export const KAFKA_NULL = 'x-kafka-null-value'
export const CC = 'CC'
export const BCC = 'BCC'
/** A time in ms, beside the property, which has seconds only. */
export const TIMESTAMP_MS = 'timestamp_in_ms'
/** The delivery mode of a message that is to survive a restart. */
export const PERSISTENT = 2
/** What the names of our record headers begin with. */
export const AMQP = 'amqp.'
/** The envelope of another protocol's head: its bytes mean nothing to our clients. */
export const OTHER_ENVELOPE = 'amqp.10'

/** Properties that are texts, and their record headers. */
export const texts: readonly (readonly [TextProperty, string])[] = [
  ['contentType', 'content-type'],
  ['contentEncoding', 'content-encoding'],
  ['correlationId', 'amqp.correlation-id'],
  ['replyTo', 'amqp.reply-to'],
  ['expiration', 'amqp.ttl'],
  ['messageId', 'amqp.message-id'],
  ['type', 'amqp.type'],
  ['userId', 'amqp.user-id'],
  ['appId', 'amqp.app-id'],
  ['clusterId', 'amqp.cluster-id'],
]
export const textByHeader: ReadonlyMap<string, TextProperty> = new Map(
  texts.map(([property, header]) => [header, property]),
)
