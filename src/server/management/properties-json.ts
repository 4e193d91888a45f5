// The properties of a message as RabbitMQ's JSON has them, both ways.

import { Properties, type PropertyName, type PropertyValues } from '../../heads/amqp091/wire/properties.ts'
import { badRequest, type Json, type Shape } from './answer.ts'
import { Body } from './body.ts'
import { fieldsJson, fieldsOf } from './field-json.ts'

const names: Readonly<Record<PropertyName, string>> = {
  contentType: 'content_type',
  contentEncoding: 'content_encoding',
  headers: 'headers',
  deliveryMode: 'delivery_mode',
  priority: 'priority',
  correlationId: 'correlation_id',
  replyTo: 'reply_to',
  expiration: 'expiration',
  messageId: 'message_id',
  timestamp: 'timestamp',
  type: 'type',
  userId: 'user_id',
  appId: 'app_id',
  clusterId: 'cluster_id',
}

const OCTET_MAX = 255
const TEXT_BYTES_MAX = 255

export function propertiesJson(properties: Properties): Shape {
  const { headers, ...values } = properties.values()
  const shape: Record<string, Json> = {}
  for (const [name, value] of Object.entries(values))
    if (value !== undefined)
      shape[names[name as PropertyName]] = typeof value === 'bigint' ? Number(value) : value
  return { ...shape, headers: headers === undefined ? undefined : fieldsJson(headers) }
}

/** Errors: 400 for a property that does not exist, or whose value is of another type or too long. */
export function propertiesOf(json: Shape): Properties {
  const known = new Map(Object.entries(names).map(([name, key]) => [key, name as PropertyName]))
  const unknown = Object.keys(json).find(key => !known.has(key))
  if (unknown !== undefined) throw badRequest(`there is no property '${unknown.slice(0, 80)}'`)
  const body = new Body(json)
  const values: Record<string, unknown> = {}
  for (const [key, name] of known) if (body.any(key) !== undefined) values[name] = propertyOf(body, key, name)
  return Properties.of(values as PropertyValues)
}

function propertyOf(body: Body, key: string, name: PropertyName) {
  switch (name) {
    case 'headers':
      return fieldsOf(body.object(key))
    case 'deliveryMode':
    case 'priority':
      return within(body, key, OCTET_MAX)
    case 'timestamp':
      return within(body, key, Number.MAX_SAFE_INTEGER)
    default:
      return textOf(body, key)
  }
}

function within(body: Body, key: string, max: number): number {
  const value = body.whole(key) ?? 0
  if (value >= 0 && value <= max) return value
  throw badRequest(`'${key}' is ${value}: it must be from 0 to ${max}`)
}

/** A number stands for its text: an expiration, say. */
function textOf(body: Body, key: string): string {
  const value = body.any(key)
  const text = typeof value === 'number' ? String(value) : (body.text(key) ?? '')
  if (Buffer.byteLength(text) <= TEXT_BYTES_MAX) return text
  throw badRequest(`'${key}' has more than ${TEXT_BYTES_MAX} bytes`)
}
