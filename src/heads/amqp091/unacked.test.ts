// Deliveries that wait for their acknowledgement, by tag.

import { beforeEach, describe, expect, it } from 'vitest'
import { outcomeOf, type Unacked, UnackedDeliveries } from './unacked.ts'

const entry = (tag: number, counts = false): Unacked => ({
  ...{ tag, counts, since: 0, timeoutMs: Number.POSITIVE_INFINITY },
  delivery: { offset: tag, redelivered: false, failures: 0, settle() {} },
})
const tagsOf = (entries: readonly Unacked[]): number[] => entries.map(({ tag }) => tag)

let unacked: UnackedDeliveries

beforeEach(() => {
  unacked = new UnackedDeliveries()
  for (let n = 0; n < 4; n++) unacked.add(entry(unacked.nextTag()))
})

describe('deliveries that wait', () => {
  it.each([
    ['one', 2, false, [2], 3],
    ['all up to one', 3, true, [1, 2, 3], 1],
    ['all there are, by tag 0 with multiple', 0, true, [1, 2, 3, 4], 0],
  ] as const)('are taken: %s', (_, tag, multiple, taken, left) => {
    expect(tagsOf(unacked.take(tag, multiple))).toEqual(taken)
    expect(unacked.size).toBe(left)
  })

  it.each([
    ['a tag that was never given', 5, false],
    ['tag 0 alone', 0, false],
    ['multiple beyond the last', 9, true],
  ] as const)('are refused by PRECONDITION_FAILED: %s', (_, tag, multiple) => {
    expect(() => unacked.take(tag, multiple)).toThrow(`unknown delivery tag ${tag}`)
    expect(unacked.size).toBe(4)
  })

  it('are refused when they were taken before', () => {
    unacked.take(2, false)
    expect(() => unacked.take(2, false)).toThrow('unknown delivery tag 2')
    expect(unacked.take(0, true)).toHaveLength(3)
    expect(unacked.take(0, true)).toEqual([])
  })

  it('come back in the order of their tags after a rollback', () => {
    const taken = unacked.take(2, true)
    unacked.restore(taken)
    expect(unacked.oldest?.tag).toBe(1)
    expect(tagsOf(unacked.takeAll())).toEqual([1, 2, 3, 4])
  })
})

it.each([
  [true, true, 'failed'],
  [true, false, 'released'],
  [false, true, 'rejected'],
  [false, false, 'rejected'],
] as const)('requeue %s of a queue that counts failures %s is %s', (requeue, counts, outcome) => {
  expect(outcomeOf(entry(1, counts), requeue)).toBe(outcome)
})
