// Who holds each transactional id, and what is under way: section `transaction` of the metadata log, keyed by the id.
// Kept beside each state is the one that is durable for certain, because changes show in memory before they are.

import { BrokerError } from '../errors.ts'
import type { Change, Journal, Json, Section } from '../journal.ts'
import type { Transaction } from './machine.ts'
import { fromStored, toStored } from './stored.ts'

/** Transactional ids that are remembered at a time. */
export const TRANSACTIONAL_IDS_MAX = 100_000

const SECTION = 'transaction'

interface Entry {
  now: Transaction
  /** Undefined for an id that is being made. */
  durable: Transaction | undefined
}

export class Holders implements Section {
  readonly name = SECTION
  readonly #entries = new Map<string, Entry>()
  readonly #byProducer = new Map<number, Entry>()
  #journal: Journal | undefined

  /** The journal exists only after its sections: it is handed in once it is open. */
  attach(journal: Journal): void {
    this.#journal = journal
    for (const entry of this.#entries.values()) entry.durable = entry.now
  }

  get(id: string): Transaction | undefined {
    return this.#entries.get(id)?.now
  }
  ids(): Iterable<string> {
    return this.#entries.keys()
  }
  list(): Transaction[] {
    return [...this.#entries.values()].map(entry => entry.now)
  }

  /** Has the id's state checked, and the durable one: a permission must not be used before it is there to stay. */
  check(id: string, check: (transaction: Transaction) => void): void {
    checkEntry(this.#entries.get(id), check)
  }
  /** Whether it is so of the id's state, and of the durable one. */
  is(id: string, test: (transaction: Transaction) => boolean): boolean {
    const entry = this.#entries.get(id)
    return (
      entry?.durable !== undefined && test(entry.now) && (entry.durable === entry.now || test(entry.durable))
    )
  }
  /** False when no transactional id has this producer id. */
  checkProducer(producerId: number, check: (transaction: Transaction) => void): boolean {
    const entry = this.#byProducer.get(producerId)
    checkEntry(entry, check)
    return entry !== undefined
  }

  /** Errors: LIMIT_EXCEEDED. */
  checkRoom(): void {
    if (this.#entries.size >= TRANSACTIONAL_IDS_MAX)
      throw new BrokerError(
        'LIMIT_EXCEEDED',
        `${this.#entries.size} transactional ids are in use, the limit is ${TRANSACTIONAL_IDS_MAX}; reuse one`,
      )
  }

  /** Nothing when the state is what it was. Errors: STORAGE_FULL, STORAGE_FAILED; then nothing has changed. */
  async write(next: Transaction, alongside: readonly Change[] = []): Promise<void> {
    const id = next.transactionalId
    if (this.get(id) !== next) await this.#put(id, toStored(next), alongside)
  }

  /** Errors: STORAGE_FULL, STORAGE_FAILED; then it is what it was. */
  async forget(id: string): Promise<void> {
    await this.#put(id, null)
  }

  apply(id: string, value: Json): void {
    const known = this.#entries.get(id)
    if (known !== undefined) this.#byProducer.delete(known.now.producer.producerId)
    if (value === null) {
      this.#entries.delete(id)
      return
    }
    const now = fromStored(id, value)
    const entry = known ?? { now, durable: undefined }
    entry.now = now
    this.#entries.set(id, entry)
    this.#byProducer.set(now.producer.producerId, entry)
  }
  entries(): Iterable<readonly [string, Json]> {
    return [...this.#entries].map(([id, { now }]) => [id, toStored(now)] as const)
  }
  valueOf(id: string): Json | undefined {
    const now = this.get(id)
    return now && toStored(now)
  }

  /** Whether the store takes it or refuses it: afterwards memory says what is durable. One at a time for each id. */
  async #put(id: string, value: Json, alongside: readonly Change[] = []): Promise<void> {
    try {
      await this.#journal?.write([{ section: SECTION, key: id, value }, ...alongside])
    } finally {
      const entry = this.#entries.get(id)
      if (entry !== undefined) entry.durable = entry.now
    }
  }
}

function checkEntry(entry: Entry | undefined, check: (transaction: Transaction) => void): void {
  if (entry === undefined) return
  check(entry.now)
  if (entry.durable !== undefined && entry.durable !== entry.now) check(entry.durable)
}
