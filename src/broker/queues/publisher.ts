// From exchanges to queues: finds who takes a message, holds it back when it is for later, and tells its publisher when
// all have it.

import type { World } from '../../world/index.ts'
import type { Exchanges } from '../routing/exchanges.ts'
import type { Publication, Receipt } from './message.ts'
import type { Routable, Routing, Target } from './routing.ts'
import type { Schedule } from './schedule.ts'

export interface PublisherParts {
  readonly world: World
  readonly exchanges: Exchanges<Target>
  readonly schedule: Schedule
}

export class Publisher implements Routing {
  readonly #parts: PublisherParts
  /** Used for one message after the other; a message that leads to another (dead letters) meanwhile gets its own. */
  #spare: Set<Target> | undefined

  constructor(parts: PublisherParts) {
    this.#parts = parts
  }

  publish(vhost: string, message: Routable, receipt?: Receipt): number {
    const { exchanges, schedule } = this.#parts
    const { publication, exchange } = message
    if (this.#isLater(publication) && exchanges.require(vhost, exchange).delayed) {
      const routingKeys = [message.routingKey, ...(message.routingKeys ?? [])]
      schedule.hold(
        publication.deliverAt ?? 0,
        { to: 'exchange', vhost, exchange, routingKeys },
        publication,
        receipt,
      )
      return 1
    }
    const targets = this.#spare ?? new Set()
    this.#spare = undefined
    try {
      exchanges.route(vhost, exchange, message, targets)
      if (message.except !== undefined)
        for (const one of targets) if (message.except(one)) targets.delete(one)
      return this.#giveToAll(targets, publication, receipt)
    } finally {
      targets.clear()
      this.#spare = targets
    }
  }

  /** Gives a message to one queue, or holds it until it is due. */
  send(target: Target, publication: Publication, receipt: Receipt | undefined): void {
    if (!this.#isLater(publication)) target.put(publication, receipt)
    else
      this.#parts.schedule.hold(
        publication.deliverAt ?? 0,
        { to: 'queue', vhost: target.vhost, queue: target.name },
        publication,
        receipt,
      )
  }

  #giveToAll(targets: ReadonlySet<Target>, publication: Publication, receipt: Receipt | undefined): number {
    const { size } = targets
    if (size === 0) receipt?.done()
    else if (size === 1 || receipt === undefined)
      for (const target of targets) this.send(target, publication, receipt)
    else {
      const tally = new Tally(size, receipt)
      for (const target of targets) this.send(target, publication, tally)
    }
    return size
  }

  #isLater({ deliverAt }: Publication): boolean {
    return deliverAt !== undefined && deliverAt > this.#parts.world.now()
  }
}

/** Waits for every queue of a message; the first error counts. */
class Tally implements Receipt {
  readonly #receipt: Receipt
  #left: number
  #error: unknown

  constructor(left: number, receipt: Receipt) {
    this.#left = left
    this.#receipt = receipt
  }

  done(error?: unknown): void {
    this.#error ??= error
    if (--this.#left === 0) this.#receipt.done(this.#error)
  }
}
