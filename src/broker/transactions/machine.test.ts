// The states of a transactional id and what may follow (KIP-98, KIP-360, KIP-588): the table of retries first, then what
// an initialisation does to epochs and ids, then the limits.

import { describe, expect, it } from 'vitest'
import { BrokerError } from '../errors.ts'
import {
  added,
  asksAgain,
  checkGroup,
  checkWrite,
  completed,
  EPOCH_HANDED_MAX,
  fencedOff,
  GROUPS_PER_TRANSACTION_MAX,
  initialised,
  isPreparing,
  needsFreshId,
  PARTITIONS_PER_TRANSACTION_MAX,
  type ProducerIdentity,
  prepared,
  renewed,
  type Transaction,
  type TransactionState,
} from './machine.ts'
import { fromStored, toStored } from './stored.ts'

const who: ProducerIdentity = { producerId: 7, epoch: 3 }
const place = { topicId: 'id', topic: 'orders', index: 0 }

function inState(at: TransactionState, producer = who): Transaction {
  const holder = { transactionalId: 't', producer, previous: undefined, timeoutMs: 1000, updatedAt: 1 }
  if (at === 'empty') return { ...holder, at }
  if (at === 'complete-abort' || at === 'complete-commit') return { ...holder, at, startedAt: 1 }
  const touched = { partitions: new Map([['id/0', place]]), groups: new Set(['g']), startedAt: 1 }
  return at === 'ongoing'
    ? { ...holder, at, ...touched }
    : { ...holder, at, ...touched, nextProducerId: undefined }
}

function outcomeOf(work: () => Transaction): string {
  try {
    return work().at
  } catch (error) {
    return error instanceof BrokerError ? error.code : String(error)
  }
}

const invalid = 'TRANSACTION_STATE_INVALID'

describe('machine: what may follow', () => {
  it.each([
    ['empty', invalid, invalid, 'ongoing'],
    ['ongoing', 'preparing-commit', 'preparing-abort', 'ongoing'],
    ['preparing-commit', 'preparing-commit', invalid, 'TRANSACTION_BUSY'],
    ['preparing-abort', invalid, 'preparing-abort', 'TRANSACTION_BUSY'],
    ['complete-commit', 'complete-commit', invalid, 'ongoing'],
    ['complete-abort', invalid, 'complete-abort', 'ongoing'],
  ] as const)('%s: commit gives %s, abort gives %s, adding gives %s', (at, commit, abort, add) => {
    const current = inState(at)
    expect(outcomeOf(() => prepared(current, who, 'commit', 2))).toBe(commit)
    expect(outcomeOf(() => prepared(current, who, 'abort', 2))).toBe(abort)
    expect(outcomeOf(() => added(current, who, { partitions: [{ ...place, index: 1 }] }, 2))).toBe(add)
  })

  it.each([
    [{ producerId: 8, epoch: 3 }, 'PRODUCER_ID_MISMATCH'],
    [{ producerId: 7, epoch: 2 }, 'PRODUCER_FENCED'],
    [{ producerId: 7, epoch: 4 }, 'PRODUCER_FENCED'],
  ])('refuses producer %j with %s, whatever it asks', (other, code) => {
    const current = inState('ongoing')
    expect(outcomeOf(() => prepared(current, other, 'commit', 2))).toBe(code)
    expect(outcomeOf(() => added(current, other, {}, 2))).toBe(code)
    expect(() => checkWrite(current, other, place)).toThrow(expect.objectContaining({ code }))
    expect(() => checkGroup(current, other, 'g')).toThrow(expect.objectContaining({ code }))
  })

  it('lets a producer write where its ongoing transaction is, and nowhere else', () => {
    expect(() => checkWrite(inState('ongoing'), who, place)).not.toThrow()
    expect(() => checkWrite(inState('ongoing'), who, { ...place, index: 1 })).toThrow(
      /is not in the transaction/,
    )
    expect(() => checkWrite(inState('preparing-commit'), who, place)).toThrow(/is not in the transaction/)
    expect(() => checkGroup(inState('ongoing'), who, 'g')).not.toThrow()
    expect(() => checkGroup(inState('ongoing'), who, 'other')).toThrow(/is not in the transaction/)
  })

  it('keeps what it has when nothing new is added, and the start of the transaction when something is', () => {
    const current = inState('ongoing')
    expect(added(current, who, { partitions: [place], groups: ['g'] }, 9)).toBe(current)
    expect(added(current, who, { groups: ['h'] }, 9)).toMatchObject({ startedAt: 1, updatedAt: 9 })
  })

  it('bounds the partitions and groups of one transaction', () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => ({ ...place, index }))
    const names = (count: number) => Array.from({ length: count }, (_, n) => `g${n}`)
    const add = (what: Parameters<typeof added>[2]) => outcomeOf(() => added(inState('empty'), who, what, 2))
    expect(add({ partitions: many(PARTITIONS_PER_TRANSACTION_MAX) })).toBe('ongoing')
    expect(add({ partitions: many(PARTITIONS_PER_TRANSACTION_MAX + 1) })).toBe('LIMIT_EXCEEDED')
    expect(add({ groups: names(GROUPS_PER_TRANSACTION_MAX) })).toBe('ongoing')
    expect(add({ groups: names(GROUPS_PER_TRANSACTION_MAX + 1) })).toBe('LIMIT_EXCEEDED')
  })
})

