import { describe, expect, it } from 'vitest'
import { type Placed, Section } from './section.ts'

const KIB = 1024

/** Batches of 32 KiB with ten records each; some bytes are damaged before those named. */
function sectionOf(batches: number, damagedBefore: readonly number[] = []): Section {
  const section = new Section({ base: 0, position: 0, timeBefore: -1 })
  for (let n = 0; n < batches; n++) section.add(batchAt(n, damagedBefore.includes(n + 1)))
  return section
}

function batchAt(n: number, damagedAfter = false): Placed {
  const bytes = damagedAfter ? 20 * KIB : 32 * KIB
  return { base: n * 10, position: n * 32 * KIB, bytes, maxTimestamp: n }
}

describe('a section of the index', () => {
  it('knows where a batch with an entry begins, and of no other offset', () => {
    const section = sectionOf(10)
    expect([0, 30, 31, 90, 100, -1].map(offset => section.exactPositionOf(offset))).toEqual([
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
    const entry = sectionOf(10, [7, 9]).lastEntry(from, to, limit)
    expect(entry).toEqual({ position: expected * 32 * KIB, base: expected * 10 })
  })

  it('forgets damage that is cut off', () => {
    const section = sectionOf(10, [7])
    section.cut(7 * 32 * KIB - 12 * KIB)
    for (let n = 7; n < 12; n++) section.add({ ...batchAt(n), position: n * 32 * KIB - 12 * KIB })
    expect(section.lastEntry(0, 1000 * KIB, 1000)?.base).toBe(110)
  })
})
