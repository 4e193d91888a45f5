// The transaction coordinator (KIP-98): who holds each transactional id, what its transaction has touched, and how it
// ends. machine.ts says what may follow what; here it is made durable and carried out.
//
//   end: decision -> metadata log -> markers in all partitions -> completion and offsets -> metadata log -> answer
//
// What fails before the decision is durable did not happen. What fails after it is tried again, by a timer, by the next
// request for the id, and at the latest when the broker opens. Nobody reads or writes on until it is through.

import type { World } from '../../world/index.ts'
import { BrokerError } from '../errors.ts'
import type { ProducerIds } from '../ids.ts'
import type { Change, Journal, Json, Section } from '../journal.ts'
import type { Settings } from '../settings.ts'
import type { Topics } from '../topics/topics.ts'
import { Alarms } from './alarms.ts'
import * as machine from './machine.ts'
import type { Outcome, Place, Preparing, ProducerIdentity, Transaction, TransactionState } from './machine.ts'
import { writeMarkers } from './markers.ts'
import type { StagedOffsets } from './staged-offsets.ts'
import { fromStored, toStored } from './stored.ts'
import { Turns } from './turns.ts'

export interface TransactionsParts {
  readonly world: World
  readonly settings: Settings
  readonly topics: Topics
  readonly producerIds: ProducerIds
  /** Stamped into markers: the epoch of the store. */
  readonly coordinatorEpoch: number
  readonly offsets: StagedOffsets
}

export interface NewProducer {
  /** Null for a producer that is only idempotent. */
  readonly transactionalId: string | null
  readonly timeoutMs: number
  /** What a producer that goes on after an error says it has (KIP-360). */
  readonly expected?: ProducerIdentity | undefined
}

export interface TransactionFilter {
  readonly states?: readonly TransactionState[]
  readonly producerIds?: readonly number[]
  /** Only those that began longer ago than this; those that never began count as very old, as in Kafka. */
  readonly longerThanMs?: number
}

/** Transactional ids that are remembered at a time. */
export const TRANSACTIONAL_IDS_MAX = 100_000
/** Characters of a transactional id. */
export const TRANSACTIONAL_ID_LENGTH_MAX = 4_096

const SECTION = 'transaction'
/** When an ending that the store refused is tried again. */
const RETRY_MS = 1_000
/** How often idle ids are looked for, at most. */
const SWEEP_MS = 60 * 60 * 1000
/** No transactional id is empty, so this name is free. */
const SWEEP = ''

interface Entry {
  now: Transaction
  /** What the metadata log holds for certain; undefined for an id that is being made. */
  durable: Transaction | undefined
}

export class Transactions implements Section {
  readonly name = SECTION
  readonly #parts: TransactionsParts
  readonly #entries = new Map<string, Entry>()
  readonly #byProducer = new Map<number, Entry>()
  readonly #turns = new Turns()
  readonly #alarms: Alarms
  #journal: Journal | undefined

  constructor(parts: TransactionsParts) {
    this.#parts = parts
    this.#alarms = new Alarms(parts.world)
  }

  attach(journal: Journal): void {
    this.#journal = journal
  }

