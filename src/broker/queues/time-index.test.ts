// The index of times against a plain list, with a log to read again: whatever the capacity, everything comes out when
// it is due and nothing earlier.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OffsetHeap } from './offset-heap.ts'
import { TimeIndex } from './time-index.ts'

/** Takes what is due until nothing is, reading the log again where the index asks for it. */
function due(index: TimeIndex, log: Map<number, number>, now: number): { taken: number[]; read: number } {
  const taken: number[] = []
  let read = 0
  for (;;) {
    for (let offset = index.takeDue(now); offset !== undefined; offset = index.takeDue(now)) {
      taken.push(offset)
      log.delete(offset)
    }
    if (!index.needsScan(now)) return { taken, read }
    index.beginScan()
    for (const [offset, time] of log) {
      index.add(offset, time)
      read++
      if (index.isScanned) break
    }
  }
}

describe('TimeIndex', () => {
  it('gives everything when it is due, at any capacity', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(20), { maxLength: 60 }),
        fc.integer({ min: 2, max: 8 }),
        (times, capacity) => {
          const index = new TimeIndex(capacity)
          const log = new Map(times.entries())
          for (const [offset, time] of log) index.add(offset, time)
          for (let now = 0; now <= 20; now++) {
            const expected = times.flatMap((time, offset) => (time === now ? [offset] : []))
            expect(due(index, log, now).taken.sort((a, b) => a - b)).toEqual(expected)
            expect(index.size).toBeLessThanOrEqual(capacity)
            expect(index.next).toBeGreaterThan(now)
          }
          expect(index.next).toBe(Number.POSITIVE_INFINITY)
        },
      ),
    )
  })

  it('reads each message a few times only where times ascend with the offsets', () => {
    const count = 10_000
    const index = new TimeIndex(100)
    const log = new Map(Array.from({ length: count }, (_, n) => [n, n] as const))
    for (const [offset, time] of log) index.add(offset, time)
    let read = 0
    for (let now = 0; now < count; now += 7) read += due(index, log, now).read
    expect(log.size).toBeLessThan(7)
    expect(read).toBeLessThan(4 * count)
  })

  it('knows that a log was never read', () => {
    const index = new TimeIndex()
    index.incomplete()
    expect(due(index, new Map([[3, 5]]), 4).taken).toEqual([])
    expect(index.next).toBe(5)
  })
})

describe('OffsetHeap', () => {
  it('gives the lowest first', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat()), offsets => {
        const heap = new OffsetHeap()
        for (const one of offsets) heap.push(one)
        const out = offsets.map(() => heap.pop())
        expect(out).toEqual([...offsets].sort((a, b) => a - b))
        expect(heap.pop()).toBeUndefined()
      }),
    )
  })
})
