// Deliveries that come back by themselves: the earliest first, over one timer.

import type { World } from '../../world/index.ts'
import { Alarm } from './alarm.ts'
import type { Delivery } from './delivery.ts'
import { TimedHeap } from './timed-heap.ts'

export class Locks {
  readonly #world: World
  readonly #expired: (delivery: Delivery) => void
  readonly #heap = new TimedHeap<Delivery>()
  readonly #alarm: Alarm

  constructor(world: World, expired: (delivery: Delivery) => void) {
    this.#world = world
    this.#expired = expired
    this.#alarm = new Alarm(world, () => this.#sweep())
  }

  /** The delivery comes back `ms` from now, whatever was said of it before; Infinity takes the lock's end away. */
  set(delivery: Delivery, ms: number): void {
    delivery.lockedUntil = this.#world.now() + ms
    if (ms === Number.POSITIVE_INFINITY) return
    this.#heap.push(delivery.lockedUntil, delivery)
    this.#alarm.atMost(this.#heap.next)
  }

  close(): void {
    this.#alarm.clear()
  }

  #sweep(): void {
    const now = this.#world.now()
    for (let one = this.#heap.takeDue(now); one !== undefined; one = this.#heap.takeDue(now)) {
      // Settled ones and those whose lock was renewed stay in the heap until their old time comes.
      if (!one.isSettled && one.lockedUntil <= now) this.#expired(one)
    }
    this.#alarm.atMost(this.#heap.next)
  }
}
