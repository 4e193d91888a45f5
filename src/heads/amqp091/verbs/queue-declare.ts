// queue.declare: makes a queue, or finds it as it is wanted; with `passive` only finds it.

import type { FieldTable } from '../../../broker/field-value.ts'
import type { NewQueue } from '../../../broker/queues/declaration.ts'
import { Queue } from '../../../broker/queues/queue.ts'
import type { Entity } from '../../../broker/queues/queues.ts'
import { Stream } from '../../../broker/queues/stream.ts'
import type { Channel } from '../channel.ts'
import { DirectReplies, REPLY_QUEUE } from '../direct-replies.ts'
import { AmqpError } from '../errors.ts'
import { arrivalsOf, checkNotReserved, generatedName, queueName } from '../names.ts'
import { demand } from '../permission.ts'
import { verb } from '../verb.ts'
import { QueueDeclare, QueueDeclareOk } from '../wire/index.ts'
import type { ArgsOf } from '../wire/method.ts'

type Args = ArgsOf<typeof QueueDeclare>

export const queueDeclare = verb(QueueDeclare, (args, channel) => {
  if (args.queue === REPLY_QUEUE || DirectReplies.isName(args.queue)) {
    answerForReplies(args, channel)
    return undefined
  }
  if (args.passive) return find(args, channel)
  return declare(args, channel)
})

async function find(args: Args, channel: Channel): Promise<void> {
  const { host, broker } = channel
  const entity = broker.queues.require(host.vhost, queueName(channel, args.queue))
  broker.queues.checkOwner(entity, host.owner)
  // As RabbitMQ: a queue that expires unused (x-expires) was used by this.
  if (entity instanceof Queue) entity.used()
  await arrivalsOf(entity)
  answer(entity, args, channel)
}

async function declare(args: Args, channel: Channel): Promise<void> {
  const { host, broker, serving } = channel
  const isOurs = args.queue === ''
  const name = isOurs ? generatedName(serving.world) : args.queue.replace(/[\r\n]/g, '')
  const known = broker.queues.get(host.vhost, name)
  if (known === undefined && !isOurs) checkNotReserved('queue', name)
  demand(host, 'configure', 'queue', name)
  checkDeadLetters(args.arguments, name, channel)
  if (known === undefined) broker.vhosts.checkQueues(host.vhost, broker.queues.count(host.vhost))
  const entity = await broker.queues.declare(wanted(args, name, channel))
  await arrivalsOf(entity)
  answer(entity, args, channel)
}

function wanted(
  { durable, autoDelete, exclusive, arguments: args }: Args,
  name: string,
  channel: Channel,
): NewQueue {
  const { host, broker } = channel
  const byVhost = broker.vhosts.get(host.vhost)?.defaultQueueType
  // A type by default is for queues that can be of it.
  const type = durable && !exclusive && !autoDelete ? byVhost : undefined
  return {
    ...{ vhost: host.vhost, name, durable, autoDelete, arguments: args },
    ...(exclusive && { owner: host.owner }),
    ...(type && { type }),
  }
}

/** Whoever sends a queue's messages elsewhere must be allowed to read them, and to write there. */
function checkDeadLetters(args: FieldTable, name: string, { host }: Channel): void {
  const exchange = args.get('x-dead-letter-exchange')
  if (typeof exchange !== 'string') return
  demand(host, 'read', 'queue', name)
  demand(host, 'write', 'exchange', exchange)
}

function answer(entity: Entity, { noWait }: Args, channel: Channel): void {
  channel.lastQueue = entity.name
  if (noWait) return
  channel.send(QueueDeclareOk, {
    queue: entity.name,
    messageCount: entity.readyCount,
    consumerCount: entity instanceof Stream ? entity.consumers.size : entity.consumerCount,
  })
}

/** A client may ask whether somebody still waits for its answer. */
function answerForReplies({ queue, noWait }: Args, channel: Channel): void {
  if (queue !== REPLY_QUEUE && !channel.serving.replies.has(queue))
    throw new AmqpError('NOT_FOUND', `no queue '${queue}' in vhost '${channel.host.vhost}'`)
  if (!noWait) channel.send(QueueDeclareOk, { queue, messageCount: 0, consumerCount: 1 })
}
