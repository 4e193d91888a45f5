// A topic as a target and a source of messages: what is read stays, and every consumer has its own place. AMQP calls it
// a stream. Any topic is one, whether a Kafka client made it or a declaration did; only the latter is bound to a virtual
// host's name and goes when it is deleted.

import type { Offset } from '../../log/index.ts'
import type { World } from '../../world/index.ts'
import { BrokerError } from '../errors.ts'
import type { Partition } from '../partition/partition.ts'
import { storageError } from '../storage-error.ts'
import { Partitioner } from '../topics/partitioner.ts'
import type { Topic } from '../topics/topic.ts'
import { Consumer, type ConsumerOptions } from './consumer.ts'
import { Consumers } from './consumers.ts'
import type { Outcome, Settleable } from './delivery.ts'
import { bodyBytes, type Facts, type Message, type Publication, type Receipt } from './message.ts'
import { MessageReader } from './message-reader.ts'
import { type Afloat, Outbox } from './outbox.ts'
import type { QueueDefinition } from './queue-definition.ts'
import type { Target } from './routing.ts'

/** Where a consumer begins. */
export type StreamOffset =
  | { readonly at: 'first' | 'last' | 'next' }
  | { readonly at: 'offset'; readonly offset: Offset }
  | { readonly at: 'time'; readonly timeMs: number }

export interface StreamConsumerOptions extends ConsumerOptions {
  readonly from: StreamOffset
  /** Messages for which it is false are passed over. */
  readonly filter?: (message: Message) => boolean
  /** Called when the consumer is there, before its first message. */
  readonly begun?: () => void
}

export interface StreamParts {
  readonly world: World
  readonly afloat: Afloat
  readonly onFault: (stream: Stream, error: unknown) => void
}

/** Messages that one consumer is given before others get a turn. */
const TURN_MESSAGES = 1024
/** Messages that a filter passes over before others get a turn. */
const PASSED_MESSAGES = 4096
/** Messages without a key stay in one partition for so many bytes. */
const STICKY_BYTES = 64 * 1024

const noFacts: Facts = { expiresAt: Number.POSITIVE_INFINITY, groupId: undefined, dedupId: undefined }

export class Stream implements Target {
  readonly vhost: string
  readonly name: string
  readonly topic: Topic
  /** Undefined for a topic that was not declared as a stream. */
  readonly definition: QueueDefinition | undefined
  readonly counts = { published: 0, delivered: 0 }
  readonly consumers = new Consumers()
  readonly #parts: StreamParts
  readonly #partitioner: Partitioner
  #outboxes: readonly Outbox[] = []
  #closed: BrokerError | undefined

  constructor(
    place: { readonly vhost: string; readonly name: string; readonly definition?: QueueDefinition },
    topic: Topic,
    parts: StreamParts,
  ) {
    this.vhost = place.vhost
    this.name = place.name
    this.definition = place.definition
    this.topic = topic
    this.#parts = parts
    this.#partitioner = new Partitioner(topic.definition.partitions, STICKY_BYTES, parts.world)
  }

  get title(): string {
    return `stream '${this.name}' in vhost '${this.vhost}'`
  }
  /** Messages that are kept, by their offsets. */
  get readyCount(): number {
    return this.topic.partitions.reduce((sum, { log }) => sum + log.end - log.start, 0)
  }
  get logBytes(): number {
    return this.topic.partitions.reduce((sum, { log }) => sum + log.bytes, 0)
  }

