// What queues, connections and the whole are counted by, under RabbitMQ's names.

import { Queue } from '../../broker/queues/queue.ts'
import type { Entity } from '../../broker/queues/queues.ts'
import type { Exchange } from '../../broker/routing/exchange.ts'
import type { Connection } from '../../heads/amqp091/index.ts'
import type { Counts } from './rates.ts'

/** Messages that are there, by state. */
export function queueLevels(entity: Entity): Counts & Readonly<Record<'messages', number>> {
  const ready = entity.readyCount
  const unacknowledged =
    entity instanceof Queue
      ? entity.outCount
      : [...entity.consumers].reduce((sum, one) => sum + one.unsettled, 0)
  const messages = entity instanceof Queue ? ready + unacknowledged : ready
  return { messages, messages_ready: ready, messages_unacknowledged: unacknowledged }
}

/** What happened since the start. */
export function queueCounts(entity: Entity): Counts {
  if (!(entity instanceof Queue)) {
    const { published, delivered } = entity.counts
    return { publish: published, deliver_get: delivered, deliver: delivered }
  }
  const { delivered, deliveredPresettled, fetched, fetchedPresettled, redelivered, accepted } =
    entity.subscription.counts
  return {
    publish: entity.counts.published,
    deliver_get: delivered + deliveredPresettled + fetched + fetchedPresettled,
    deliver: delivered,
    deliver_no_ack: deliveredPresettled,
    get: fetched,
    get_no_ack: fetchedPresettled,
    redeliver: redelivered,
    ack: accepted,
  }
}

/** Of an exchange: what was published to it, dead letters among them, and the copies that queues got of that. */
export function exchangeCounts({ counts }: Exchange<unknown>): Counts {
  return { publish_in: counts.published, publish_out: counts.routed }
}

export function connectionCounts({ counts }: Connection): Counts {
  return { recv_oct: counts.received, send_oct: counts.sent }
}

/** Levels of several queues as one. */
export function sumOfLevels(entities: Iterable<Entity>): Counts {
  const sum = { messages: 0, messages_ready: 0, messages_unacknowledged: 0 }
  for (const entity of entities) {
    const levels = queueLevels(entity)
    sum.messages += levels.messages
    sum.messages_ready += levels.messages_ready ?? 0
    sum.messages_unacknowledged += levels.messages_unacknowledged ?? 0
  }
  return sum
}
