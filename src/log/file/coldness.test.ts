import { describe, expect, it } from 'vitest'
import { Coldness } from './coldness.ts'

/** Reads of so many ms until the segment is taken for warm. */
function readsUntilWarm(coldness: Coldness, ms = 1): number {
  let reads = 0
  for (; coldness.isCold; reads++) coldness.waited(ms)
  return reads
}

describe('whether a segment is in the page cache', () => {
  it('is believed until a read took long', () => {
    const coldness = new Coldness()
    coldness.heldUp(2)
    expect(coldness.isCold).toBe(false)
    coldness.heldUp(2.1)
    expect(coldness.isCold).toBe(true)
  })

  it('is believed again after some quick reads, or many slow ones', () => {
    const coldness = new Coldness()
    coldness.heldUp(20)
    expect(readsUntilWarm(coldness)).toBe(4)
    coldness.heldUp(20)
    expect(readsUntilWarm(coldness, 20)).toBe(64)
  })

  it('is believed later with every mistake, up to a bound, and sooner after reads that were quick', () => {
    const coldness = new Coldness()
    const asked = [1, 2, 3, 4, 5, 6].map(() => {
      coldness.heldUp(20)
      return readsUntilWarm(coldness)
    })
    expect(asked).toEqual([4, 8, 16, 32, 64, 64])
    for (let n = 0; n < 60; n++) coldness.heldUp(0.1)
    coldness.heldUp(20)
    expect(readsUntilWarm(coldness)).toBe(4)
  })
})
