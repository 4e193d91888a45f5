// basic.consume and basic.get: messages on their way to the client.

import type { FieldTable } from '../../broker/field-value.ts'
import type { BrokerError } from '../../broker/index.ts'
import type { Consumer, ConsumerOptions } from '../../broker/queues/consumer.ts'
import type { Settleable } from '../../broker/queues/delivery.ts'
import type { Message } from '../../broker/queues/message.ts'
import { Queue } from '../../broker/queues/queue.ts'
import type { Entity } from '../../broker/queues/queues.ts'
import { Stream } from '../../broker/queues/stream.ts'
import { Credit } from '../../flow/index.ts'
import type { Channel } from './channel.ts'
import { AmqpError } from './errors.ts'
import { contentOf, type DeliveryFacts } from './message.ts'
import { filterOf, startOf } from './stream-start.ts'
import { BasicCancel, BasicDeliver } from './wire/index.ts'

export interface ConsumeOptions {
  readonly tag: string
  readonly noAck: boolean
  readonly exclusive: boolean
  readonly arguments: FieldTable
}

/** One consumer of a channel. */
export class Subscriber {
  readonly tag: string
  readonly entity: Entity
  readonly options: ConsumeOptions
  /** What it may have out (basic.qos without global). */
  readonly credit: Credit
  readonly #channel: Channel
  #consumer: Consumer | undefined
  #isPaused = false
  #isCancelled = false

  constructor(channel: Channel, entity: Entity, options: ConsumeOptions) {
    this.#channel = channel
    this.entity = entity
    this.options = options
    this.tag = options.tag
    this.credit = new Credit(channel.prefetch === 0 ? Number.POSITIVE_INFINITY : channel.prefetch)
  }

  /** Undefined until `begin` is done. */
  get consumer(): Consumer | undefined {
    return this.#consumer
  }

  /**
   * Begins to receive; `accepted` is called before the first message. Errors: CONSUMER_EXCLUDED, PRECONDITION_FAILED,
   * NOT_IMPLEMENTED, those of the broker.
   */
  async begin(accepted: () => void): Promise<void> {
    const { entity } = this
    if (entity instanceof Queue) {
      this.#consumer = entity.subscribe(this.#options())
      accepted() // its first message comes later in this turn
    } else this.#consumer = await this.#beginStream(entity, accepted)
    const consumer = this.#consumer
    if (this.#isCancelled) consumer.cancel()
    else if (this.#isPaused) consumer.pause()
  }

  cancel(): void {
    this.#isCancelled = true
    this.#consumer?.cancel()
  }
  wake(): void {
    this.#consumer?.wake()
  }
  resume(): void {
    this.#isPaused = false
    this.#consumer?.resume()
  }

  #options(): ConsumerOptions {
    const { tag, noAck, exclusive, arguments: args } = this.options
    return {
      tag,
      exclusive,
      presettled: noAck,
      priority: priorityOf(args),
      credits: noAck ? [] : [this.credit, this.#channel.credit],
      deliver: (message, delivery, redelivered) => this.#deliver(message, delivery, redelivered),
      cancelled: reason => this.#cancelled(reason),
    }
  }

  #beginStream(stream: Stream, begun: () => void): Promise<Consumer> {
    const { noAck, exclusive, arguments: args } = this.options
    if (noAck)
      throw new AmqpError(
        'NOT_IMPLEMENTED',
        `${stream.title} is a stream: it is consumed with acknowledgements`,
      )
    if (exclusive)
      throw new AmqpError('NOT_IMPLEMENTED', `${stream.title} is a stream: it has no exclusive consumers`)
    if (this.credit.limit === Number.POSITIVE_INFINITY && this.#channel.credit.limit === this.#creditMax)
      throw new AmqpError('PRECONDITION_FAILED', `consumer prefetch count is not set for ${stream.title}`)
    const filter = filterOf(args)
    const from = startOf(args, this.#channel.serving.world.now())
    return stream.subscribe({ ...this.#options(), from, begun, ...(filter && { filter }) })
  }

  get #creditMax(): number {
    return this.#channel.serving.limits.unackedMax
  }

  #deliver(message: Message, delivery: Settleable | undefined, redelivered: boolean): void {
    const channel = this.#channel
    channel.lastServed = this
    const tag = channel.unacked.nextTag()
    const { exchange, routingKey, properties, body } = contentOf(
      message,
      factsOf(this.entity, message, delivery),
    )
    channel.serving.metrics.delivered++
    try {
      channel.sendContent(
        BasicDeliver,
        {
          consumerTag: this.tag,
          deliveryTag: tag,
          redelivered,
          exchange,
          routingKey,
        },
        { properties: properties.raw, body },
      )
    } catch (error) {
      // Its properties do not fit into a frame of this connection, and never will.
      if (!(error instanceof AmqpError)) throw error
      channel.serving.report.warn('a message could not be delivered', {
        queue: this.entity.name,
        offset: message.offset,
        reason: error.message,
      })
      delivery?.settle('rejected')
      return
    }
    if (delivery !== undefined) noteUnacked(channel, this.entity, tag, delivery)
    if (channel.host.isFull) this.#pause()
  }

  #pause(): void {
    this.#isPaused = true
    this.#consumer?.pause()
  }

  /** The queue is gone, or cannot be read. */
  #cancelled(reason: BrokerError): void {
    const channel = this.#channel
    if (this.#isCancelled || channel.consumers.get(this.tag) !== this) return
    this.#isCancelled = true
    channel.consumers.delete(this.tag)
    channel.serving.report.debug('a consumer was cancelled', {
      queue: this.entity.name,
      reason: reason.message,
    })
    if (channel.host.client.capabilities.consumerCancelNotify)
      channel.send(BasicCancel, { consumerTag: this.tag, noWait: true })
  }
}

/** Waits for the acknowledgement of a delivery. */
export function noteUnacked(channel: Channel, entity: Entity, tag: number, delivery: Settleable): void {
  const { deliveryLimit = Number.POSITIVE_INFINITY, consumerTimeoutMs = Number.POSITIVE_INFINITY } =
    entity instanceof Queue ? entity.settings : {}
  channel.unacked.add({
    tag,
    delivery,
    counts: deliveryLimit !== Number.POSITIVE_INFINITY,
    since: channel.serving.world.monotonic(),
    timeoutMs: consumerTimeoutMs,
  })
}

/** What a delivery tells beside its message. */
export function factsOf(
  entity: Entity,
  { offset }: Message,
  delivery: Settleable | undefined,
): DeliveryFacts | undefined {
  if (entity instanceof Stream) return { offset }
  const failures = delivery?.failures ?? 0
  return failures > 0 && entity.definition.type === 'quorum' ? { deliveryCount: failures } : undefined
}

function priorityOf(args: FieldTable): number {
  const value = args.get('x-priority')
  if (value === undefined) return 0
  const number = typeof value === 'bigint' ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number
  throw new AmqpError(
    'PRECONDITION_FAILED',
    `invalid arg 'x-priority' for consumer: a whole number is wanted`,
  )
}
