// Whose turn it is: among the consumers of the highest priority that have credit, the one that was served longest ago. So
// those that share a credit take turns, too: whoever gives it back is not the one who gets it. Those without credit are not
// looked at until they wake, so that a thousand busy ones cost nothing.

import { BrokerError } from '../errors.ts'
import type { Consumer } from './consumer.ts'

/** Consumers of one priority. */
interface Rank {
  readonly priority: number
  /** Those that had credit when they were last looked at, the one that was served longest ago first. */
  open: Consumer[]
}

const none: readonly never[] = []

export class Consumers implements Iterable<Consumer> {
  /** In the order of arrival. */
  #all: Set<Consumer> | undefined
  /** Highest priority first. */
  #ranks: readonly Rank[] = none
  #exclusive: Consumer | undefined
  /** Messages given out. */
  #servings = 0

  get size(): number {
    return this.#all?.size ?? 0
  }
  [Symbol.iterator](): Iterator<Consumer> {
    return (this.#all ?? none).values()
  }
  has(consumer: Consumer): boolean {
    return this.#all?.has(consumer) === true
  }
  get exclusive(): Consumer | undefined {
    return this.#exclusive
  }

  /** Errors: CONSUMER_EXCLUDED when one of them wants to be alone. */
  add(consumer: Consumer, queue: string): void {
    const wantsAll = consumer.options.exclusive === true
    if (this.#exclusive !== undefined || (wantsAll && this.size > 0))
      throw new BrokerError(
        'CONSUMER_EXCLUDED',
        this.#exclusive !== undefined
          ? `${queue} in exclusive use`
          : `${queue} has ${this.size} consumers, exclusive use is not possible`,
      )
    if (wantsAll) this.#exclusive = consumer
    this.#all ??= new Set()
    this.#all.add(consumer)
    this.wake(consumer)
  }

  /** False when it was not there. */
  remove(consumer: Consumer): boolean {
    if (!this.#all?.delete(consumer)) return false
    if (this.#exclusive === consumer) this.#exclusive = undefined
    const rank = this.#ranks.find(one => one.priority === consumer.priority)
    if (rank !== undefined) rank.open = rank.open.filter(one => one !== consumer)
    consumer.isInLine = false
    return true
  }

  /** It may have credit again. */
  wake(consumer: Consumer): void {
    if (consumer.isInLine || !this.has(consumer) || !consumer.isOpen) return
    consumer.isInLine = true
    const { open } = this.#rank(consumer.priority)
    // Mostly it was the last one to be served, and its place is the end.
    const before = open.findLastIndex(one => one.servedAs <= consumer.servedAs)
    open.splice(before + 1, 0, consumer)
  }

  /** Whose turn it is; undefined when nobody has credit. */
  next(): Consumer | undefined {
    for (const rank of this.#ranks) {
      for (let first = rank.open[0]; first !== undefined; first = rank.open[0]) {
        if (first.isOpen) return first
        first.isInLine = false
        rank.open.shift()
      }
    }
    return undefined
  }

  /** It got a message: the others of its rank come first. */
  served(consumer: Consumer): void {
    consumer.servedAs = ++this.#servings
    const rank = this.#ranks.find(one => one.priority === consumer.priority)
    if (rank === undefined || rank.open.length < 2 || rank.open[0] !== consumer) return
    rank.open.shift()
    rank.open.push(consumer)
  }

  /** The one to be the single active consumer: the longest there of the highest priority. */
  get foremost(): Consumer | undefined {
    let best: Consumer | undefined
    for (const one of this) if (best === undefined || one.priority > best.priority) best = one
    return best
  }

  #rank(priority: number): Rank {
    let rank = this.#ranks.find(one => one.priority === priority)
    if (rank === undefined) {
      rank = { priority, open: [] }
      this.#ranks = [...this.#ranks, rank].sort((a, b) => b.priority - a.priority)
    }
    return rank
  }
}
