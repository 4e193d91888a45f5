// The server-side assignors: what holds for every group, by generated cases, and a few told ones.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Assignment, countOf, NOTHING, partitionsOf } from '../assignment.ts'
import type { AssignmentProblem, Assignor, Subscriber } from './assignor.ts'
import { assignors } from './assignors.ts'
import { range } from './range.ts'
import { uniform } from './uniform.ts'

const topicNames = ['a', 'b', 'c', 'd']

const anyProblem = fc
  .record({
    partitions: fc.array(fc.nat({ max: 12 }), { minLength: 4, maxLength: 4 }),
    subscriptions: fc.array(fc.subarray(topicNames, { minLength: 1 }), { minLength: 1, maxLength: 8 }),
    statics: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
  })
  .map(({ partitions, subscriptions, statics }) =>
    problem(
      subscriptions.map((topics, at) => member(`m${at}`, topics, statics[at] ? `i${at}` : null)),
      Object.fromEntries(topicNames.map((name, at) => [name, partitions[at] ?? 0])),
    ),
  )

function member(
  memberId: string,
  topics: readonly string[],
  instanceId: string | null = null,
  target: Assignment = NOTHING,
): Subscriber {
  return { memberId, instanceId, topics, target }
}

function problem(subscribers: readonly Subscriber[], partitions: Record<string, number>): AssignmentProblem {
  const wanted = new Set(subscribers.flatMap(({ topics }) => topics))
  return { subscribers, topics: new Map(Object.entries(partitions).filter(([name]) => wanted.has(name))) }
}

/** The same members with what they were given, as the next round finds them. */
function nextRound(
  { subscribers, topics }: AssignmentProblem,
  given: Map<string, Assignment>,
): AssignmentProblem {
  return {
    topics,
    subscribers: subscribers.map(one => ({ ...one, target: given.get(one.memberId) ?? NOTHING })),
  }
}

function check({ subscribers, topics }: AssignmentProblem, given: Map<string, Assignment>): void {
  expect([...given.keys()].sort()).toEqual(subscribers.map(({ memberId }) => memberId).sort())
  const seats = [...given].flatMap(([memberId, assignment]) =>
    [...partitionsOf(assignment)].map(([topic, partition]) => {
      expect(subscribers.find(one => one.memberId === memberId)?.topics).toContain(topic)
      return `${topic}/${partition}`
    }),
  )
  const all = [...topics].flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, n) => `${topic}/${n}`),
  )
  expect(seats.sort()).toEqual(all.sort())
}

const counts = (given: Map<string, Assignment>) => [...given.values()].map(countOf)

describe.each([...assignors.values()])('$name', (assignor: Assignor) => {
  it('gives every partition to exactly one subscriber of its topic, and every member an entry', () => {
    fc.assert(fc.property(anyProblem, one => check(one, assignor.assign(one))))
  })

  it('gives the same again when nothing changed', () => {
    fc.assert(
      fc.property(anyProblem, one => {
        const given = assignor.assign(one)
        expect(assignor.assign(nextRound(one, given))).toEqual(given)
      }),
    )
  })
})

describe('uniform', () => {
  const alike = fc.record({
    members: fc.integer({ min: 1, max: 9 }),
    a: fc.nat({ max: 20 }),
    b: fc.nat({ max: 20 }),
  })
  const made = ({ members, a, b }: { members: number; a: number; b: number }) =>
    problem(
      Array.from({ length: members }, (_, n) => member(`m${n}`, ['a', 'b'])),
      { a, b },
    )

  it('with equal subscriptions differs by one at most', () => {
    fc.assert(
      fc.property(alike, sizes => {
        const all = counts(uniform.assign(made(sizes)))
        expect(Math.max(...all) - Math.min(...all)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('moves no more than the newcomer gets, or than the one who left had', () => {
    fc.assert(
      fc.property(alike, sizes => {
        const one = made(sizes)
        const given = uniform.assign(one)
        const more = nextRound(
          { ...one, subscribers: [...one.subscribers, member('new', ['a', 'b'])] },
          given,
        )
        const grown = uniform.assign(more)
        expect(moved(given, grown)).toBe(countOf(grown.get('new') ?? NOTHING))
        if (sizes.members === 1) return
        const fewer = nextRound({ ...one, subscribers: one.subscribers.slice(1) }, given)
        expect(moved(given, uniform.assign(fewer))).toBe(countOf(given.get('m0') ?? NOTHING))
      }),
    )
  })

  it('with different subscriptions leaves no move that would make it more equal', () => {
    fc.assert(
      fc.property(anyProblem, one => {
        const given = uniform.assign(one)
        for (const { memberId } of one.subscribers)
          for (const [topic] of partitionsOf(given.get(memberId) ?? NOTHING))
            for (const other of one.subscribers.filter(({ topics }) => topics.includes(topic)))
              expect(
                countOf(given.get(memberId) ?? NOTHING) - countOf(given.get(other.memberId) ?? NOTHING),
              ).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('range', () => {
  it('gives runs, the first members one more, topic by topic', () => {
    const one = problem([member('m2', ['a', 'b']), member('m1', ['a', 'b']), member('m9', ['b'], 'i0')], {
      a: 3,
      b: 3,
    })
    expect(Object.fromEntries(range.assign(one))).toEqual({
      m1: { a: [0, 1], b: [1] },
      m2: { a: [2], b: [2] },
      m9: { b: [0] },
    })
  })
})

/** Partitions that someone else has now. */
function moved(before: Map<string, Assignment>, now: Map<string, Assignment>): number {
  const owner = (given: Map<string, Assignment>) =>
    new Map(
      [...given].flatMap(([id, all]) => [...partitionsOf(all)].map(seat => [seat.join('/'), id] as const)),
    )
  const was = owner(before)
  return [...owner(now)].filter(([seat, id]) => was.get(seat) !== id).length
}
