// The life of a transactional id as a pure machine (KIP-98; KIP-360 for producers that go on after an error; KIP-588 for
// those that were too slow). It takes the state and gives the next one, or refuses; it neither waits nor writes.
//
//            initialised            added                 prepared(commit)                    completed
//   (none) ─────────────▶ empty ─────────▶ ongoing ─────────────────────▶ preparing-commit ───────────▶ complete-commit
//                           ▲                │  ▲                                                            │
//                           │                │  └──── added ◀───────────────────────────────────────────────┤
//                           │                └─────────────────────────▶ preparing-abort ────────────▶ complete-abort
//                           │                  prepared(abort), fenced                                       │
//                           └──────────────────────────── initialised ◀──────────────────────────────────────┘
//
// An idle id is forgotten from empty and complete-*. The decision is what preparing-* says: from there on nothing but
// completing is possible, and repeating it is harmless. There is no dead state: a forgotten id is none.
//
// Producers speak one of two versions of transactions. In the first they add each partition before they write there, and
// keep their epoch. In the second (KIP-890) a write adds its partition, and each end gives the producer its next epoch.

import { BrokerError } from '../errors.ts'

/** Who writes: fenced off by another epoch of the same id. */
export interface ProducerIdentity {
  readonly producerId: number
  readonly epoch: number
}

export type Outcome = 'commit' | 'abort'

/** A partition as a transaction keeps it. A Partition of the broker is one. */
export interface Place {
  readonly topicId: string
  readonly topic: string
  readonly index: number
}

/** What a transaction has touched. */
export interface Touched {
  /** By `placeKey`. */
  readonly partitions: ReadonlyMap<string, Place>
  readonly groups: ReadonlySet<string>
  /** Ms since 1970. */
  readonly startedAt: number
}

/** What a transactional id is in, whatever its state. */
export interface Holder {
  readonly transactionalId: string
  readonly producer: ProducerIdentity
  /** The identity before, when its owner is the one that was given the present one: it may ask again (KIP-360). */
  readonly previous: ProducerIdentity | undefined
  readonly timeoutMs: number
  /** Ms since 1970. */
  readonly updatedAt: number
}

export type Transaction = Holder &
  (
    | { readonly at: 'empty' }
    | ({ readonly at: 'ongoing' } & Touched)
    | ({
        readonly at: 'preparing-commit' | 'preparing-abort'
        /** What its producer goes on with when the epochs of the present id are used up. */
        readonly nextProducerId: number | undefined
      } & Touched)
    | { readonly at: 'complete-commit' | 'complete-abort'; readonly startedAt: number }
  )
export type TransactionState = Transaction['at']
export type Ongoing = Extract<Transaction, { at: 'ongoing' }>
export type Preparing = Extract<Transaction, { at: 'preparing-commit' | 'preparing-abort' }>

/** Partitions that one transaction may touch. */
export const PARTITIONS_PER_TRANSACTION_MAX = 10_000
/** Groups whose offsets one transaction may carry. */
export const GROUPS_PER_TRANSACTION_MAX = 1_000
/** The largest epoch that is handed to a producer; the one above is left for fencing it. */
export const EPOCH_HANDED_MAX = 0x7fff - 1

export interface Initialisation {
  readonly transactionalId: string
  readonly timeoutMs: number
  /** What the producer says it has: it goes on after an error. Undefined for one that starts. */
  readonly expected: ProducerIdentity | undefined
  readonly now: number
}

const untouched = { partitions: new Map<string, Place>(), groups: new Set<string>() } as const

export function placeKey({ topicId, index }: Pick<Place, 'topicId' | 'index'>): string {
  return `${topicId}/${index}`
}

/** Whether the producer asks again for an identity that is its own but that it never heard of. Errors: PRODUCER_FENCED. */
export function asksAgain(current: Transaction, expected: ProducerIdentity | undefined): boolean {
  if (expected === undefined || same(expected, current.producer)) return false
  if (current.previous !== undefined && same(expected, current.previous))
    return current.producer.epoch <= EPOCH_HANDED_MAX
  throw fenced(current, expected)
}

/** Whether the next initialisation needs a producer id that was never used. */
export function needsFreshId(current: Transaction | undefined): boolean {
  return current === undefined || current.producer.epoch >= EPOCH_HANDED_MAX
}

/** A new identity for the id's producer, which fences the one before. `freshId` when `needsFreshId`. */
export function initialised(
  current: Exclude<Transaction, { at: 'ongoing' } | Preparing> | undefined,
  { transactionalId, timeoutMs, expected, now }: Initialisation,
  freshId: number | undefined,
): Transaction {
  const producer =
    freshId !== undefined || current === undefined
      ? { producerId: freshId ?? -1, epoch: 0 }
      : { producerId: current.producer.producerId, epoch: current.producer.epoch + 1 }
  const previous = current === undefined ? undefined : expected
  return { at: 'empty', transactionalId, producer, previous, timeoutMs, updatedAt: now }
}

