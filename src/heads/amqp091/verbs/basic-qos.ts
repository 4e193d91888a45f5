// basic.qos: how many unacknowledged messages there may be. As RabbitMQ reads it: with `global` on the whole channel, at
// once; without, for each consumer that is yet to come. Kombu over py-amqp changes the latter while consumers run, and
// means those (it reads the specification's text, not RabbitMQ's): for that client they change too.

import type { Channel } from '../channel.ts'
import { AmqpError } from '../errors.ts'
import { verb } from '../verb.ts'
import { BasicQos, BasicQosOk } from '../wire/index.ts'

export const basicQos = verb(BasicQos, ({ prefetchSize, prefetchCount, global }, channel) => {
  if (prefetchSize !== 0) throw new AmqpError('NOT_IMPLEMENTED', `prefetch_size!=0 (${prefetchSize})`)
  if (global) channel.credit.limit = prefetchCount === 0 ? channel.serving.limits.unackedMax : prefetchCount
  else {
    channel.prefetch = prefetchCount
    if (meansLiveConsumers(channel))
      for (const { credit } of channel.consumers.values())
        credit.limit = prefetchCount === 0 ? Number.POSITIVE_INFINITY : prefetchCount
  }
  channel.wake()
  channel.send(BasicQosOk, {})
})

function meansLiveConsumers({ host }: Channel): boolean {
  return host.client.properties.get('product') === 'py-amqp'
}
