// The properties of messages that a command publishes, as options.

import { encodeProperties, type PropertyValues } from '../../heads/amqp091/wire/properties.ts'
import type { OptionSpecs, OptionValues } from '../option.ts'
import { parseFields } from './fields.ts'

export const propertyOptions = {
  header: {
    type: 'string',
    repeated: true,
    valueName: 'name=value',
    summary: 'A header; 5 and true are a number and a boolean, "5" is text',
  },
  transient: { type: 'boolean', summary: 'Need not survive a restart (delivery mode 1)' },
  ttl: { type: 'duration', summary: 'Throw messages away that wait longer than this (expiration)' },
  priority: {
    type: 'integer',
    short: 'p',
    min: 0,
    max: 255,
    summary: 'Higher ones first, in queues with priorities',
  },
  delay: { type: 'duration', summary: 'Deliver only after this long (header x-delay)' },
  contentType: { type: 'string', valueName: 'type', summary: 'Content type: application/json' },
  contentEncoding: { type: 'string', valueName: 'name', summary: 'Content encoding: gzip' },
  correlationId: { type: 'string', valueName: 'id', summary: 'Correlation id' },
  replyTo: { type: 'string', valueName: 'queue', summary: 'Queue for replies' },
  messageId: { type: 'string', valueName: 'id', summary: 'Message id' },
  type: { type: 'string', valueName: 'name', summary: 'Type of the message' },
  appId: { type: 'string', valueName: 'id', summary: 'Id of the application' },
} as const satisfies OptionSpecs

/** Encoded properties. Throws CommandError (usage). */
export function propertiesOf(options: OptionValues<typeof propertyOptions>): Buffer {
  const { header, transient, ttl, delay, priority, ...texts } = options
  const headers = parseFields(header, '--header')
  if (delay !== undefined) headers.set('x-delay', Math.round(delay))
  const { contentType, contentEncoding, correlationId, replyTo, messageId, type, appId } = texts
  const values: PropertyValues = {
    contentType,
    contentEncoding,
    headers: headers.size === 0 ? undefined : headers,
    deliveryMode: transient ? 1 : 2,
    priority,
    correlationId,
    replyTo,
    expiration: ttl === undefined ? undefined : String(Math.round(ttl)),
    messageId,
    type,
    appId,
  }
  return encodeProperties(values)
}
