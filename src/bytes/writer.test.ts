// What the writer does with lengths that are known only afterwards, with large buffers, and when it grows.

import { describe, expect, it } from 'vitest'
import { isSource } from './byte-source.ts'
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

describe('pieces', () => {
  const source = (bytes: number) => ({ bytes, read: () => 0 })

  it('are the chunks and the sources in their order, and their bytes are counted', () => {
    const to = new Writer(16)
    const [first, second] = [source(1000), source(5)]
    to.uint8(1)
    to.source(first)
    to.source(second)
    to.uint8(2)
    to.raw(Buffer.alloc(5000, 3))
    to.uint8(4)
    expect(to.bytes).toBe(1 + 1000 + 5 + 1 + 5000 + 1)
    const pieces = to.pieces()
    expect(pieces.slice(1, 3)).toEqual([first, second])
    const chunks = pieces.filter((one): one is Buffer => !isSource(one))
    expect(chunks.map(one => [one.length, one[0]])).toEqual([
      [1, 1],
      [1, 2],
      [5000, 3],
      [1, 4],
    ])
  })

  it('are the chunks when there is no source', () => {
    const to = new Writer(16)
    to.uint8(1)
    expect(to.pieces()).toEqual([Buffer.from([1])])
  })
})
