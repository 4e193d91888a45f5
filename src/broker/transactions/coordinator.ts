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
import type { Change } from '../journal.ts'
import type { Settings } from '../settings.ts'
import type { Topics } from '../topics/topics.ts'
import { Alarms } from './alarms.ts'
import { Holders } from './holders.ts'
import { Joins } from './joins.ts'
import type { Outcome, Place, Preparing, ProducerIdentity, Transaction, TransactionState } from './machine.ts'
import * as machine from './machine.ts'
import { writeMarkers } from './markers.ts'
import type { StagedOffsets } from './staged-offsets.ts'
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

/** Characters of a transactional id. */
export const TRANSACTIONAL_ID_LENGTH_MAX = 4_096

/** When an ending that the store refused is tried again. */
const RETRY_MS = 1_000
/** How often idle ids are looked for, at most. */
const SWEEP_MS = 60 * 60 * 1000
/** No transactional id is empty, so this name is free. */
const SWEEP = ''

export class Transactions {
  /** The section of the metadata log that this is kept in. */
  readonly holders = new Holders()
  readonly #parts: TransactionsParts
  readonly #turns = new Turns()
  readonly #joins: Joins
  readonly #alarms: Alarms

  constructor(parts: TransactionsParts) {
    this.#parts = parts
    this.#joins = new Joins({
      holders: this.holders,
      turns: this.#turns,
      add: (id, who, partitions) => this.#add(id, who, { partitions }),
    })
    this.#alarms = new Alarms(parts.world)
  }

  /** Finishes what was decided before the broker stopped and sets the timers. The topics must be open. */
  async open(): Promise<void> {
    await Promise.all([...this.holders.ids()].map(id => this.#resume(id)))
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
    await this.#turns.take(id, () =>
      this.#carryOut(machine.prepared(this.#require(id, who), who, outcome, this.#now())),
    )
  }

  /**
   * As `end`, for a producer that speaks the second version of transactions (KIP-890); gives the identity that it goes
   * on with. Errors: as `end`.
   */
  endAndRenew(id: string, who: ProducerIdentity, outcome: Outcome): Promise<ProducerIdentity> {
    return this.#turns.take(id, async () => {
      const current = this.#require(id, who)
      const freshId = machine.needsFreshId(current) ? await this.#parts.producerIds.next() : undefined
      await this.#carryOut(machine.renewed(current, who, outcome, freshId, this.#now()))
      return this.#require(id, who).producer
    })
  }

  /**
   * Begins a write to a partition, which is put into the transaction first when it is not in it yet (KIP-890). Writes of
   * one transactional id begin in the order of the calls. Errors: those of `addPartitions`, and of the write.
   */
  write<T>(id: string, who: ProducerIdentity, place: Place, begin: () => Promise<T>): Promise<T> {
    return this.#joins.write(id, who, place, begin)
  }

  /** A partition's TransactionCheck. Errors: PRODUCER_ID_MISMATCH, PRODUCER_FENCED, TRANSACTION_STATE_INVALID. */
  check(producerId: number, epoch: number, place: Pick<Place, 'topicId' | 'index'>): void {
    const who = { producerId, epoch }
    const isKnown = this.holders.checkProducer(producerId, one => machine.checkWrite(one, who, place))
    if (!isKnown)
      throw new BrokerError('PRODUCER_ID_MISMATCH', `producer ${producerId} has no transactional id`)
  }

  /** Whether the producer may stage offsets of the group. Errors: as `check`. */
  checkGroup(id: string, who: ProducerIdentity, group: string): void {
    this.#require(id, who)
    this.holders.check(id, one => machine.checkGroup(one, who, group))
  }

  list({ states, producerIds, longerThanMs = -1 }: TransactionFilter = {}): Transaction[] {
    const now = this.#now()
    return this.holders
      .list()
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
    const found = this.holders.get(id)
    if (found === undefined)
      throw new BrokerError('TRANSACTION_UNKNOWN', `there is no transactional id '${id.slice(0, 60)}'`)
    return found
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
    if (current === undefined) this.holders.checkRoom()
    const asked = { transactionalId, timeoutMs, expected, now: this.#now() }
    const next = machine.initialised(current, asked, freshId)
    await this.holders.write(next)
    return next.producer
  }

  async #add(id: string, who: ProducerIdentity, what: Parameters<typeof machine.added>[2]): Promise<void> {
    this.#require(id, who)
    const current = (await this.#settled(id)) ?? this.#require(id, who)
    const next = machine.added(current, who, what, this.#now())
    await this.holders.write(next)
    if (current.at !== 'ongoing') this.#watch(next)
  }

  /** The id's state with nothing half-done. Errors: TRANSACTION_BUSY. */
  async #settled(id: string): Promise<Exclude<Transaction, Preparing> | undefined> {
    const current = this.holders.get(id)
    if (current === undefined || !machine.isPreparing(current)) return current
    await this.#finish(current)
    const ended = this.holders.get(id)
    if (ended !== undefined && machine.isPreparing(ended)) throw machine.busy(ended)
    return ended
  }

  async #abort(ongoing: machine.Ongoing, heir: 'itself' | 'successor'): Promise<void> {
    await this.#carryOut(machine.fencedOff(ongoing, heir, this.#now()))
  }

  async #carryOut(decided: Transaction): Promise<void> {
    await this.holders.write(decided)
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
      await this.holders.write(machine.completed(transaction, this.#now()), this.#offsetsOf(transaction))
    } catch (error) {
      this.#later(id, RETRY_MS, () => this.#resume(id))
      throw new BrokerError('TRANSACTION_BUSY', `transaction '${id}' cannot be ended yet; try again`, error)
    }
  }

  #offsetsOf({ at, producer }: Preparing): readonly Change[] {
    const { offsets } = this.#parts
    return at === 'preparing-commit'
      ? offsets.commit(producer.producerId)
      : offsets.abort(producer.producerId)
  }

  /** Takes up a transaction as it was found. */
  async #resume(id: string): Promise<void> {
    const current = this.holders.get(id)
    if (current === undefined) return
    if (current.at === 'ongoing') this.#watch(current)
    else await this.#finish(current).catch(() => {}) // it is tried again
  }

  /** Aborts the transaction when its time is over. The wall clock counts it, for a restart must not prolong it. */
  #watch(transaction: Transaction): void {
    if (transaction.at !== 'ongoing') return
    const { transactionalId: id, startedAt, timeoutMs } = transaction
    this.#later(id, startedAt + timeoutMs - this.#now(), () => this.#expire(id, startedAt))
  }

  async #expire(id: string, startedAt: number): Promise<void> {
    const current = this.holders.get(id)
    if (current?.at !== 'ongoing' || current.startedAt !== startedAt) return
    try {
      await this.#abort(current, 'itself')
    } catch (error) {
      if (this.holders.get(id)?.at === 'ongoing') this.#later(id, RETRY_MS, () => this.#expire(id, startedAt))
      throw error
    }
  }

  /** Whatever fails then has set its own next try. */
  #later(id: string, ms: number, work: () => Promise<void>): void {
    this.#alarms.set(id, ms, () => void this.#turns.take(id, work).catch(() => {}))
  }

  #sweepLater(): void {
    const ms = Math.min(SWEEP_MS, this.#idleMs())
    this.#alarms.set(SWEEP, ms, () => {
      for (const id of this.holders.ids())
        if (this.#isIdle(id)) void this.#turns.take(id, () => this.#forget(id)).catch(() => {}) // next time, then
      this.#sweepLater()
    })
  }

  async #forget(id: string): Promise<void> {
    if (this.#isIdle(id)) await this.holders.forget(id)
  }

  #isIdle(id: string): boolean {
    const current = this.holders.get(id)
    if (current === undefined || current.at === 'ongoing' || machine.isPreparing(current)) return false
    return current.updatedAt + this.#idleMs() <= this.#now()
  }

  #idleMs(): number {
    return this.#parts.settings.number('transactional.id.expiration.ms')
  }

  /** Errors: PRODUCER_ID_MISMATCH, as Kafka answers for an id that nobody holds. */
  #require(id: string, who: ProducerIdentity): Transaction {
    checkId(id)
    const found = this.holders.get(id)
    if (found === undefined)
      throw new BrokerError(
        'PRODUCER_ID_MISMATCH',
        `producer ${who.producerId} does not hold transactional id '${id.slice(0, 60)}': nobody does`,
      )
    return found
  }

  #checkTimeout(timeoutMs: number): void {
    const max = this.#parts.settings.number('transaction.max.timeout.ms')
    if (!(timeoutMs > 0 && timeoutMs <= max))
      throw new BrokerError(
        'TRANSACTION_TIMEOUT_INVALID',
        `a transaction timeout of ${timeoutMs} ms is not within 1 and transaction.max.timeout.ms (${max})`,
      )
  }

  #now(): number {
    return this.#parts.world.now()
  }
}

function checkId(id: string): void {
  if (id === '' || id.length > TRANSACTIONAL_ID_LENGTH_MAX)
    throw new BrokerError(
      'REQUEST_INVALID',
      `a transactional id has 1 to ${TRANSACTIONAL_ID_LENGTH_MAX} characters, this one has ${id.length}`,
    )
}
