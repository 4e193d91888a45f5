// What the writer does with lengths that are known only afterwards, with large buffers, and when it grows.

import { describe, expect, it } from 'vitest'
import { Writer } from './writer.ts'

describe('patchUint32', () => {
  it.each([
    ['in the chunk that is being written', 0],
    ['in a chunk that a linked buffer closed', 4000],
    ['in a chunk that was full', 200_000],
  ])('%s', (_title, behind) => {
    const to = new Writer(16)
    to.uint8(1)
    const at = to.bytes
    to.uint32(0)
    to.uint8(2)
    if (behind === 4000) to.raw(Buffer.alloc(behind, 3))
    else for (let n = 0; n < behind; n++) to.uint8(3)
    to.uint8(4)
    to.patchUint32(at, 0xdeadbeef)
    const written = Buffer.concat(to.finish())
    expect(written.subarray(0, 6).toString('hex')).toBe('01deadbeef02')
    expect(written.subarray(6)).toEqual(Buffer.concat([Buffer.alloc(behind, 3), Buffer.from([4])]))
  })

  it('finds its place again after several chunks', () => {
    const to = new Writer(16)
    const places: number[] = []
    for (let n = 0; n < 50; n++) {
      places.push(to.bytes)
      to.uint32(0)
      to.raw(Buffer.alloc(n % 2 === 0 ? 3000 : 10_000))
    }
    for (const [n, at] of places.entries()) to.patchUint32(at, n + 1)
    const written = Buffer.concat(to.finish())
    expect(places.map(at => written.readUInt32BE(at))).toEqual(places.map((_, n) => n + 1))
  })
})

describe('a writer that grows', () => {
  it('keeps what was written and says how much it is', () => {
    const to = new Writer(16)
    for (let n = 0; n < 100_000; n++) to.uint32(n)
    expect(to.bytes).toBe(400_000)
    const chunks = to.finish()
    expect(chunks.length).toBeLessThan(8)
    const written = Buffer.concat(chunks)
    expect(written.length).toBe(400_000)
    expect([0, 1, 77_777, 99_999].map(n => written.readUInt32BE(n * 4))).toEqual([0, 1, 77_777, 99_999])
  })
})

describe('truncate', () => {
  it.each([
    ['in the chunk that is being written', 4, 40],
    ['in a chunk that a linked buffer closed', 4, 5000],
    ['in chunks that were full', 70_000, 200_000],
  ])('%s', (_title, kept, behind) => {
    const to = new Writer(16)
    for (let n = 0; n < kept; n++) to.uint8(1)
    if (behind === 5000) to.raw(Buffer.alloc(behind, 3))
    for (let n = 0; n < behind; n++) to.uint8(3)
    to.truncate(kept)
    expect(to.bytes).toBe(kept)
    to.uint16(0x0204)
    expect(Buffer.concat(to.finish())).toEqual(Buffer.concat([Buffer.alloc(kept, 1), Buffer.from([2, 4])]))
  })

  it('leaves the values that were begun: as many can be nested as before', () => {
    const to = new Writer(16)
    for (let n = 0; n < 200; n++) to.enter()
    to.truncate(0)
    for (let n = 0; n < 200; n++) to.enter()
    expect(to.bytes).toBe(0)
  })
})