/**
 * With these partitions and groups in the transaction, which begins when none is under way; the same object when it has
 * them all. Errors: PRODUCER_ID_MISMATCH, PRODUCER_FENCED, TRANSACTION_BUSY, LIMIT_EXCEEDED.
 */
export function added(
  current: Transaction,
  who: ProducerIdentity,
  what: { readonly partitions?: readonly Place[]; readonly groups?: readonly string[] },
  now: number,
): Transaction {
  checkProducer(current, who)
  if (isPreparing(current)) throw busy(current)
  const { partitions = [], groups = [] } = what
  const had = current.at === 'ongoing' ? current : undefined
  if (
    had &&
    partitions.every(one => had.partitions.has(placeKey(one))) &&
    groups.every(one => had.groups.has(one))
  )
    return current
  const touched: Touched = {
    partitions: new Map([
      ...(had?.partitions ?? []),
      ...partitions.map(one => [placeKey(one), placeOf(one)] as const),
    ]),
    groups: new Set([...(had?.groups ?? []), ...groups]),
    startedAt: had?.startedAt ?? now,
  }
  checkLimits(current.transactionalId, touched)
  return { ...holderOf(current), ...touched, at: 'ongoing', updatedAt: now }
}

/**
 * The decision, as the producer asks for it; the state as it is when the outcome is decided already and the same.
 * Errors: PRODUCER_ID_MISMATCH, PRODUCER_FENCED, TRANSACTION_STATE_INVALID.
 */
export function prepared(
  current: Transaction,
  who: ProducerIdentity,
  outcome: Outcome,
  now: number,
): Transaction {
  checkProducer(current, who)
  switch (current.at) {
    case 'ongoing':
      return decided(current, current.producer, outcome, now)
    case `preparing-${outcome}`:
    case `complete-${outcome}`:
      return current
    default:
      throw cannot(outcome, current)
  }
}

/**
 * The decision in the second version of transactions: its producer goes on with the next epoch, or with `freshId` when
 * `needsFreshId`, so that nothing that it sent before gets into its next transaction. A producer that did not hear of
 * that asks again as who it was, and finds the state as it is. It may abort what never began: a write that was to begin
 * it was refused. Errors: as `prepared`.
 */
export function renewed(
  current: Transaction,
  who: ProducerIdentity,
  outcome: Outcome,
  freshId: number | undefined,
  now: number,
): Transaction {
  if (current.previous !== undefined && same(who, current.previous)) {
    if (current.at === `preparing-${outcome}` || current.at === `complete-${outcome}`)
      return handedOn(current, freshId)
    if (isPreparing(current) || isComplete(current)) throw cannot(outcome, current)
  }
  checkProducer(current, who)
  const mayEnd = current.at === 'ongoing' || (outcome === 'abort' && !isPreparing(current))
  if (!mayEnd) throw cannot(outcome, current)
  const touched = current.at === 'ongoing' ? current : { ...untouched, startedAt: now }
  const ongoing: Ongoing = { ...holderOf(current), ...touched, at: 'ongoing', previous: who }
  return decided(ongoing, { ...who, epoch: who.epoch + 1 }, outcome, now, freshId)
}

/**
 * The transaction is to be aborted over its producer's head, who is fenced by the next epoch. That one is handed to
 * nobody, unless the producer itself is the heir: one that was only slow may go on with it (KIP-588).
 */
export function fencedOff(current: Ongoing, heir: 'itself' | 'successor', now: number): Preparing {
  const { producerId, epoch } = current.producer
  const fence = { ...current, previous: heir === 'itself' ? current.producer : undefined }
  return decided(fence, { producerId, epoch: epoch + 1 }, 'abort', now)
}

/** With an identity that its producer may have: the epoch that is left for fencing is handed to nobody. */
function handedOn(current: Transaction, freshId: number | undefined): Transaction {
  if (freshId === undefined || current.producer.epoch <= EPOCH_HANDED_MAX) return current
  if (!isPreparing(current)) return { ...current, producer: { producerId: freshId, epoch: 0 } }
  return current.nextProducerId === undefined ? { ...current, nextProducerId: freshId } : current
}

/** All markers are written. */
export function completed(current: Preparing, now: number): Transaction {
  const at = current.at === 'preparing-commit' ? 'complete-commit' : 'complete-abort'
  const { nextProducerId, startedAt } = current
  const producer = nextProducerId === undefined ? current.producer : { producerId: nextProducerId, epoch: 0 }
  return { ...holderOf(current), producer, at, startedAt, updatedAt: now }
}

