// Settlements as bytes: what was settled comes back, in whatever order it was settled.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { packSettlement, unpackSettlement } from './settlement-format.ts'

const offset = fc.oneof(fc.nat(60), fc.integer({ min: 0xffff_fff0, max: 0x1_0000_0010 }))
const range = fc
  .tuple(offset, fc.integer({ min: 1, max: 5 }))
  .map(([from, count]) => ({ from, to: from + count }))

const offsetsOf = (ranges: readonly { readonly from: number; readonly to: number }[]): number[] =>
  [...new Set(ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, n) => from + n)))].sort(
    (a, b) => a - b,
  )

it('keeps what was settled in any order, and twice, and how often what failed', () => {
  fc.assert(
    fc.property(
      fc.record({
        cursor: offset,
        acquiredUpTo: offset,
        settled: fc.array(range, { maxLength: 20 }),
        failures: fc.uniqueArray(fc.tuple(offset, fc.integer({ min: 1, max: 9 })), {
          selector: ([one]) => one,
        }),
      }),
      change => {
        const found = unpackSettlement(packSettlement(change))
        expect([found.cursor, found.acquiredUpTo]).toEqual([change.cursor, change.acquiredUpTo])
        expect(offsetsOf(found.settled)).toEqual(offsetsOf(change.settled))
        expect(new Map(found.failures)).toEqual(new Map(change.failures))
      },
    ),
  )
})
