// Names of queues as clients write them: an empty one is the queue that the channel declared last, line breaks do not
// count (RabbitMQ strips them), and some are the server's to give.

import { Queue } from '../../broker/queues/queue.ts'
import type { Entity } from '../../broker/queues/queues.ts'
import type { World } from '../../world/index.ts'
import type { Channel } from './channel.ts'
import { AmqpError } from './errors.ts'

const RESERVED = 'amq.'
const GENERATED_BYTES = 16

/** Errors: NOT_FOUND when the channel declared none. */
export function queueName(channel: Channel, name: string): string {
  if (name !== '') return name.replace(/[\r\n]/g, '')
  if (channel.lastQueue === undefined) throw new AmqpError('NOT_FOUND', 'no previously declared queue')
  return channel.lastQueue
}

/** The queue that a client names, if it may use it. Errors: NOT_FOUND, QUEUE_LOCKED. */
export function queueOf(channel: Channel, name: string): Entity {
  const { host, broker } = channel
  const entity = broker.queues.require(host.vhost, queueName(channel, name))
  broker.queues.checkOwner(entity, host.owner)
  return entity
}

/** Resolves when what was published to the queue so far counts; undefined when it does already. */
export function arrivalsOf(entity: Entity | undefined): Promise<unknown> | undefined {
  return entity instanceof Queue ? entity.arrivals() : undefined
}

/** A name for a queue whose client gave none. */
export function generatedName(world: World): string {
  return `amq.gen-${world.randomBytes(GENERATED_BYTES).toString('base64url')}`
}

/** A tag for a consumer whose client gave none. */
export function generatedTag(world: World): string {
  return `amq.ctag-${world.randomBytes(GENERATED_BYTES).toString('base64url')}`
}

/** Errors: ACCESS_REFUSED for a name that clients may not give. */
export function checkNotReserved(kind: 'queue' | 'exchange', name: string): void {
  if (name.startsWith(RESERVED))
    throw new AmqpError('ACCESS_REFUSED', `${kind} name '${name}' contains reserved prefix 'amq.*'`)
}
