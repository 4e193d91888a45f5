// basic.nack (RabbitMQ's extension) and basic.reject: deliveries come back to their queue, or leave it.

import { settle } from '../settling.ts'
import { verb } from '../verb.ts'
import { BasicNack, BasicReject } from '../wire/index.ts'

export const basicNack = verb(BasicNack, ({ deliveryTag, multiple, requeue }, channel) =>
  settle(channel, channel.unacked.take(deliveryTag, multiple), requeue ? 'requeue' : 'reject'),
)

export const basicReject = verb(BasicReject, ({ deliveryTag, requeue }, channel) =>
  settle(channel, channel.unacked.take(deliveryTag, false), requeue ? 'requeue' : 'reject'),
)
