// Who receives messages of a subscription: pushed to, as far as its credit goes.

import type { Credit } from '../../flow/index.ts'
import type { BrokerError } from '../errors.ts'
import type { Settleable } from './delivery.ts'
import type { Message } from './message.ts'

export interface ConsumerOptions {
  /** As its client calls it: shown to administrators, not used. */
  readonly tag: string
  /** Higher ones first, as long as they have credit. Default 0. */
  readonly priority?: number
  /** Nobody else may consume beside it. */
  readonly exclusive?: boolean
  /** Messages count as settled when they are given out: whatever the consumer does not process is lost. */
  readonly presettled?: boolean
  /** Each must have room for a message to be given; each is used by one with every message. */
  readonly credits?: readonly Credit[]
  /**
   * Takes a message; buffers are borrowed until it returns. Without a delivery it is settled already. `redelivered` says
   * whether somebody may have had it before. Must not throw.
   */
  deliver(message: Message, delivery: Settleable | undefined, redelivered: boolean): void
  /** The subscription ended it: the queue is gone, or the store failed. */
  cancelled(reason: BrokerError): void
}

/** What a consumer asks of its subscription. */
export interface Serving {
  wake(consumer: Consumer): void
  cancel(consumer: Consumer): void
}

export class Consumer {
  readonly options: ConsumerOptions
  readonly priority: number
  readonly credits: readonly Credit[]
  /** Deliveries that are not settled. */
  unsettled = 0
  /** Messages given out since the start. */
  delivered = 0
  /** How many messages of its subscription had been given out when it got its last one. */
  servedAs = 0
  /** Whether it stands in the line of those that have credit. */
  isInLine = false
  readonly #serving: Serving
  #paused = false

  constructor(options: ConsumerOptions, serving: Serving) {
    this.options = options
    this.priority = options.priority ?? 0
    this.credits = options.credits ?? []
    this.#serving = serving
  }

  /** Whether it can take a message now. */
  get isOpen(): boolean {
    if (this.#paused) return false
    for (const credit of this.credits) if (!credit.isOpen) return false
    return true
  }

  /** Takes no messages until `resume`: its connection cannot send. */
  pause(): void {
    this.#paused = true
  }
  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#serving.wake(this)
  }
  /** One of its credits has room again. */
  wake(): void {
    this.#serving.wake(this)
  }
  /** Takes no more messages; what is not settled stays out until it is. Idempotent. */
  cancel(): void {
    this.#serving.cancel(this)
  }
}
