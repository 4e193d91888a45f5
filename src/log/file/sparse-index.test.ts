import { describe, expect, it } from 'vitest'
import { SparseIndex } from './sparse-index.ts'

const KIB = 1024

/** Batches of 32 KiB with ten records each; damage lies before those named. */
function indexOf(batches: number, damagedBefore: readonly number[] = []): SparseIndex {
  const index = new SparseIndex()
  for (let n = 0; n < batches; n++) index.add(n * 10, n * 32 * KIB, n, damagedBefore.includes(n))
  return index
}

describe('the index of a segment', () => {
  it('knows where a batch with an entry begins, and of no other offset', () => {
    const index = indexOf(10)
    expect([0, 30, 31, 90, 100, -1].map(offset => index.exactPositionOf(offset))).toEqual([
      0,
      96 * KIB,
      undefined,
      288 * KIB,
      undefined,
      undefined,
    ])
  })

  it.each([
    ['a position', 0, 100 * KIB, 1000, 3],
    ['an offset', 0, 1000 * KIB, 45, 4],
    ['an offset at which a batch begins', 0, 1000 * KIB, 40, 4],
    ['damage', 64 * KIB, 1000 * KIB, 1000, 6],
    ['more damage, from behind the first', 7 * 32 * KIB, 1000 * KIB, 1000, 8],
  ])('knows the last batch before %s', (_, from, to, limit, expected) => {
    const entry = indexOf(10, [7, 9]).lastEntry(from, to, limit)
    expect(entry).toEqual({ position: expected * 32 * KIB, base: expected * 10 })
  })

  it('forgets damage that is cut off', () => {
    const index = indexOf(10, [7])
    index.cut(7 * 32 * KIB)
    for (let n = 7; n < 12; n++) index.add(n * 10, n * 32 * KIB, n)
    expect(index.lastEntry(0, 1000 * KIB, 1000)?.base).toBe(110)
  })
})