describe('machine: identities', () => {
  const ask = (expected?: ProducerIdentity) => ({ transactionalId: 't', timeoutMs: 5, expected, now: 2 })
  const idle = (producer: ProducerIdentity) => {
    const transaction = inState('empty', producer)
    if (transaction.at === 'ongoing' || isPreparing(transaction)) throw new Error('not idle')
    return transaction
  }

  it('begins at epoch 0 and rises by one', () => {
    expect(needsFreshId(undefined)).toBe(true)
    expect(initialised(undefined, ask(), 40)).toMatchObject({ producer: { producerId: 40, epoch: 0 } })
    expect(initialised(idle(who), ask(), undefined)).toMatchObject({ producer: { producerId: 7, epoch: 4 } })
  })

  it('takes a fresh id once the last epoch was handed out, which leaves one epoch for fencing', () => {
    const last = { producerId: 7, epoch: EPOCH_HANDED_MAX }
    expect(needsFreshId(idle({ ...last, epoch: EPOCH_HANDED_MAX - 1 }))).toBe(false)
    expect(needsFreshId(idle(last))).toBe(true)
    const ongoing = inState('ongoing', last)
    expect(ongoing.at === 'ongoing' && fencedOff(ongoing, 'successor', 2).producer.epoch).toBe(0x7fff)
    const next = initialised(idle(last), ask(last), 41)
    expect(next).toMatchObject({ producer: { producerId: 41, epoch: 0 }, previous: last })
    expect(asksAgain(next, last)).toBe(true)
  })

  it('knows a producer that asks again from one that was fenced (KIP-360)', () => {
    const next = initialised(idle(who), ask(who), undefined)
    expect(asksAgain(next, who)).toBe(true)
    expect(asksAgain(next, next.producer)).toBe(false)
    expect(() => asksAgain(next, { producerId: 7, epoch: 1 })).toThrow(/is with producer 7 epoch 4/)
    const taken = initialised(idle(who), ask(), undefined)
    expect(() => asksAgain(taken, who)).toThrow(/is with producer/)
  })

  it('lets a producer that was too slow go on, but not one that has a successor (KIP-588)', () => {
    const ongoing = inState('ongoing')
    if (ongoing.at !== 'ongoing') throw new Error('not ongoing')
    const late = completed(fencedOff(ongoing, 'itself', 2), 3)
    expect(late).toMatchObject({ at: 'complete-abort', producer: { producerId: 7, epoch: 4 } })
    expect(asksAgain(late, who)).toBe(true)
    expect(() => asksAgain(completed(fencedOff(ongoing, 'successor', 2), 3), who)).toThrow(/is with producer/)
    const last = inState('ongoing', { producerId: 7, epoch: EPOCH_HANDED_MAX })
    if (last.at !== 'ongoing') throw new Error('not ongoing')
    expect(asksAgain(completed(fencedOff(last, 'itself', 2), 3), last.producer)).toBe(false) // it gets a fresh id
  })
})

