// queue.purge: settles all messages that are ready.

import { Stream } from '../../../broker/queues/stream.ts'
import { AmqpError } from '../errors.ts'
import { queueName, queueOf } from '../names.ts'
import { demand } from '../permission.ts'
import { verb } from '../verb.ts'
import { QueuePurge, QueuePurgeOk } from '../wire/index.ts'

export const queuePurge = verb(QueuePurge, async ({ queue, noWait }, channel) => {
  demand(channel.host, 'read', 'queue', queueName(channel, queue))
  const entity = queueOf(channel, queue)
  if (entity instanceof Stream)
    throw new AmqpError('NOT_IMPLEMENTED', `${entity.title}: a stream is not purged`)
  await entity.arrivals()
  const messageCount = entity.purge()
  if (!noWait) channel.send(QueuePurgeOk, { messageCount })
})
