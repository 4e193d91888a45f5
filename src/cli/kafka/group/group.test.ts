import { describe, expect, it } from 'vitest'
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from './consumer-protocol.ts'
import { assignRange } from './range.ts'

describe('the consumer protocol', () => {
  it('writes a subscription as version 1', () => {
    expect(encodeSubscription(['ab']).toString('hex')).toBe(
      '0001000000010002' + '6162' + 'ffffffff' + '00000000',
    )
  })

  it.each([
    ['version 0, without owned partitions', '00000000000100026162ffffffff'],
    ['version 3, with more than is known', '00030000000100026162ffffffff00000000ffffffff0000'],
  ])('reads a subscription of %s', (_title, hex) => {
    expect(decodeSubscription(Buffer.from(hex, 'hex'))).toEqual(['ab'])
  })

  it('reads the assignment that it writes, and an empty one', () => {
    const assignment = new Map([
      ['a', [0, 2]],
      ['b', [1]],
    ])
    expect(decodeAssignment(encodeAssignment(assignment))).toEqual(assignment)
    expect(decodeAssignment(Buffer.alloc(0))).toEqual(new Map())
  })

  it('refuses a count that the bytes cannot hold', () => {
    expect(() => decodeSubscription(Buffer.from('00017fffffff', 'hex'))).toThrow(/elements are declared/)
  })
})

describe('the range assignor', () => {
  const given = (subscriptions: Record<string, string[]>, counts: Record<string, number>) =>
    Object.fromEntries(
      [...assignRange(new Map(Object.entries(subscriptions)), new Map(Object.entries(counts)))].map(
        ([member, assignment]) => [member, Object.fromEntries(assignment)],
      ),
    )

  it('gives runs of partitions, the first members one more', () => {
    expect(given({ m2: ['t'], m1: ['t'], m3: ['t'] }, { t: 7 })).toEqual({
      m1: { t: [0, 1, 2] },
      m2: { t: [3, 4] },
      m3: { t: [5, 6] },
    })
  })

  it('looks at each topic by itself, and at those only that a member wants', () => {
    expect(given({ a: ['t', 'u'], b: ['t'] }, { t: 3, u: 2 })).toEqual({
      a: { t: [0, 1], u: [0, 1] },
      b: { t: [2] },
    })
  })

  it('leaves members without partitions when there are too few, and knows nothing of missing topics', () => {
    expect(given({ a: ['t', 'x'], b: ['t'] }, { t: 1 })).toEqual({ a: { t: [0] }, b: {} })
  })
})
