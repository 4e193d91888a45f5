// queue.unbind: takes a binding away. One that is not there is taken away too.

import { queueName } from '../names.ts'
import { demand } from '../permission.ts'
import { verb } from '../verb.ts'
import { QueueUnbind, QueueUnbindOk } from '../wire/index.ts'

export const queueUnbind = verb(QueueUnbind, async (args, channel) => {
  const { host, broker } = channel
  const name = queueName(channel, args.queue)
  demand(host, 'write', 'queue', name)
  demand(host, 'read', 'exchange', args.exchange)
  const known = broker.queues.get(host.vhost, name)
  if (known !== undefined) broker.queues.checkOwner(known, host.owner)
  await broker.exchanges.unbind({
    ...{ vhost: host.vhost, source: args.exchange, kind: 'queue', destination: name },
    key: args.queue === '' && args.routingKey === '' ? name : args.routingKey,
    arguments: args.arguments,
  })
  channel.send(QueueUnbindOk, {})
})
