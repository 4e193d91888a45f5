// Messages out, confirmed in a window: the caller waits when so many are out, and `flush` when all must be stored.

import { type Deferred, deferred } from '../../flow/index.ts'
import type { Message } from '../../heads/amqp091/content.ts'
import * as wire from '../../heads/amqp091/wire/index.ts'
import { CommandError } from '../exit.ts'
import type { Channel, Receiver } from './channel.ts'
import { limits } from './limits.ts'

export interface Publication {
  readonly exchange: string
  readonly routingKey: string
  /** Encoded properties. */
  readonly properties: Buffer
  /** Kept until it is sent. */
  readonly body: Buffer
}

export interface PublisherOptions {
  /** A message that no queue takes is an error. Default true. */
  readonly mandatory?: boolean
  /** Wait for confirms. Default true. */
  readonly confirm?: boolean
  /**
   * Called with each message that is stored, in the order of their sending as far as the server keeps it; not any more
   * after a failure. The confirm of a message that came back says nothing of where it is, and comes behind it.
   */
  readonly onStored?: (context: number) => void
}

interface Out {
  readonly bytes: number
  readonly context: number
}

/** Takes the channel's confirms and returns; what else its receiver does stays. */
export class Publisher {
  readonly #channel: Channel
  readonly #mandatory: boolean
  readonly #confirm: boolean
  readonly #onStored: ((context: number) => void) | undefined
  readonly #out = new Map<number, Out>()
  #outBytes = 0
  #sent = 0
  #waiting: Deferred<void> | undefined
  #isFlushing = false
  #failure: Error | undefined

  private constructor(channel: Channel, { mandatory = true, confirm = true, onStored }: PublisherOptions) {
    this.#channel = channel
    this.#mandatory = mandatory
    this.#confirm = confirm
    this.#onStored = onStored
    const before = channel.receiver
    const receiver: Receiver = {
      ...before,
      confirmed: (tag, multiple, isStored) => this.#confirmed(tag, multiple, isStored),
      returned: message => this.#fail(unroutable(message)),
      ended: reason => {
        this.#fail(reason)
        before.ended?.(reason)
      },
    }
    channel.receiver = receiver
  }

  /** Errors: AmqpFault. */
  static async open(channel: Channel, options: PublisherOptions = {}): Promise<Publisher> {
    const publisher = new Publisher(channel, options)
    if (options.confirm !== false) await channel.call(wire.ConfirmSelect, {}, wire.ConfirmSelectOk)
    return publisher
  }

  /**
   * Sends one message; a promise means that it should be waited for before the next. `context` is handed to `onStored`.
   * Errors, also of earlier messages: CommandError when one is refused or has no queue, ConnectionFault.
   */
  send({ exchange, routingKey, properties, body }: Publication, context = 0): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#failure
    const mandatory = this.#mandatory
    this.#channel.publish({ exchange, routingKey, mandatory }, properties, body)
    this.#sent++
    if (!this.#confirm) return this.#channel.connection.drained
    this.#out.set(this.#sent, { bytes: body.length, context })
    this.#outBytes += body.length
    return this.#isFull ? this.#wait() : undefined
  }

  /** Resolves when all that was sent is stored, or without confirms when it is sent. Errors as `send`. */
  async flush(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    if (!this.#confirm) return this.#channel.connection.drained
    if (this.#out.size === 0) return
    this.#isFlushing = true
    await this.#wait()
  }

  get #isFull(): boolean {
    return this.#out.size >= limits.confirmsMax || this.#outBytes >= limits.unconfirmedBytesMax
  }

  #wait(): Promise<void> {
    if (this.#waiting === undefined) {
      this.#waiting = deferred()
      this.#waiting.promise.catch(() => {}) // it may fail while nobody waits for it
    }
    return this.#waiting.promise
  }

  #confirmed(tag: number, multiple: boolean, isStored: boolean): void {
    if (!isStored) this.#fail(refused())
    else if (!multiple) this.#settle(tag)
    else
      for (const one of this.#out.keys()) {
        if (one > tag) break
        this.#settle(one)
      }
    if (this.#waiting === undefined || (this.#isFlushing ? this.#out.size > 0 : this.#isFull)) return
    this.#isFlushing = false
    this.#waiting.resolve()
    this.#waiting = undefined
  }

  #settle(tag: number): void {
    const one = this.#out.get(tag)
    if (one === undefined) return
    this.#out.delete(tag)
    this.#outBytes -= one.bytes
    if (this.#failure === undefined) this.#onStored?.(one.context)
  }

  #fail(reason: Error): void {
    this.#failure ??= reason
    this.#waiting?.reject(this.#failure)
    this.#waiting = undefined
  }
}

function unroutable({ args }: Message): CommandError {
  const { replyText, exchange, routingKey } = args as wire.ArgsOf<typeof wire.BasicReturn>
  const where = exchange === '' ? `queue ${routingKey}` : `exchange ${exchange} with key '${routingKey}'`
  return new CommandError('notFound', `no queue takes messages for ${where} (${replyText})`)
}

function refused(): CommandError {
  return new CommandError('tryAgain', 'the broker refused a message: is the queue full?')
}
