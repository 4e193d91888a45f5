// Messages for a measurement, encoded once: method, header and body frames of a block of messages, one after the other to
// each queue. Sending some is copying a part of the block and writing the time into each body.

import { Writer } from '../../../bytes/index.ts'
import { FRAME_OVERHEAD_BYTES, writeContent } from '../../../heads/amqp091/frame.ts'
import { BasicPublish } from '../../../heads/amqp091/wire/index.ts'
import { encodeProperties } from '../../../heads/amqp091/wire/properties.ts'
import type { World } from '../../../world/index.ts'

/** Bytes of a body that hold the time at which its message was due, by World.monotonic; a smaller body has none. */
export const TIME_BYTES = 8

/** Bytes and messages of the block: enough that copying is one call for many messages. */
const BLOCK_BYTES = 262_144
const BLOCK_MESSAGES = 512
const FRAME_PREFIX_BYTES = 7

export interface BlockOptions {
  readonly channel: number
  /** All of one length, so that all messages are. */
  readonly queues: readonly string[]
  readonly size: number
  readonly persistent: boolean
  readonly frameMax: number
  readonly world: World
}

export class MessageBlock {
  /** Bytes of one message with its frames. */
  readonly messageBytes: number
  readonly #bytes: Buffer
  readonly #count: number
  /** Where the body of a message begins; undefined when it has no room for a time. */
  readonly #timeAt: number | undefined
  #next = 0

  constructor({ channel, queues, size, persistent, frameMax, world }: BlockOptions) {
    const properties = encodeProperties({ deliveryMode: persistent ? 2 : 1 })
    const encoded = (routingKey: string, body: Buffer): Buffer => {
      const to = new Writer(body.length + 256)
      writeContent(to, channel, BasicPublish, { exchange: '', routingKey }, { properties, body }, frameMax)
      return Buffer.concat(to.finish())
    }
    const [first = ''] = queues
    this.messageBytes = encoded(first, Buffer.alloc(size)).length
    const wanted = Math.min(BLOCK_MESSAGES, Math.ceil(BLOCK_BYTES / this.messageBytes))
    this.#count = Math.ceil(wanted / queues.length) * queues.length
    const messages = Array.from({ length: this.#count }, (_, n) =>
      encoded(queues[n % queues.length] ?? first, world.randomBytes(size)),
    )
    this.#bytes = Buffer.concat(messages)
    const fits = size >= TIME_BYTES && frameMax - FRAME_OVERHEAD_BYTES >= TIME_BYTES
    this.#timeAt = fits ? encoded(first, Buffer.alloc(0)).length + FRAME_PREFIX_BYTES : undefined
  }

  /** The next `count` messages; `dueAt` says when each was due, in ms. */
  take(count: number, dueAt: (n: number) => number): Buffer[] {
    const chunks: Buffer[] = []
    for (let taken = 0; taken < count; ) {
      const some = Math.min(count - taken, this.#count - this.#next)
      const from = this.#next * this.messageBytes
      const chunk = Buffer.from(this.#bytes.subarray(from, from + some * this.messageBytes))
      if (this.#timeAt !== undefined)
        for (let n = 0; n < some; n++)
          chunk.writeDoubleBE(dueAt(taken + n), n * this.messageBytes + this.#timeAt)
      chunks.push(chunk)
      taken += some
      this.#next = (this.#next + some) % this.#count
    }
    return chunks
  }
}