describe('machine: the second version (KIP-890)', () => {
  const next = { producerId: 7, epoch: 4 }

  it.each([
    ['empty', invalid, 'preparing-abort'],
    ['ongoing', 'preparing-commit', 'preparing-abort'],
    ['preparing-commit', invalid, invalid],
    ['preparing-abort', invalid, invalid],
    ['complete-commit', invalid, 'preparing-abort'],
    ['complete-abort', invalid, 'preparing-abort'],
  ] as const)('%s: commit gives %s, abort gives %s', (at, commit, abort) => {
    const current = inState(at)
    expect(outcomeOf(() => renewed(current, who, 'commit', undefined, 2))).toBe(commit)
    expect(outcomeOf(() => renewed(current, who, 'abort', undefined, 2))).toBe(abort)
  })

  it.each(['commit', 'abort'] as const)(
    'a producer that did not hear of its epoch may %s again, and nothing else',
    outcome => {
      const other = outcome === 'commit' ? 'abort' : 'commit'
      const preparing = renewed(inState('ongoing'), who, outcome, undefined, 2)
      if (!isPreparing(preparing)) throw new Error('not preparing')
      expect(preparing).toMatchObject({ producer: next, previous: who })
      for (const current of [preparing, completed(preparing, 3)]) {
        expect(renewed(current, who, outcome, undefined, 4)).toBe(current)
        expect(outcomeOf(() => renewed(current, who, other, undefined, 4))).toBe(invalid)
        expect(outcomeOf(() => prepared(current, who, outcome, 4))).toBe('PRODUCER_FENCED')
      }
      const begun = added(completed(preparing, 3), next, { groups: ['g'] }, 4)
      expect(outcomeOf(() => renewed(begun, who, outcome, undefined, 5))).toBe('PRODUCER_FENCED')
    },
  )

  it('goes on with a fresh id when the epochs are used up; the markers have the one that is left', () => {
    const last = { producerId: 7, epoch: EPOCH_HANDED_MAX }
    const preparing = renewed(inState('ongoing', last), last, 'commit', 41, 2)
    if (!isPreparing(preparing)) throw new Error('not preparing')
    expect(preparing.producer).toEqual({ producerId: 7, epoch: 0x7fff })
    expect(fromStored('t', JSON.parse(JSON.stringify(toStored(preparing))))).toEqual(preparing)
    const complete = completed(preparing, 3)
    expect(complete).toMatchObject({ producer: { producerId: 41, epoch: 0 }, previous: last })
    expect(renewed(complete, last, 'commit', 42, 4)).toBe(complete)
  })

  it('an end that comes after the broker gave up waiting is told the outcome', () => {
    const ongoing = inState('ongoing')
    if (ongoing.at !== 'ongoing') throw new Error('not ongoing')
    const late = completed(fencedOff(ongoing, 'itself', 2), 3)
    expect(renewed(late, who, 'abort', undefined, 4)).toBe(late)
    expect(outcomeOf(() => renewed(late, who, 'commit', undefined, 4))).toBe(invalid)
    const last = inState('ongoing', { producerId: 7, epoch: EPOCH_HANDED_MAX })
    if (last.at !== 'ongoing') throw new Error('not ongoing')
    const fencedOffLast = fencedOff(last, 'itself', 2)
    const preparing = renewed(fencedOffLast, last.producer, 'abort', 41, 4)
    const fresh = { producer: { producerId: 41, epoch: 0 }, previous: last.producer }
    expect(isPreparing(preparing) && completed(preparing, 5)).toMatchObject(fresh)
    const complete = renewed(completed(fencedOffLast, 3), last.producer, 'abort', 41, 4)
    expect(complete).toMatchObject({ at: 'complete-abort', ...fresh })
    expect(renewed(complete, last.producer, 'abort', undefined, 5)).toBe(complete)
    const taken = completed(fencedOff(ongoing, 'successor', 2), 3)
    expect(outcomeOf(() => renewed(taken, who, 'abort', undefined, 4))).toBe('PRODUCER_FENCED')
  })
})

describe('stored', () => {
  it.each([
    'empty',
    'ongoing',
    'preparing-commit',
    'preparing-abort',
    'complete-commit',
    'complete-abort',
  ] as const)('gives back a transaction that is %s', at => {
    const transaction = { ...inState(at), previous: { producerId: 6, epoch: 32766 } }
    expect(fromStored('t', JSON.parse(JSON.stringify(toStored(transaction))))).toEqual(transaction)
    expect(fromStored('t', toStored(inState(at)))).toEqual(inState(at))
  })
})
