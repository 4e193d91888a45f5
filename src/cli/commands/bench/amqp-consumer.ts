// One consumer of a measurement: takes deliveries as bytes, reads no more of them than tag, size and time, and acknowledges
// many at once.

import * as wire from '../../../heads/amqp091/wire/index.ts'
import type { World } from '../../../world/index.ts'
import type { Channel, RawReceiver } from '../../amqp/channel.ts'
import { TIME_BYTES } from './amqp-messages.ts'
import type { Histogram } from './histogram.ts'

export interface ConsumerOptions {
  readonly channel: Channel
  readonly queues: readonly string[]
  readonly world: World
  readonly prefetch: number
  readonly noAck: boolean
  /** Acknowledge after so many messages. */
  readonly ackEvery: number
  /** Latencies are in the bodies. */
  readonly timed: boolean
  /** From when it was due until it is here, in ms. */
  readonly latencies: () => Histogram
  readonly onReceived: (count: number) => void
}

/** Where the body's size stands in a content header, behind class and weight; its upper half is 0. */
const SIZE_AT = 8

export class Consumer implements RawReceiver {
  readonly #options: ConsumerOptions
  #tag = 0
  #unacked = 0
  #size = 0
  #left = 0
  #received = 0
  /** Taken once for all that came in one piece. */
  #now = 0

  constructor(options: ConsumerOptions) {
    this.#options = options
    const { channel } = options
    channel.raw = this
    channel.receiver = { ...channel.receiver, turn: () => this.#turn() }
  }

  /** Begins to consume. Errors: AmqpFault. */
  async open(): Promise<void> {
    const { channel, queues, noAck, prefetch: prefetchCount } = this.#options
    if (!noAck) await channel.call(wire.BasicQos, { prefetchSize: 0, prefetchCount }, wire.BasicQosOk)
    for (const queue of queues)
      await channel.call(wire.BasicConsume, { queue, consumerTag: '', noAck }, wire.BasicConsumeOk)
  }

  deliver(buffer: Buffer, start: number): void {
    const at = start + 1 + (buffer[start] ?? 0)
    this.#tag = buffer.readUInt32BE(at) * 0x1_0000_0000 + buffer.readUInt32BE(at + 4)
  }

  header(buffer: Buffer, start: number): void {
    this.#size = buffer.readUInt32BE(start + SIZE_AT)
    this.#left = this.#size
    if (this.#size === 0) this.#whole()
  }

  body(buffer: Buffer, start: number, end: number): void {
    if (this.#left === this.#size && this.#options.timed && end - start >= TIME_BYTES) {
      if (this.#now === 0) this.#now = this.#options.world.monotonic()
      this.#options.latencies().add(this.#now - buffer.readDoubleBE(start))
    }
    this.#left -= end - start
    if (this.#left === 0) this.#whole()
  }

  #whole(): void {
    this.#received++
    const { noAck, ackEvery, channel } = this.#options
    if (noAck || ++this.#unacked < ackEvery) return
    channel.ack(this.#tag, true)
    this.#unacked = 0
  }

  #turn(): void {
    this.#now = 0
    if (this.#received === 0) return
    this.#options.onReceived(this.#received)
    this.#received = 0
  }
}
