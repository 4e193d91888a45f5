// basic.get: one message, if there is one.

import type { Queue } from '../../../broker/queues/queue.ts'
import { Stream } from '../../../broker/queues/stream.ts'
import type { Fetched } from '../../../broker/queues/subscription.ts'
import type { Channel } from '../channel.ts'
import { factsOf, noteUnacked } from '../consuming.ts'
import { AmqpError } from '../errors.ts'
import { contentOf } from '../message.ts'
import { queueName, queueOf } from '../names.ts'
import { demand } from '../permission.ts'
import { verb } from '../verb.ts'
import { BasicGet, BasicGetEmpty, BasicGetOk } from '../wire/index.ts'

export const basicGet = verb(BasicGet, ({ queue, noAck }, channel) => {
  demand(channel.host, 'read', 'queue', queueName(channel, queue))
  const entity = queueOf(channel, queue)
  if (entity instanceof Stream)
    throw new AmqpError('NOT_IMPLEMENTED', `${entity.title} is a stream: it is consumed, not fetched from`)
  if (entity.settings.singleActive)
    throw new AmqpError('RESOURCE_LOCKED', `${entity.title} has a single active consumer`)
  if (entity.subscription.consumers.exclusive !== undefined)
    throw new AmqpError('ACCESS_REFUSED', `${entity.title} in exclusive use`)
  const arrivals = mayChangeWithArrivals(entity) ? entity.arrivals() : undefined
  return arrivals === undefined ? fetch(entity, noAck, channel) : fetchAfter(arrivals, entity, noAck, channel)
})

/**
 * What this channel published before is there to be fetched, as soon as it can be seen: that it is not stored yet matters
 * only where it would be the next message, or would push that one out.
 */
function mayChangeWithArrivals({ readyCount, settings }: Queue): boolean {
  const { maxPriority, maxLength, maxBytes } = settings
  const isBounded = maxLength !== Number.POSITIVE_INFINITY || maxBytes !== Number.POSITIVE_INFINITY
  return readyCount === 0 || maxPriority > 0 || isBounded
}

async function fetchAfter(arrivals: Promise<unknown>, queue: Queue, noAck: boolean, channel: Channel) {
  await arrivals
  await fetch(queue, noAck, channel)
}

function fetch(queue: Queue, presettled: boolean, channel: Channel): Promise<void> | undefined {
  const found = queue.poll({ presettled })
  if (found instanceof Promise) return found.then(late => answer(late, queue, channel))
  answer(found, queue, channel)
  return undefined
}

function answer(found: Fetched | undefined, queue: Queue, channel: Channel): void {
  if (found === undefined) {
    channel.send(BasicGetEmpty, {})
    return
  }
  const { message, delivery, redelivered } = found
  const deliveryTag = channel.unacked.nextTag()
  const { exchange, routingKey, properties, body } = contentOf(message, factsOf(queue, message, delivery))
  channel.serving.metrics.delivered++
  try {
    channel.sendContent(
      BasicGetOk,
      { deliveryTag, redelivered, exchange, routingKey, messageCount: queue.readyCount },
      { properties: properties.raw, body },
    )
  } catch (error) {
    delivery?.settle('released')
    throw error
  }
  if (delivery !== undefined) noteUnacked(channel, queue, deliveryTag, delivery)
}
