// basic.publish: from a message as it came to the queues that take it.

import { type FieldTable, type FieldValue, noFields } from '../../broker/field-value.ts'
import type { Receipt } from '../../broker/queues/message.ts'
import type { Routable } from '../../broker/queues/routing.ts'
import type { Exchange } from '../../broker/routing/exchange.ts'
import type { HashedProperty } from '../../broker/routing/router.ts'
import type { Channel } from './channel.ts'
import type { Message } from './content.ts'
import { DirectReplies, REPLY_QUEUE } from './direct-replies.ts'
import { AmqpError, replies } from './errors.ts'
import { type Published, recordOf } from './message.ts'
import { demand, demandTopic } from './permission.ts'
import { BCC, CC, PERSISTENT } from './record-headers.ts'
import type { BasicPublish } from './wire/index.ts'
import { BasicReturn } from './wire/index.ts'
import type { ArgsOf } from './wire/method.ts'
import type { Properties } from './wire/properties.ts'

type Args = ArgsOf<typeof BasicPublish>

/** RabbitMQ's bound on a time to live, in ms. */
const TTL_MS_MAX = 0xffff_ffff

/**
 * Checks everything that can be refused before anything is stored. Errors: NOT_FOUND, ACCESS_REFUSED, NOT_IMPLEMENTED,
 * PRECONDITION_FAILED.
 */
export function checkPublish(channel: Channel, { args, properties }: Message): Exchange<unknown> {
  const { exchange: name, routingKey, immediate } = args as Args
  const { host, broker } = channel
  demand(host, 'write', 'exchange', name)
  if (immediate) throw new AmqpError('NOT_IMPLEMENTED', 'immediate=true')
  const exchange = broker.exchanges.require(host.vhost, name)
  if (exchange.internal)
    throw new AmqpError(
      'ACCESS_REFUSED',
      `cannot publish to internal exchange '${name}' in vhost '${host.vhost}'`,
    )
  if (exchange.type === 'topic') demandTopic(host, 'write', name, routingKey)
  checkUser(channel, properties)
  ttlOf(properties)
  return exchange
}

/** Stores a message that `checkPublish` let pass; the receipt is told when it is. */
export function publish(
  channel: Channel,
  message: Message,
  { delayed }: Pick<Exchange<unknown>, 'delayed'>,
  receipt: Receipt | undefined,
): void {
  const { host, broker, serving } = channel
  const { exchange, routingKey, mandatory } = message.args as Args
  serving.metrics.published++
  serving.metrics.publishedBytes += message.body.length
  if (exchange === '' && DirectReplies.isName(routingKey)) {
    answerDirectly(channel, message, receipt)
    return
  }
  const properties = replyable(channel, message.properties)
  const { body } = message
  const nowMs = serving.world.now()
  const routable = routableOf({ exchange, routingKey, properties, body, nowMs }, delayed)
  const count = broker.publisher.publish(host.vhost, routable, receipt)
  if (count === 0 && mandatory) giveBack(channel, message)
}

/**
 * A message as the broker routes it; `delayed` is whether its exchange holds messages back. Errors: PRECONDITION_FAILED
 * for an expiration that is none, and lists of keys that are none.
 */
export function routableOf(message: Published, delayed: boolean): Routable {
  const { exchange, routingKey, properties, nowMs } = message
  const headers = properties.headers ?? noFields
  return {
    exchange,
    routingKey,
    routingKeys: otherKeys(headers),
    headers,
    property: name => hashed(properties, name),
    publication: {
      record: recordOf(message),
      ttlMs: ttlOf(properties),
      priority: properties.priority,
      persistent: properties.deliveryMode === PERSISTENT,
      dedupId: properties.messageId,
      groupId: textOf(headers.get('x-group-id')),
      deliverAt: delayed ? deliverAt(headers, nowMs) : undefined,
    },
  }
}

/** Sends a message that nobody took back to its publisher (basic.return). */
function giveBack(channel: Channel, { args, properties, body }: Message): void {
  const { exchange, routingKey } = args as Args
  channel.serving.metrics.returned++
  channel.sendContent(
    BasicReturn,
    { replyCode: replies.NO_ROUTE.code, replyText: 'NO_ROUTE', exchange, routingKey },
    { properties: properties.raw, body },
  )
}

function answerDirectly(channel: Channel, message: Message, receipt: Receipt | undefined): void {
  const { exchange, routingKey, mandatory } = message.args as Args
  const { properties, body } = message
  const isTaken = channel.serving.replies.send(routingKey, { exchange, routingKey, properties, body })
  receipt?.done()
  if (!isTaken && mandatory) giveBack(channel, message)
}

/** A request that asks for a direct reply carries the channel's own name. Errors: PRECONDITION_FAILED. */
function replyable(channel: Channel, properties: Properties): Properties {
  if (!properties.has('replyTo') || properties.replyTo !== REPLY_QUEUE) return properties
  if (channel.replyName === undefined)
    throw new AmqpError('PRECONDITION_FAILED', 'fast reply consumer does not exist')
  return properties.edited({ replyTo: channel.replyName })
}

/** Routing keys that the sender named in CC and BCC. Errors: PRECONDITION_FAILED when they are no lists of texts. */
function otherKeys(headers: FieldTable): readonly string[] {
  if (headers.size === 0) return noKeys
  const keys = [...listOf(headers, CC), ...listOf(headers, BCC)]
  return keys.length === 0 ? noKeys : keys
}

const noKeys: readonly string[] = []

function listOf(headers: FieldTable, name: string): readonly string[] {
  const value = headers.get(name)
  if (value === undefined) return noKeys
  if (!Array.isArray(value))
    throw new AmqpError('PRECONDITION_FAILED', `invalid header '${name}': a list of routing keys is wanted`)
  return value.filter(one => typeof one === 'string')
}

/** Errors: PRECONDITION_FAILED when it is no number of ms. */
function ttlOf(properties: Properties): number | undefined {
  if (!properties.has('expiration')) return undefined
  const text = properties.expiration ?? ''
  if (/^\d{1,15}$/.test(text) && Number(text) <= TTL_MS_MAX) return Number(text)
  throw new AmqpError(
    'PRECONDITION_FAILED',
    `invalid expiration '${text}': a number of milliseconds is wanted`,
  )
}

/** The user-id of a message is the user who sends it, or absent. Errors: PRECONDITION_FAILED. */
function checkUser({ host }: Channel, properties: Properties): void {
  if (!properties.has('userId')) return
  const named = properties.userId
  if (named === host.user || host.tags.includes('impersonator')) return
  throw new AmqpError(
    'PRECONDITION_FAILED',
    `user_id property set to '${named}' but authenticated user was '${host.user}'`,
  )
}

/** When a delayed exchange lets the message go on: its header x-delay, in ms. */
function deliverAt(headers: FieldTable, nowMs: number): number | undefined {
  const delay = headers.get('x-delay')
  const ms = typeof delay === 'string' ? Number(delay) : typeof delay === 'bigint' ? Number(delay) : delay
  return typeof ms === 'number' && Number.isSafeInteger(ms) && ms > 0 ? nowMs + ms : undefined
}

function textOf(value: FieldValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function hashed(properties: Properties, name: HashedProperty): string | undefined {
  switch (name) {
    case 'message_id':
      return properties.messageId
    case 'correlation_id':
      return properties.correlationId
    case 'timestamp': {
      const { timestamp } = properties
      return timestamp === undefined ? undefined : String(timestamp)
    }
  }
}