/** Whether the producer's transaction has the partition. */
export function holds(
  current: Transaction,
  who: ProducerIdentity,
  place: Pick<Place, 'topicId' | 'index'>,
): boolean {
  return current.at === 'ongoing' && same(current.producer, who) && current.partitions.has(placeKey(place))
}

/** Errors: PRODUCER_ID_MISMATCH, PRODUCER_FENCED, TRANSACTION_STATE_INVALID (not ongoing, or without the partition). */
export function checkWrite(
  current: Transaction,
  who: ProducerIdentity,
  place: Pick<Place, 'topicId' | 'index'>,
): void {
  checkProducer(current, who)
  if (current.at !== 'ongoing' || !current.partitions.has(placeKey(place)))
    throw new BrokerError(
      'TRANSACTION_STATE_INVALID',
      `partition ${placeKey(place)} is not in the transaction '${current.transactionalId}' (${current.at}); add it first`,
    )
}

/** Errors: PRODUCER_ID_MISMATCH, PRODUCER_FENCED, TRANSACTION_STATE_INVALID (not ongoing, or without the group). */
export function checkGroup(current: Transaction, who: ProducerIdentity, group: string): void {
  checkProducer(current, who)
  if (current.at !== 'ongoing' || !current.groups.has(group))
    throw new BrokerError(
      'TRANSACTION_STATE_INVALID',
      `group '${group}' is not in the transaction '${current.transactionalId}' (${current.at}); add it first`,
    )
}

export function isPreparing(transaction: Transaction): transaction is Preparing {
  return transaction.at === 'preparing-commit' || transaction.at === 'preparing-abort'
}

function isComplete({ at }: Transaction): boolean {
  return at === 'complete-commit' || at === 'complete-abort'
}

export function busy({ transactionalId, at }: Transaction): BrokerError {
  return new BrokerError('TRANSACTION_BUSY', `transaction '${transactionalId}' is ${at}; try again`)
}

/** Errors: PRODUCER_ID_MISMATCH, PRODUCER_FENCED. */
function checkProducer(current: Transaction, who: ProducerIdentity): void {
  const { transactionalId, producer } = current
  if (who.producerId !== producer.producerId)
    throw new BrokerError(
      'PRODUCER_ID_MISMATCH',
      `transactional id '${transactionalId}' has producer id ${producer.producerId}, not ${who.producerId}`,
    )
  if (who.epoch !== producer.epoch) throw fenced(current, who)
}

function fenced({ transactionalId, producer }: Transaction, who: ProducerIdentity): BrokerError {
  return new BrokerError(
    'PRODUCER_FENCED',
    `transactional id '${transactionalId}' is with producer ${producer.producerId} epoch ${producer.epoch}, ` +
      `not with ${who.producerId} epoch ${who.epoch}`,
  )
}

function cannot(outcome: Outcome, { transactionalId, at }: Transaction): BrokerError {
  return new BrokerError(
    'TRANSACTION_STATE_INVALID',
    `transaction '${transactionalId}' is ${at} and cannot ${outcome}`,
  )
}

function checkLimits(transactionalId: string, { partitions, groups }: Touched): void {
  if (partitions.size > PARTITIONS_PER_TRANSACTION_MAX)
    throw new BrokerError(
      'LIMIT_EXCEEDED',
      `transaction '${transactionalId}' would have ${partitions.size} partitions, more than ${PARTITIONS_PER_TRANSACTION_MAX}`,
    )
  if (groups.size > GROUPS_PER_TRANSACTION_MAX)
    throw new BrokerError(
      'LIMIT_EXCEEDED',
      `transaction '${transactionalId}' would have ${groups.size} groups, more than ${GROUPS_PER_TRANSACTION_MAX}`,
    )
}

function decided(
  current: Ongoing,
  producer: ProducerIdentity,
  outcome: Outcome,
  now: number,
  nextProducerId?: number,
): Preparing {
  return { ...current, at: `preparing-${outcome}`, producer, nextProducerId, updatedAt: now }
}

function holderOf({ transactionalId, producer, previous, timeoutMs, updatedAt }: Holder): Holder {
  return { transactionalId, producer, previous, timeoutMs, updatedAt }
}

/** Without whatever else the object has: a partition of the broker holds a log. */
function placeOf({ topicId, topic, index }: Place): Place {
  return { topicId, topic, index }
}

export function same(a: ProducerIdentity, b: ProducerIdentity): boolean {
  return a.producerId === b.producerId && a.epoch === b.epoch
}
