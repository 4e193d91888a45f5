// A consumer that holds a message for too long loses its channel, as RabbitMQ's do.

import type { Timer, World } from '../../world/index.ts'
import type { Channel } from './channel.ts'
import { AmqpError } from './errors.ts'

/** How often unacknowledged deliveries are looked at, in ms: consumer timeouts are long. */
const CHECK_MS = 10_000

export class ConsumerTimeouts {
  readonly #world: World
  readonly #channels: () => Iterable<Channel>
  readonly #fail: (channel: number, error: AmqpError) => void
  #timer: Timer | undefined

  constructor(
    world: World,
    channels: () => Iterable<Channel>,
    fail: (channel: number, error: AmqpError) => void,
  ) {
    this.#world = world
    this.#channels = channels
    this.#fail = fail
  }

  /** Until it is closed. */
  watch(): void {
    this.#timer = this.#world.after(CHECK_MS, () => {
      this.#check(this.#world.monotonic())
      this.watch()
    })
  }

  close(): void {
    this.#timer?.cancel()
  }

  #check(now: number): void {
    for (const { number, unacked } of this.#channels()) {
      const { oldest } = unacked
      if (oldest === undefined || now - oldest.since < oldest.timeoutMs) continue
      const text = `delivery acknowledgement on channel ${number} timed out. Timeout value used: ${oldest.timeoutMs} ms. This timeout value can be configured, see consumers doc guide to learn more`
      this.#fail(number, new AmqpError('PRECONDITION_FAILED', text))
    }
  }
}
