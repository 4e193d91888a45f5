// Messages in, as an iteration: the server sends ahead as far as the prefetch goes, and what was read is acknowledged when
// the reader asks for more.

import type { FieldTable } from '../../broker/field-value.ts'
import { deferred } from '../../flow/index.ts'
import * as wire from '../../heads/amqp091/wire/index.ts'
import { CommandError } from '../exit.ts'
import type { Channel, Delivered } from './channel.ts'

export interface ConsumeOptions {
  readonly queue: string
  readonly prefetch: number
  readonly arguments?: FieldTable
  readonly exclusive?: boolean
  /** Ends the iteration quietly. */
  readonly signal: AbortSignal
}

/**
 * What comes, in pieces. Nothing is acknowledged here. Ends with the signal; an empty piece is given each time that
 * `wake` is called. Errors: AmqpFault, ConnectionFault, CommandError when the queue is gone.
 */
export class Consumption {
  readonly #channel: Channel
  readonly #options: ConsumeOptions
  #waiting = deferred()
  #arrived: Delivered[] = []
  #failure: Error | undefined
  #tag = ''

  private constructor(channel: Channel, options: ConsumeOptions) {
    this.#channel = channel
    this.#options = options
    const before = channel.receiver
    channel.receiver = {
      ...before,
      deliver: message => this.#arrived.push(kept(message)),
      turn: () => {
        if (this.#arrived.length > 0) this.wake()
        before.turn?.()
      },
      cancelled: () => this.#fail(new CommandError('notFound', `queue ${options.queue} is gone`)),
      ended: reason => {
        this.#fail(reason)
        before.ended?.(reason)
      },
    }
  }

  /** Errors: AmqpFault. */
  static async open(channel: Channel, options: ConsumeOptions): Promise<Consumption> {
    const consumption = new Consumption(channel, options)
    const { queue, prefetch: prefetchCount, exclusive = false } = options
    await channel.call(wire.BasicQos, { prefetchSize: 0, prefetchCount }, wire.BasicQosOk)
    const args = { queue, consumerTag: '', exclusive, arguments: options.arguments ?? new Map() }
    const answer = await channel.call(wire.BasicConsume, args, wire.BasicConsumeOk)
    consumption.#tag = answer.consumerTag
    return consumption
  }

  /** Lets the iteration go on once, with what there is. */
  wake(): void {
    this.#waiting.resolve()
  }

  /** What comes, until the signal aborts. */
  async *pieces(): AsyncGenerator<readonly Delivered[]> {
    const { signal } = this.#options
    const stop = (): void => this.wake()
    signal.addEventListener('abort', stop, { once: true })
    try {
      while (!signal.aborted) {
        await this.#waiting.promise
        this.#waiting = deferred()
        if (this.#failure !== undefined) throw this.#failure
        if (signal.aborted) return
        const piece = this.#arrived
        this.#arrived = []
        yield piece
      }
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  /** Takes no more; what came and was not acknowledged goes back when the channel closes. */
  async cancel(): Promise<void> {
    await this.#channel.call(wire.BasicCancel, { consumerTag: this.#tag }, wire.BasicCancelOk)
  }

  #fail(reason: Error): void {
    this.#failure ??= reason
    this.wake()
  }
}

/** A body in the memory of the chunk it came in would keep that alive: small ones are copied. */
function kept(message: Delivered): Delivered {
  return message.body.length > 4096 ? message : { ...message, body: Buffer.from(message.body) }
}
