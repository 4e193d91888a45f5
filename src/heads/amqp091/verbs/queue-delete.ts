// queue.delete: the queue goes with its messages. One that is not there is deleted too.

import { arrivalsOf, queueName } from '../names.ts'
import { demand } from '../permission.ts'
import { verb } from '../verb.ts'
import { QueueDelete, QueueDeleteOk } from '../wire/index.ts'

export const queueDelete = verb(QueueDelete, async ({ queue, ifUnused, ifEmpty, noWait }, channel) => {
  const { host, broker } = channel
  const name = queueName(channel, queue)
  demand(host, 'configure', 'queue', name)
  await arrivalsOf(broker.queues.get(host.vhost, name))
  const count = await broker.queues.delete(host.vhost, name, { ifUnused, ifEmpty, owner: host.owner })
  if (!noWait) channel.send(QueueDeleteOk, { messageCount: count ?? 0 })
})
