// How much of a segment is read for what is given out.

import { describe, expect, it } from 'vitest'
import { SimDisk } from '../../sim/disk/index.ts'
import { buildBatch } from '../record/builder.ts'
import { readSegment } from './reading.ts'
import { Segment } from './segment.ts'

const KIB = 1024

class CountingSegment extends Segment {
  bytesRead = 0
  /** Reads that nobody was held up for. */
  later = 0

  override read(into: Buffer, position: number): number {
    const got = super.read(into, position)
    this.bytesRead += got
    return got
  }

  override readLater(into: Buffer, position: number): Promise<number> {
    this.later++
    return super.readLater(into, position)
  }
}

/** A segment that holds a batch of one record with each of these lengths. */
function segmentOf(valueBytes: readonly number[]): CountingSegment {
  const disk = new SimDisk()
  disk.makeFolder('one')
  const segment = new CountingSegment({ disk }, 'one', { base: 0 })
  for (const [baseOffset, bytes] of valueBytes.entries()) {
    const { buffer } = buildBatch([{ timestamp: 0, value: Buffer.alloc(bytes) }], { baseOffset })
    segment.write([buffer], segment.place(baseOffset, buffer.length, 0))
  }
  return segment
}

/** Reads all of it, so many bytes at a time; gives how many batches came with each read. */
function readThrough(segment: CountingSegment, maxBytes: number, limit: number): number[] {
  const batches: number[] = []
  for (let from = 0; from < limit; ) {
    const read = { from, maxBytes, limit, filled: segment.bytes, monotonic: () => 0 }
    const slice = readSegment(segment, read)
    if (slice === undefined || slice instanceof Promise) throw new Error(`nothing at ${from}`)
    batches.push(slice.next - from)
    from = slice.next
  }
  return batches
}

describe('reading a segment from its start to its end', () => {
  it('reads hardly more than it gives out, where batches do not fill a read', () => {
    const segment = segmentOf(Array.from({ length: 60 }, () => 17 * KIB))
    expect(readThrough(segment, 64 * KIB, 60)).toEqual(Array.from({ length: 20 }, () => 3))
    expect(segment.bytesRead / segment.bytes).toBeLessThan(1.1)
  })

  it('reads a batch that is longer than a read once, after the first', () => {
    const segment = segmentOf(Array.from({ length: 20 }, (_, at) => (200 + (at % 3)) * KIB))
    expect(readThrough(segment, 64 * KIB, 20)).toEqual(Array.from({ length: 20 }, () => 1))
    expect(segment.bytesRead / segment.bytes).toBeLessThan(1.2)
  })

  it('gives as much as was asked for when batches get shorter, and one when they get longer', () => {
    const segment = segmentOf([60 * KIB, ...Array.from({ length: 8 }, () => 20 * KIB), 500 * KIB, 20 * KIB])
    expect(readThrough(segment, 64 * KIB, 11)).toEqual([1, 3, 3, 2, 1, 1])
  })
})

describe('reading a segment when a read took long', () => {
  it('goes on without holding up the thread until some reads were quick', async () => {
    const segment = segmentOf(Array.from({ length: 40 }, () => 17 * KIB))
    const clock = [0, 3] // of the first read
    const monotonic = (): number => clock.shift() ?? 10
    for (let from = 0; from < 40; from++)
      await readSegment(segment, { from, maxBytes: KIB, limit: 40, filled: segment.bytes, monotonic })
    expect(segment.later).toBe(4)
  })
})
