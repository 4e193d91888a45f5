// One message out with one consumer. It does not hold the message: a thousand unsettled deliveries cost little, and
// what comes back is read again.

import type { Offset } from '../../log/index.ts'
import type { Consumer } from './consumer.ts'
import type { Lane } from './lane.ts'

/**
 * What becomes of a delivery: done with; back as if nothing had been; back, and counted as failed; not wanted (to the
 * dead letters, if the queue has a place for them).
 */
export type Outcome = 'accepted' | 'released' | 'failed' | 'rejected'

/** What a consumer has been given, and what it says of it. */
export interface Settleable {
  readonly offset: Offset
  /** Whether it may have been given out before. */
  readonly redelivered: boolean
  /** Deliveries of it that failed before this one. */
  readonly failures: number
  /** Ends it. Nothing happens when it has ended before, or its lock ran out. */
  settle(outcome: Outcome): void
}

/** Who settles. */
export interface Settler {
  settle(delivery: Delivery, outcome: Outcome): void
}

export class Delivery implements Settleable {
  readonly lane: Lane
  readonly offset: Offset
  /** Undefined for one that was fetched by hand. */
  readonly consumer: Consumer | undefined
  readonly redelivered: boolean
  readonly failures: number
  readonly bytes: number
  readonly groupId: string | undefined
  /** When it comes back by itself, ms of the world's clock; Infinity when it does not. */
  lockedUntil = Number.POSITIVE_INFINITY
  isSettled = false
  readonly #settler: Settler

  constructor(
    settler: Settler,
    parts: {
      readonly lane: Lane
      readonly offset: Offset
      readonly consumer: Consumer | undefined
      readonly redelivered: boolean
      readonly failures: number
      readonly bytes: number
      readonly groupId: string | undefined
    },
  ) {
    this.#settler = settler
    this.lane = parts.lane
    this.offset = parts.offset
    this.consumer = parts.consumer
    this.redelivered = parts.redelivered
    this.failures = parts.failures
    this.bytes = parts.bytes
    this.groupId = parts.groupId
  }

  settle(outcome: Outcome): void {
    if (!this.isSettled) this.#settler.settle(this, outcome)
  }
}
