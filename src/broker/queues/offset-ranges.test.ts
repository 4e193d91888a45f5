// Ranges of offsets, against a plain set.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OffsetRanges } from './offset-ranges.ts'

const small = fc.tuple(fc.nat(40), fc.nat(8)).map(([from, length]) => [from, from + length] as const)

describe('OffsetRanges', () => {
  it('holds what a set of the same offsets holds, in ranges that ascend and do not touch', () => {
    fc.assert(
      fc.property(fc.array(small, { maxLength: 20 }), added => {
        const ranges = new OffsetRanges()
        const set = new Set<number>()
        for (const [from, to] of added) {
          const before = set.size
          for (let at = from; at < to; at++) set.add(at)
          expect(ranges.add(from, to)).toBe(set.size - before)
        }
        for (let at = 0; at < 50; at++) {
          expect(ranges.has(at)).toBe(set.has(at))
          expect(ranges.countFrom(at)).toBe([...set].filter(one => one >= at).length)
          let end = at
          while (set.has(end)) end++
          expect(ranges.endOf(at)).toBe(end)
        }
        const list = [...ranges]
        for (let n = 1; n < list.length; n++) expect(list[n]?.from).toBeGreaterThan(list[n - 1]?.to ?? 0)
      }),
    )
  })

  it('absorb gives where a cursor moves to, and takes what lies below away', () => {
    fc.assert(
      fc.property(fc.array(small, { maxLength: 20 }), fc.nat(40), (added, cursor) => {
        const ranges = new OffsetRanges()
        const set = new Set<number>()
        for (const [from, to] of added) {
          ranges.add(from, to)
          for (let at = from; at < to; at++) set.add(at)
        }
        let expected = cursor
        for (const { from, to } of ranges) if (from <= expected) expected = Math.max(expected, to)
        expect(ranges.absorb(cursor)).toBe(expected)
        expect(ranges.first ?? Number.POSITIVE_INFINITY).toBeGreaterThan(expected)
        expect(ranges.countFrom(0)).toBe([...set].filter(one => one >= expected).length)
      }),
    )
  })
})