  put({ record }: Publication, receipt: Receipt | undefined): void {
    if (this.#closed !== undefined) {
      receipt?.done(this.#closed)
      return
    }
    if (this.topic.settings.compacts && (record.key ?? null) === null) {
      const why = `${this.title} is a compacted topic: a message needs a key`
      receipt?.done(new BrokerError('RECORD_INVALID', why))
      return
    }
    this.counts.published++
    const partition = this.#partitioner.choose(record.key, bodyBytes(record)) % this.topic.partitions.length
    this.#outbox(partition)?.put(record, noFacts, receipt)
  }

  /** Errors: OFFSET_OUT_OF_RANGE, QUEUE_UNKNOWN when the stream is gone, STORAGE_ROTTEN. */
  async subscribe(options: StreamConsumerOptions): Promise<Consumer> {
    if (this.#closed !== undefined) throw this.#closed
    const readers = await Promise.all(
      this.topic.partitions.map(async one => new MessageReader(one, await startOf(one, options.from))),
    )
    const reading = new StreamReading(this, readers, options, this.#parts)
    this.consumers.add(reading.consumer, this.title)
    options.begun?.()
    reading.schedule()
    return reading.consumer
  }

  /** Looks at what is kept, partition by partition, up to where each ended when it was begun. */
  async *browse(signal?: AbortSignal): AsyncGenerator<Message> {
    for (const partition of this.topic.partitions) {
      const end = partition.highWatermark
      const reader = new MessageReader(partition, partition.start)
      while (reader.at < end) {
        signal?.throwIfAborted()
        const message = reader.next()
        if (message === undefined) break
        if (message instanceof Promise) await message
        else yield message
      }
    }
  }

  close(reason: BrokerError): void {
    if (this.#closed !== undefined) return
    this.#closed = reason
    for (const consumer of [...this.consumers]) {
      consumer.cancel()
      consumer.options.cancelled(reason)
    }
  }

  #outbox(partition: number): Outbox | undefined {
    if (this.#outboxes.length !== this.topic.partitions.length)
      this.#outboxes = this.topic.partitions.map(
        (one, n) => this.#outboxes[n] ?? new Outbox({ partition: one, afloat: this.#parts.afloat }),
      )
    return this.#outboxes[partition]
  }
}

/** One consumer's way through the partitions. */
class StreamReading {
  readonly consumer: Consumer
  readonly #stream: Stream
  readonly #readers: readonly MessageReader[]
  readonly #options: StreamConsumerOptions
  readonly #parts: StreamParts
  readonly #stops: readonly (() => void)[]
  #turn = 0
  #scheduled = false
  #waiting = false
  #ended = false

  constructor(
    stream: Stream,
    readers: readonly MessageReader[],
    options: StreamConsumerOptions,
    parts: StreamParts,
  ) {
    this.#stream = stream
    this.#readers = readers
    this.#options = options
    this.#parts = parts
    this.consumer = new Consumer(options, { wake: () => this.schedule(), cancel: () => this.#end() })
    this.#stops = stream.topic.partitions.map(one => one.watch(() => this.schedule()))
  }

  schedule(): void {
    if (this.#scheduled || this.#waiting || this.#ended) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      this.#work()
    })
  }

  #work(): void {
    let left = TURN_MESSAGES
    try {
      while (!this.#ended && this.consumer.isOpen) {
        const message = this.#next()
        if (message === undefined) return
        if (message instanceof Promise) {
          this.#wait(message)
          return
        }
        this.#give(message)
        if (--left === 0) {
          this.#parts.world.after(0, () => this.schedule())
          return
        }
      }
    } catch (error) {
      this.#failed(error)
    }
  }

  /** The partitions in turns; undefined when none of them has anything. */
  #next(): Message | undefined | Promise<void> {
    const { filter } = this.#options
    let passed = 0
    for (let n = 0; n < this.#readers.length; n++) {
      const reader = this.#readers[(this.#turn + n) % this.#readers.length]
      for (let message = reader?.next(); message !== undefined; message = reader?.next()) {
        if (message instanceof Promise) return message
        if (filter !== undefined && !filter(message)) {
          if (++passed < PASSED_MESSAGES) continue
          return new Promise(resolve => this.#parts.world.after(0, resolve))
        }
        this.#turn = (this.#turn + n + 1) % this.#readers.length
        return message
      }
    }
    return undefined
  }

  #give(message: Message): void {
    const { consumer } = this
    consumer.delivered++
    this.#stream.counts.delivered++
    for (const credit of consumer.credits)
      if (credit.kind === 'grant' || !this.#options.presettled) credit.used++
    if (this.#options.presettled) this.#options.deliver(message, undefined, false)
    else {
      consumer.unsettled++
      this.#options.deliver(message, new StreamDelivery(message.offset, consumer), false)
    }
  }

  #wait(reading: Promise<void>): void {
    this.#waiting = true
    reading.then(
      () => {
        this.#waiting = false
        this.schedule()
      },
      error => this.#failed(error),
    )
  }

  #failed(error: unknown): void {
    if (this.#ended) return
    const reason = storageError(error)
    this.#parts.onFault(this.#stream, reason)
    this.#end()
    this.#options.cancelled(
      reason instanceof BrokerError ? reason : new BrokerError('STORAGE_FAILED', String(error), error),
    )
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    for (const stop of this.#stops) stop()
    this.#stream.consumers.remove(this.consumer)
  }
}

/** Settling a stream's message only says that there is room for another. */
class StreamDelivery implements Settleable {
  readonly offset: Offset
  readonly redelivered = false
  readonly failures = 0
  readonly #consumer: Consumer
  #settled = false

  constructor(offset: Offset, consumer: Consumer) {
    this.offset = offset
    this.#consumer = consumer
  }

  settle(_outcome: Outcome): void {
    if (this.#settled) return
    this.#settled = true
    this.#consumer.unsettled--
    for (const credit of this.#consumer.credits) if (credit.kind === 'window') credit.used--
    this.#consumer.wake()
  }
}

async function startOf(partition: Partition, from: StreamOffset): Promise<Offset> {
  const { start, highWatermark: end } = partition
  switch (from.at) {
    case 'first':
      return start
    case 'next':
      return end
    case 'last':
      return Math.max(start, end - 1)
    case 'offset':
      return Math.min(Math.max(from.offset, start), end)
    case 'time': {
      const base = await partition.log.seek(from.timeMs)
      return base === undefined ? end : firstAtOrAfter(partition, Math.max(base, start), from.timeMs)
    }
    default:
      throw new TypeError(`a stream cannot begin at ${JSON.stringify(from satisfies never)}`)
  }
}

/** The log knows the batch; the message within it is looked for here. */
async function firstAtOrAfter(partition: Partition, from: Offset, timeMs: number): Promise<Offset> {
  const reader = new MessageReader(partition, from)
  for (;;) {
    const message = reader.next()
    if (message === undefined) return partition.highWatermark
    if (message instanceof Promise) await message
    else if (message.timestamp >= timeMs) return message.offset
  }
}
