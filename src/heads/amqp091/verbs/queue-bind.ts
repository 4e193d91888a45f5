// queue.bind: messages of an exchange go to the queue.

import { queueName, queueOf } from '../names.ts'
import { demand, demandTopic } from '../permission.ts'
import { verb } from '../verb.ts'
import { QueueBind, QueueBindOk } from '../wire/index.ts'

export const queueBind = verb(QueueBind, async (args, channel) => {
  const { host, broker } = channel
  const { exchange, noWait, arguments: bindingArguments } = args
  const name = queueName(channel, args.queue)
  // An empty key with an empty queue name is the queue's own name (specification, queue.bind).
  const key = args.queue === '' && args.routingKey === '' ? name : args.routingKey
  demand(host, 'write', 'queue', name)
  demand(host, 'read', 'exchange', exchange)
  queueOf(channel, name)
  if (exchange !== '' && broker.exchanges.require(host.vhost, exchange).type === 'topic')
    demandTopic(host, 'read', exchange, key)
  await broker.exchanges.bind({
    ...{ vhost: host.vhost, source: exchange, kind: 'queue', destination: name, key },
    arguments: bindingArguments,
  })
  if (!noWait) channel.send(QueueBindOk, {})
})
