import { describe, expect, it } from 'vitest'
import type { MarkRow, Placed } from './section.ts'
import { SegmentIndex } from './segment-index.ts'

const MIB = 1024 * 1024
const LAST = 99
const SECTION_BYTES = 16 * MIB
const FILLED = 100 * MIB

/** A segment of a hundred batches of 1 MiB, ten records each; batch n has the time n. What is damaged cannot be walked. */
class Batches {
  readonly base = 0
  readonly damaged: readonly number[]
  readonly walked: (readonly [from: number, to: number])[] = []

  constructor(damaged: readonly number[] = []) {
    this.damaged = damaged
  }

  *placedIn(from: number, to: number): Generator<Placed> {
    this.walked.push([from / MIB, to / MIB])
    for (let n = from / MIB; n < to / MIB; n++) if (!this.damaged.includes(n)) yield batch(n)
  }
}

function batch(n: number): Placed {
  return { base: n * 10, position: n * MIB, bytes: MIB, maxTimestamp: n }
}

/** As the last process left them: sections of 16 batches. */
const marks = [16, 32, 48, 64, 80, 96].map((n): MarkRow => [n * 10, n * MIB, n - 1])

const everywhere = { to: FILLED, limit: 1000 }

describe('the index of a segment', () => {
  it('walks the section that is looked into, once, and no other', () => {
    const batches = new Batches()
    const index = new SegmentIndex(batches, marks, SECTION_BYTES)
    expect(index.positionOf(405, FILLED)).toBe(40 * MIB)
    expect(index.exactPositionOf(400, FILLED)).toBe(40 * MIB)
    expect(index.positionOf(479, FILLED)).toBe(47 * MIB)
    expect(batches.walked).toEqual([[32, 48]])
    expect(index.positionOf(10 * LAST, FILLED)).toBe(LAST * MIB)
    expect(batches.walked).toEqual([
      [32, 48],
      [96, 100],
    ])
  })

  it('finds a time in the section before which it did not come yet', () => {
    const batches = new Batches()
    const index = new SegmentIndex(batches, marks, SECTION_BYTES)
    expect([0, 15, 16, 47, 48, 99].map(time => index.positionOfTime(time, FILLED) / MIB)).toEqual([
      0, 15, 16, 47, 48, 99,
    ])
    expect(batches.walked).not.toContainEqual([64, 80])
  })

  it('walks all of a segment of which it knows nothing, and then has sections', () => {
    const batches = new Batches()
    const index = new SegmentIndex(batches, [], SECTION_BYTES)
    expect(index.positionOf(405, FILLED)).toBe(40 * MIB)
    expect(index.positionOf(885, FILLED)).toBe(88 * MIB)
    expect(batches.walked).toEqual([[0, 100]])
    expect(index.marks(FILLED)).toEqual(marks)
  })

  it('has a section for every 16 MiB that are placed, and says where they begin as far as the segment goes', () => {
    const index = new SegmentIndex(new Batches(), [], SECTION_BYTES)
    for (let n = 0; n <= LAST; n++) index.place(batch(n), n - 1)
    expect(index.marks(FILLED)).toEqual(marks)
    expect(index.marks(48 * MIB)).toEqual(marks.slice(0, 2))
    expect(index.marks(48 * MIB + 1)).toEqual(marks.slice(0, 3))
  })

  it('knows what is placed after a restart without walking what was there', () => {
    const batches = new Batches()
    const index = new SegmentIndex(batches, marks.slice(0, 2), SECTION_BYTES)
    for (let n = 40; n <= LAST; n++) index.place(batch(n), n - 1)
    expect(index.positionOf(405, FILLED)).toBe(40 * MIB)
    expect(index.positionOf(10 * LAST, FILLED)).toBe(LAST * MIB)
    expect(batches.walked).toEqual([])
    expect(index.positionOf(395, FILLED)).toBe(39 * MIB)
    expect(batches.walked).toEqual([[32, 40]])
  })

  it('leaves out marks that would make sections small: there is one more with every restart', () => {
    let rows: readonly MarkRow[] = []
    for (let n = 0; n <= LAST; n++) {
      const index = new SegmentIndex(new Batches(), rows, SECTION_BYTES)
      index.place(batch(n), n - 1)
      rows = index.marks(FILLED)
    }
    expect(rows).toEqual(marks)
  })

  it('forgets what was refused, with the sections that began in it', () => {
    const batches = new Batches()
    const index = new SegmentIndex(batches, [], SECTION_BYTES)
    for (let n = 0; n <= 50; n++) index.place(batch(n), n - 1)
    index.cut(20 * MIB)
    for (let n = 20; n <= 25; n++) index.place({ ...batch(n), base: n * 10 + 5 }, n - 1)
    expect(index.marks(FILLED)).toEqual(marks.slice(0, 1))
    expect(index.exactPositionOf(255, 26 * MIB)).toBe(25 * MIB)
    expect(batches.walked).toEqual([])
  })

  it('goes on from where the file held batches at the last look-up', () => {
    const batches = new Batches()
    const index = new SegmentIndex(batches, [], SECTION_BYTES)
    expect(index.positionOf(1000, 5 * MIB)).toBe(4 * MIB)
    expect(index.positionOf(1000, 9 * MIB)).toBe(8 * MIB)
    expect(batches.walked).toEqual([
      [0, 5],
      [5, 9],
    ])
  })

  describe('the last batch to which batches lead', () => {
    it('may be in a later section', () => {
      const index = new SegmentIndex(new Batches(), marks, SECTION_BYTES)
      const bounds = { from: 20 * MIB, to: 60 * MIB + 1, limit: 1000 }
      expect(index.lastEntry(bounds, FILLED)).toEqual({ position: 60 * MIB, base: 600 })
      expect(index.lastEntry({ ...bounds, limit: 475 }, FILLED)).toEqual({ position: 47 * MIB, base: 470 })
      expect(index.lastEntry(bounds, 33 * MIB)).toEqual({ position: 33 * MIB, base: 330 })
    })

    it.each([
      ['within a section', 40, 39],
      ['at the end of a section', 47, 46],
      ['at the beginning of a section', 48, 47],
      ['behind the section in which it begins', 70, 69],
    ])('lies before damage %s', (_, damaged, last) => {
      const bounds = { from: 33 * MIB, ...everywhere }
      for (const known of [marks, []]) {
        const index = new SegmentIndex(new Batches([damaged]), known, SECTION_BYTES)
        expect(index.lastEntry(bounds, FILLED)?.position).toBe(last * MIB)
        expect(index.lastEntry({ ...bounds, from: (damaged + 1) * MIB }, FILLED)?.position).toBe(LAST * MIB)
      }
    })
  })
})
