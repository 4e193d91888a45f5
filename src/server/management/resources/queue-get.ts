// Messages of a queue, for looking at. POST to a queue's get takes them, and puts them back when that is asked for, which
// marks them as redelivered: that is RabbitMQ's way. GET of its messages is ours, and touches nothing.

import type { Settleable } from '../../../broker/queues/delivery.ts'
import type { Message } from '../../../broker/queues/message.ts'
import { Queue } from '../../../broker/queues/queue.ts'
import type { Entity } from '../../../broker/queues/queues.ts'
import type { Fetched } from '../../../broker/queues/subscription.ts'
import { factsOf } from '../../../heads/amqp091/consuming.ts'
import { contentOf } from '../../../heads/amqp091/message.ts'
import { type Answer, badRequest, ok, type Shape } from '../answer.ts'
import { textOf } from '../field-json.ts'
import { managementLimits as limits } from '../limits.ts'
import { propertiesJson } from '../properties-json.ts'
import { type Call, get, post, type Route } from '../route.ts'
import { changeableQueue } from './queues.ts'

/** What becomes of a message that was got. */
const ackModes = {
  ack_requeue_true: 'released',
  reject_requeue_true: 'failed',
  ack_requeue_false: 'accepted',
  reject_requeue_false: 'rejected',
} as const

type AckMode = keyof typeof ackModes

export const queueGetRoutes: readonly Route[] = [
  post('/api/queues/{vhost}/{name}/get', {
    summary: 'Take messages from a queue',
    body: {
      'count!': { type: 'integer', minimum: 0, maximum: limits.getMessagesMax },
      ackmode: { enum: Object.keys(ackModes) },
      'encoding!': { enum: ['auto', 'base64'] },
      truncate: { type: 'integer', minimum: 0, description: 'Longest payload in bytes' },
    },
    handle: getMessages,
  }),
  get('/api/queues/{vhost}/{name}/messages', {
    summary: 'Look at messages of a queue or stream without touching them, oldest first',
    query: {
      count: 'How many, 10 unless given',
      from: 'Those from this offset on; for a queue with one partition',
    },
    handle: browseMessages,
  }),
]

const BROWSE_DEFAULT = 10

async function browseMessages(call: Call): Promise<Answer> {
  const queue = changeableQueue(call)
  call.caller.demand(queue.vhost, 'read', 'queue', queue.name)
  const count = wholeOf(call, 'count', BROWSE_DEFAULT)
  const from = wholeOf(call, 'from', 0)
  const shapes: Shape[] = []
  let bytes = 0
  if (count === 0) return ok(shapes)
  for await (const message of queue.browse()) {
    if (message.offset < from) continue
    shapes.push({
      offset: message.offset,
      timestamp: message.timestamp,
      ...contentShape(queue, message, { isBase64: false, truncate: limits.getBytesMax }),
    })
    bytes += message.value?.length ?? 0
    if (shapes.length >= count || bytes > limits.getBytesMax) break
  }
  return ok(shapes)
}

/** A number of the query. Errors: 400. */
function wholeOf({ query }: Call, name: string, otherwise: number): number {
  const text = query.get(name)
  if (text === null) return otherwise
  const value = /^\d{1,15}$/.test(text) ? Number(text) : -1
  if (value < 0 || (name === 'count' && value > limits.getMessagesMax))
    throw badRequest(
      `'${name}' is '${text}': it must be a whole number, and a count at most ${limits.getMessagesMax}`,
    )
  return value
}

interface Wanted {
  readonly count: number
  readonly mode: AckMode
  readonly isBase64: boolean
  readonly truncate: number
}

async function getMessages(call: Call): Promise<Answer> {
  const queue = changeableQueue(call)
  const wanted = wantedOf(call)
  call.caller.demand(queue.vhost, 'read', 'queue', queue.name)
  if (!(queue instanceof Queue))
    throw badRequest(`NOT_IMPLEMENTED - ${queue.title} is a stream: it is consumed, not fetched from`)
  if (queue.settings.singleActive || queue.subscription.consumers.exclusive !== undefined)
    throw badRequest(`${queue.title} belongs to one consumer: nothing can be fetched from it`)
  const got = await fetched(queue, wanted)
  call.node.counts.fetched += got.length
  return ok(got)
}

/** Errors: 400. */
function wantedOf({ body }: Call): Wanted {
  body.required('count')
  body.required('encoding')
  const count = body.whole('count') ?? 0
  if (count < 0 || count > limits.getMessagesMax)
    throw badRequest(`'count' is ${count}: it must be from 0 to ${limits.getMessagesMax}`)
  const encoding = body.text('encoding')
  if (encoding !== 'auto' && encoding !== 'base64')
    throw badRequest(`Unsupported encoding: ${encoding}. Please use "auto" or "base64"`)
  const truncate = body.whole('truncate') ?? limits.getBytesMax
  return { count, mode: modeOf(body), isBase64: encoding === 'base64', truncate: Math.max(0, truncate) }
}

/** Old tools say `requeue` instead of a mode. */
function modeOf(body: Call['body']): AckMode {
  const given = body.text('ackmode')
  if (given === undefined) return body.flag('requeue') === false ? 'ack_requeue_false' : 'ack_requeue_true'
  if (Object.hasOwn(ackModes, given)) return given as AckMode
  throw badRequest(`'ackmode' is '${given}': it must be one of ${Object.keys(ackModes).join(', ')}`)
}

async function fetched(queue: Queue, wanted: Wanted): Promise<Shape[]> {
  const shapes: Shape[] = []
  const out: Fetched[] = []
  let bytes = 0
  try {
    while (shapes.length < wanted.count && bytes <= limits.getBytesMax) {
      const found = await queue.poll()
      if (found === undefined) break
      out.push(found)
      bytes += found.message.value?.length ?? 0
      shapes.push(messageShape(queue, found, wanted))
    }
  } catch (error) {
    for (const { delivery } of out) delivery?.settle('released')
    throw error
  }
  for (const { delivery } of out) delivery?.settle(ackModes[wanted.mode])
  return shapes
}

function messageShape(queue: Queue, { message, delivery }: Fetched, wanted: Wanted): Shape {
  return {
    ...contentShape(queue, message, wanted, delivery),
    redelivered: delivery?.redelivered ?? false,
    message_count: queue.readyCount,
  }
}

function contentShape(
  queue: Entity,
  message: Message,
  { isBase64, truncate }: Pick<Wanted, 'isBase64' | 'truncate'>,
  delivery?: Settleable,
): Shape {
  const { exchange, routingKey, properties, body } = contentOf(message, factsOf(queue, message, delivery))
  const shown = body.subarray(0, truncate)
  const text = isBase64 ? undefined : textOf(shown)
  return {
    payload_bytes: body.length,
    exchange,
    routing_key: routingKey,
    properties: propertiesJson(properties),
    payload: text ?? shown.toString('base64'),
    payload_encoding: text === undefined ? 'base64' : 'string',
  }
}