  /** Finishes what was decided before the broker stopped and sets the timers. The topics must be open. */
  async open(): Promise<void> {
    for (const entry of this.#entries.values()) entry.durable = entry.now
    await Promise.all([...this.#entries.keys()].map(id => this.#resume(id)))
    this.#sweepLater()
  }

  /** Stops the timers and waits for what is under way. Idempotent. */
  async close(): Promise<void> {
    this.#alarms.stop()
    await this.#turns.idle()
  }

  /**
   * A producer's identity; whoever had the transactional id is fenced and its open transaction aborted.
   * Errors: REQUEST_INVALID, TRANSACTION_TIMEOUT_INVALID, PRODUCER_FENCED, TRANSACTION_BUSY, LIMIT_EXCEEDED, storage.
   */
  async initProducer({ transactionalId, timeoutMs, expected }: NewProducer): Promise<ProducerIdentity> {
    if (transactionalId === null) return { producerId: await this.#parts.producerIds.next(), epoch: 0 }
    checkId(transactionalId)
    this.#checkTimeout(timeoutMs)
    return this.#turns.take(transactionalId, () => this.#initialise(transactionalId, timeoutMs, expected))
  }

  /** Errors: PRODUCER_ID_MISMATCH, PRODUCER_FENCED, TRANSACTION_BUSY, LIMIT_EXCEEDED, storage. */
  async addPartitions(id: string, who: ProducerIdentity, partitions: readonly Place[]): Promise<void> {
    await this.#turns.take(id, () => this.#add(id, who, { partitions }))
  }

  /** Errors: as `addPartitions`. */
  async addOffsets(id: string, who: ProducerIdentity, group: string): Promise<void> {
    await this.#turns.take(id, () => this.#add(id, who, { groups: [group] }))
  }

  /**
   * Resolves when every partition and group knows the outcome. Asking again for the same outcome is no error.
   * Errors: PRODUCER_ID_MISMATCH, PRODUCER_FENCED, TRANSACTION_STATE_INVALID; TRANSACTION_BUSY when the outcome is
   * decided but could not be written everywhere yet; storage, when nothing was decided.
   */
  async end(id: string, who: ProducerIdentity, outcome: Outcome): Promise<void> {
    await this.#turns.take(id, async () => {
      const decided = machine.prepared(this.#require(id, who).now, who, outcome, this.#now())
      await this.#write(decided)
      await this.#finish(decided)
    })
  }

  /** A partition's TransactionCheck. Errors: PRODUCER_ID_MISMATCH, PRODUCER_FENCED, TRANSACTION_STATE_INVALID. */
  check(producerId: number, epoch: number, place: Pick<Place, 'topicId' | 'index'>): void {
    const entry = this.#byProducer.get(producerId)
    if (entry === undefined)
      throw new BrokerError('PRODUCER_ID_MISMATCH', `producer ${producerId} has no transactional id`)
    for (const transaction of views(entry)) machine.checkWrite(transaction, { producerId, epoch }, place)
  }

  /** Whether the producer may stage offsets of the group. Errors: as `check`. */
  checkGroup(id: string, who: ProducerIdentity, group: string): void {
    for (const transaction of views(this.#require(id, who))) machine.checkGroup(transaction, who, group)
  }

  list({ states, producerIds, longerThanMs = -1 }: TransactionFilter = {}): Transaction[] {
    const now = this.#now()
    return [...this.#entries.values()]
      .map(entry => entry.now)
      .filter(
        one =>
          (states === undefined || states.includes(one.at)) &&
          (producerIds === undefined || producerIds.includes(one.producer.producerId)) &&
          (longerThanMs < 0 || now - ('startedAt' in one ? one.startedAt : -1) > longerThanMs),
      )
  }

  /** Errors: REQUEST_INVALID, TRANSACTION_UNKNOWN. */
  describe(id: string): Transaction {
    checkId(id)
    const entry = this.#entries.get(id)
    if (entry === undefined)
      throw new BrokerError('TRANSACTION_UNKNOWN', `there is no transactional id '${id.slice(0, 60)}'`)
    return entry.now
  }

  apply(id: string, value: Json): void {
    const entry = this.#entries.get(id)
    if (entry !== undefined) this.#byProducer.delete(entry.now.producer.producerId)
    if (value === null) {
      this.#entries.delete(id)
      return
    }
    const now = fromStored(id, value)
    const next = entry ?? { now, durable: undefined }
    next.now = now
    this.#entries.set(id, next)
    this.#byProducer.set(now.producer.producerId, next)
  }
  entries(): Iterable<readonly [string, Json]> {
    return [...this.#entries].map(([id, entry]) => [id, toStored(entry.now)] as const)
  }
  valueOf(id: string): Json | undefined {
    const entry = this.#entries.get(id)
    return entry === undefined ? undefined : toStored(entry.now)
  }

  async #initialise(
    transactionalId: string,
    timeoutMs: number,
    expected: ProducerIdentity | undefined,
  ): Promise<ProducerIdentity> {
    let current = await this.#settled(transactionalId)
    if (current !== undefined && machine.asksAgain(current, expected)) return current.producer
    if (current?.at === 'ongoing') {
      await this.#abort(current, expected === undefined ? 'successor' : 'itself')
      current = await this.#settled(transactionalId)
    }
    if (current?.at === 'ongoing') throw machine.busy(current) // not while it is our turn
    const freshId = machine.needsFreshId(current) ? await this.#parts.producerIds.next() : undefined
    if (current === undefined) this.#checkRoom()
    const asked = { transactionalId, timeoutMs, expected, now: this.#now() }
    const next = machine.initialised(current, asked, freshId)
    await this.#write(next)
    return next.producer
  }

  async #add(id: string, who: ProducerIdentity, what: Parameters<typeof machine.added>[2]): Promise<void> {
    this.#require(id, who)
    const current = (await this.#settled(id)) ?? this.#require(id, who).now
    const next = machine.added(current, who, what, this.#now())
    await this.#write(next)
    if (current.at !== 'ongoing') this.#watch(next)
  }

  /** The id's state with nothing half-done. Errors: TRANSACTION_BUSY. */
  async #settled(id: string): Promise<Exclude<Transaction, Preparing> | undefined> {
    const current = this.#entries.get(id)?.now
    if (current === undefined || !machine.isPreparing(current)) return current
    await this.#finish(current)
    const ended = this.#entries.get(id)?.now
    if (ended !== undefined && machine.isPreparing(ended)) throw machine.busy(ended)
    return ended
  }

  async #abort(ongoing: machine.Ongoing, heir: 'itself' | 'successor'): Promise<void> {
    const decided = machine.fencedOff(ongoing, heir, this.#now())
    await this.#write(decided)
    await this.#finish(decided)
  }

  /** Carries out what is decided; nothing when there is nothing. Errors: TRANSACTION_BUSY, and tries again later. */
  async #finish(transaction: Transaction): Promise<void> {
    if (!machine.isPreparing(transaction)) return
    const id = transaction.transactionalId
    this.#alarms.cancel(id)
    const { topics, coordinatorEpoch } = this.#parts
    try {
      await writeMarkers(topics, transaction, { coordinatorEpoch, now: this.#now() })
      await this.#write(machine.completed(transaction, this.#now()), this.#offsetsOf(transaction))
    } catch (error) {
      this.#alarms.set(id, RETRY_MS, () => void this.#turns.take(id, () => this.#resume(id)).catch(() => {}))
      throw new BrokerError('TRANSACTION_BUSY', `transaction '${id}' cannot be ended yet; try again`, error)
    }
  }

  #offsetsOf({ at, producer }: Preparing): readonly Change[] {
    const { offsets } = this.#parts
    return at === 'preparing-commit' ? offsets.commit(producer.producerId) : offsets.abort(producer.producerId)
  }

  /** Takes up a transaction as it was found. */
  async #resume(id: string): Promise<void> {
    const current = this.#entries.get(id)?.now
    if (current === undefined) return
    if (current.at === 'ongoing') this.#watch(current)
    else await this.#finish(current).catch(() => {}) // it is tried again
  }

  /** Aborts the transaction when its time is over. The wall clock counts it, for a restart must not prolong it. */
  #watch(transaction: Transaction): void {
    if (transaction.at !== 'ongoing') return
    const { transactionalId: id, startedAt, timeoutMs } = transaction
    const leftMs = startedAt + timeoutMs - this.#now()
    this.#alarms.set(id, leftMs, () => void this.#turns.take(id, () => this.#expire(id, startedAt)).catch(() => {}))
  }

  async #expire(id: string, startedAt: number): Promise<void> {
    const current = this.#entries.get(id)?.now
    if (current?.at !== 'ongoing' || current.startedAt !== startedAt) return
    try {
      await this.#abort(current, 'itself')
    } catch (error) {
      const retry = () => void this.#turns.take(id, () => this.#expire(id, startedAt)).catch(() => {})
      if (this.#entries.get(id)?.now.at === 'ongoing') this.#alarms.set(id, RETRY_MS, retry)
      throw error
    }
  }

  #sweepLater(): void {
    const ms = Math.min(SWEEP_MS, this.#idleMs())
    this.#alarms.set(SWEEP, ms, () => {
      for (const id of this.#entries.keys())
        if (this.#isIdle(id)) void this.#turns.take(id, () => this.#forget(id)).catch(() => {}) // next time, then
      this.#sweepLater()
    })
  }

  async #forget(id: string): Promise<void> {
    if (!this.#isIdle(id)) return
    try {
      await this.#journal?.write([{ section: SECTION, key: id, value: null }])
    } finally {
      const kept = this.#entries.get(id) // refused: it is what it was
      if (kept !== undefined) kept.durable = kept.now
    }
  }

  #isIdle(id: string): boolean {
    const current = this.#entries.get(id)?.now
    if (current === undefined || current.at === 'ongoing' || machine.isPreparing(current)) return false
    return current.updatedAt + this.#idleMs() <= this.#now()
  }

  #idleMs(): number {
    return this.#parts.settings.number('transactional.id.expiration.ms')
  }

  /** Nothing when the state is what it was. Errors: STORAGE_FULL, STORAGE_FAILED; then nothing has changed. */
  async #write(next: Transaction, alongside: readonly Change[] = []): Promise<void> {
    const id = next.transactionalId
    const before = this.#entries.get(id)
    if (before?.now === next) return
    await this.#journal?.write([{ section: SECTION, key: id, value: toStored(next) }, ...alongside])
    const entry = this.#entries.get(id)
    if (entry !== undefined) entry.durable = entry.now
  }

  /** Errors: PRODUCER_ID_MISMATCH, as Kafka answers for an id that nobody holds. */
  #require(id: string, who: ProducerIdentity): Entry {
    checkId(id)
    const entry = this.#entries.get(id)
    if (entry === undefined)
      throw new BrokerError(
        'PRODUCER_ID_MISMATCH',
        `producer ${who.producerId} does not hold transactional id '${id.slice(0, 60)}': nobody does`,
      )
    return entry
  }

  #checkTimeout(timeoutMs: number): void {
    const max = this.#parts.settings.number('transaction.max.timeout.ms')
    if (!(timeoutMs > 0 && timeoutMs <= max))
      throw new BrokerError(
        'TRANSACTION_TIMEOUT_INVALID',
        `a transaction timeout of ${timeoutMs} ms is not within 1 and transaction.max.timeout.ms (${max})`,
      )
  }

  #checkRoom(): void {
    if (this.#entries.size >= TRANSACTIONAL_IDS_MAX)
      throw new BrokerError(
        'LIMIT_EXCEEDED',
        `${this.#entries.size} transactional ids are in use, the limit is ${TRANSACTIONAL_IDS_MAX}; reuse one`,
      )
  }

  #now(): number {
    return this.#parts.world.now()
  }
}

/** What was asked for and what is durable: a write is allowed when both allow it, or it might outlive its permission. */
function views({ now, durable }: Entry): Transaction[] {
  return durable === undefined || durable === now ? [now] : [now, durable]
}

function checkId(id: string): void {
  if (id === '' || id.length > TRANSACTIONAL_ID_LENGTH_MAX)
    throw new BrokerError(
      'REQUEST_INVALID',
      `a transactional id has 1 to ${TRANSACTIONAL_ID_LENGTH_MAX} characters, this one has ${id.length}`,
    )
}
