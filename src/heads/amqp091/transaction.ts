// A transaction of class tx: what is published and acknowledged on a channel counts from tx.commit on. Publishes are stored
// in one go, each queue's in one batch; as with RabbitMQ, several queues are not atomic together.

import type { Message } from './content.ts'
import type { Unacked } from './unacked.ts'

/** Deliveries that are settled at commit, and how. */
export interface Settlement {
  readonly entries: readonly Unacked[]
  readonly how: 'ack' | 'requeue' | 'reject'
}

export class Transaction {
  #published: Message[] = []
  #bytes = 0
  #settlements: Settlement[] = []

  /** Bytes of bodies that wait for the commit. */
  get bytes(): number {
    return this.#bytes
  }

  /** Keeps a message; its memory becomes the transaction's own. */
  publish(message: Message): void {
    const body = Buffer.from(message.body)
    this.#published.push({ ...message, body })
    this.#bytes += body.length
  }

  settle(settlement: Settlement): void {
    this.#settlements.push(settlement)
  }

  /** What is to be done now; the next transaction begins. */
  commit(): { readonly published: readonly Message[]; readonly settlements: readonly Settlement[] } {
    const work = { published: this.#published, settlements: this.#settlements }
    this.#begin()
    return work
  }

  /** Gives the deliveries whose settlement is forgotten: they wait again. */
  rollback(): Unacked[] {
    const entries = this.#settlements.flatMap(one => one.entries)
    this.#begin()
    return entries
  }

  #begin(): void {
    this.#published = []
    this.#bytes = 0
    this.#settlements = []
  }
}
