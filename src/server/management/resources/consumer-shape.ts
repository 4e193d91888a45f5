// Consumers as RabbitMQ's JSON has them, by queue and by channel.

import { Queue } from '../../../broker/queues/queue.ts'
import type { Entity } from '../../../broker/queues/queues.ts'
import type { Subscriber } from '../../../heads/amqp091/consuming.ts'
import type { Shape } from '../answer.ts'
import { fieldsJson } from '../field-json.ts'
import type { Serving } from '../route.ts'
import { channelsOf, connectionDetails, type Place } from './channel-places.ts'

/** Consumers of a queue, whosever they are. */
export function consumersOf({ node }: Serving, entity: Entity): Shape[] {
  return channelsOf(node.amqp?.connections ?? []).flatMap(place =>
    [...place.channel.consumers.values()]
      .filter(one => one.entity === entity)
      .map(one => consumerShape(one, place, node.name)),
  )
}

export function consumersOfChannel({ node }: Serving, place: Place): Shape[] {
  return [...place.channel.consumers.values()].map(one => consumerShape(one, place, node.name))
}

function consumerShape(subscriber: Subscriber, place: Place, node: string): Shape {
  const { tag, entity, options, credit, consumer } = subscriber
  const { connection, channel, title } = place
  const isActive = !(entity instanceof Queue) || (entity.subscription.active ?? consumer) === consumer
  const { name: connection_name, peer_host, peer_port } = connectionDetails(connection)
  return {
    consumer_tag: tag,
    queue: { name: entity.name, vhost: entity.vhost },
    channel_details: {
      name: title,
      number: channel.number,
      user: connection.user,
      node,
      connection_name,
      peer_host,
      peer_port,
    },
    ack_required: !options.noAck,
    exclusive: options.exclusive,
    active: isActive,
    activity_status: isActive
      ? entity instanceof Queue && entity.settings.singleActive
        ? 'single_active'
        : 'up'
      : 'waiting',
    prefetch_count: credit.limit === Number.POSITIVE_INFINITY ? 0 : credit.limit,
    arguments: fieldsJson(options.arguments),
    consumer_timeout: entity instanceof Queue ? timeoutOf(entity) : undefined,
  }
}

function timeoutOf({ settings: { consumerTimeoutMs } }: Queue): number | undefined {
  return consumerTimeoutMs === Number.POSITIVE_INFINITY ? undefined : consumerTimeoutMs
}
