// basic.ack: deliveries are done with.

import { settle } from '../settling.ts'
import { verb } from '../verb.ts'
import { BasicAck } from '../wire/index.ts'

export const basicAck = verb(BasicAck, ({ deliveryTag, multiple }, channel) =>
  settle(channel, channel.unacked.take(deliveryTag, multiple), 'ack'),
)
