// A queue for the program that the broker runs in, without a protocol: the four operations of message queuing. What is
// put this way is read by AMQP and Kafka clients too, and the other way round.

import type { FieldTable } from '../broker/field-value.ts'
import type { Broker } from '../broker/index.ts'
import type { Settleable } from '../broker/queues/delivery.ts'
import type { Message } from '../broker/queues/message.ts'
import { Queue } from '../broker/queues/queue.ts'
import type { Fetched } from '../broker/queues/subscription.ts'
import { deferred } from '../flow/index.ts'
import { type Duration, milliseconds } from '../world/index.ts'
import { ServerError } from './errors.ts'

export interface QueueOptions {
  /** Default '/'. */
  readonly vhost?: string
  /** Whether it is there after a restart. Default true. */
  readonly durable?: boolean
  /** As an AMQP client would declare it: `{ 'x-message-ttl': 60_000 }`. */
  readonly arguments?: Readonly<Record<string, string | number | boolean>>
}

export interface PutOptions {
  readonly headers?: Readonly<Record<string, string | Buffer>>
  readonly key?: string | Buffer
  /** The message may wait this long. */
  readonly ttl?: Duration
  /** The message is not delivered before this has passed. */
  readonly delay?: Duration
  /** Higher ones first, in a queue with priorities. */
  readonly priority?: number
  /** Messages of one group are delivered one after the other, in a queue with message groups. */
  readonly group?: string
  /** A second message of this id is dropped, in a queue with a deduplication window. */
  readonly id?: string
}

/** A message that was taken from a queue; it comes back unless it is settled. */
export interface TakenMessage {
  readonly body: Buffer
  readonly key: Buffer | null
  /** By name; as AMQP clients see them, where the AMQP head is open. */
  readonly headers: FieldTable
  readonly timestamp: Date
  /** Whether it may have been given out before. */
  readonly redelivered: boolean
  /** It is done with. */
  accept(): void
  /** It goes back to its place. */
  release(): void
  /** It is not wanted: to the dead letters, where the queue has a place for them. */
  reject(): void
}

export interface QueueFace {
  readonly name: string
  /** Messages that could be taken now. */
  readonly count: number
  /** PUT: resolves when the message is as durable as the queue. Errors: BrokerError (QUEUE_FULL, STORAGE_FULL, ...). */
  put(body: string | Buffer, options?: PutOptions): Promise<void>
  /** GET: the next message, waiting for one to come. Errors: AbortError, BrokerError QUEUE_UNKNOWN. */
  get(options?: { readonly signal?: AbortSignal }): Promise<TakenMessage>
  /** POLL: the next message, or undefined at once. Errors: BrokerError QUEUE_UNKNOWN. */
  poll(): Promise<TakenMessage | undefined>
  /** NOTIFY: calls once when there may be a message to take; gives the function that takes it back. */
  notify(call: () => void): () => void
}

/** Finds the queue or makes it. Errors: SERVER_CONFIG_INVALID for a stream, BrokerError as a declaration gives them. */
export async function queueFace(
  broker: Broker,
  name: string,
  { vhost = '/', durable = true, arguments: args = {} }: QueueOptions,
  fieldsOf: (headers: Message['headers']) => FieldTable,
): Promise<QueueFace> {
  const known = broker.queues.get(vhost, name)
  const entity =
    known ?? (await broker.queues.declare({ vhost, name, durable, arguments: new Map(Object.entries(args)) }))
  if (!(entity instanceof Queue))
    throw new ServerError(
      'SERVER_CONFIG_INVALID',
      `'${name}' is a stream or topic, which is read by offset`,
      { name },
    )
  const taken = ({ message, delivery }: Fetched): TakenMessage => takenMessage(message, delivery, fieldsOf)
  return {
    name,
    get count() {
      return entity.readyCount
    },
    put: (body, options = {}) => put(broker, entity, body, options),
    get: async options => taken(await entity.get(options)),
    poll: async () => {
      const found = await entity.poll()
      return found === undefined ? undefined : taken(found)
    },
    notify: call => entity.notify(call),
  }
}

function put(broker: Broker, queue: Queue, body: string | Buffer, options: PutOptions): Promise<void> {
  const { headers = {}, key = null, ttl, delay, priority, group, id } = options
  const stored = deferred()
  const now = broker.world.now()
  broker.publisher.send(
    queue,
    {
      record: {
        timestamp: now,
        key: key === null ? null : Buffer.from(key),
        value: Buffer.from(body),
        headers: Object.entries(headers).map(([name, value]) => ({ key: name, value: Buffer.from(value) })),
      },
      ttlMs: ttl === undefined ? undefined : milliseconds(ttl),
      deliverAt: delay === undefined ? undefined : now + milliseconds(delay),
      priority,
      groupId: group,
      dedupId: id,
      persistent: queue.definition.durable,
    },
    { done: error => (error === undefined ? stored.resolve() : stored.reject(error)) },
  )
  return stored.promise
}

function takenMessage(
  { value, key, headers, timestamp }: Message,
  delivery: Settleable | undefined,
  fieldsOf: (headers: Message['headers']) => FieldTable,
): TakenMessage {
  return {
    body: value ?? Buffer.alloc(0),
    key,
    headers: fieldsOf(headers),
    timestamp: new Date(timestamp),
    redelivered: delivery?.redelivered ?? false,
    accept: () => delivery?.settle('accepted'),
    release: () => delivery?.settle('released'),
    reject: () => delivery?.settle('rejected'),
  }
}
