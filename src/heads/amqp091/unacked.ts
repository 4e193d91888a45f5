// Deliveries of one channel that wait for their acknowledgement, by tag. Tags are numbers of the channel, from 1 on, and
// stay valid until they are settled.

import type { Outcome, Settleable } from '../../broker/queues/delivery.ts'
import { RisingMap } from '../../collections/index.ts'
import { AmqpError } from './errors.ts'

export interface Unacked {
  readonly tag: number
  readonly delivery: Settleable
  /** Whether failures of the queue's messages count towards a limit. */
  readonly counts: boolean
  /** Since when, on the world's monotonic clock. */
  readonly since: number
  /** How long its consumer may take, in ms. */
  readonly timeoutMs: number
}

export class UnackedDeliveries {
  /** In the order of their tags. */
  readonly #entries = new RisingMap<Unacked>()
  #lastTag = 0

  get size(): number {
    return this.#entries.size
  }
  /** The one that waits longest. */
  get oldest(): Unacked | undefined {
    return this.#entries.first
  }

  /** The tag of the next delivery. */
  nextTag(): number {
    return ++this.#lastTag
  }

  add(entry: Unacked): void {
    this.#entries.add(entry.tag, entry)
  }

  /**
   * Takes the delivery of `tag` away, or with `multiple` all up to it; tag 0 with `multiple` is all there are.
   * Errors: PRECONDITION_FAILED for a tag that waits for nothing.
   */
  take(tag: number, multiple: boolean): Unacked[] {
    if (!multiple) {
      const found = this.#entries.delete(tag)
      if (found === undefined) throw unknownTag(tag)
      return [found]
    }
    if (tag === 0) return this.takeAll()
    if (tag > this.#lastTag || (this.oldest?.tag ?? Number.POSITIVE_INFINITY) > tag) throw unknownTag(tag)
    const taken: Unacked[] = []
    for (const entry of this.#entries.values()) {
      if (entry.tag > tag) break
      taken.push(entry)
    }
    for (const entry of taken) this.#entries.delete(entry.tag)
    return taken
  }

  takeAll(): Unacked[] {
    const taken = [...this.#entries.values()]
    this.#entries.clear()
    return taken
  }

  /** Puts back what a transaction took and did not commit. */
  restore(entries: readonly Unacked[]): void {
    const all = [...entries, ...this.#entries.values()].sort((a, b) => a.tag - b.tag)
    this.#entries.clear()
    for (const entry of all) this.#entries.add(entry.tag, entry)
  }
}

/** What a refusal of a delivery means for its message: back to its queue, counted where that counts, or away. */
export function outcomeOf({ counts }: Unacked, requeue: boolean): Outcome {
  if (!requeue) return 'rejected'
  return counts ? 'failed' : 'released'
}

function unknownTag(tag: number): AmqpError {
  return new AmqpError('PRECONDITION_FAILED', `unknown delivery tag ${tag}`)
}
