// Frames out of bytes, however the bytes are cut.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameCutter } from './frame.ts'

const LIMIT = 1 << 20

function framed(bodies: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    bodies.flatMap(body => {
      const length = Buffer.alloc(4)
      length.writeInt32BE(body.length, 0)
      return [length, body]
    }),
  )
}

/** All frames of a stream that comes in chunks of `sizes`, one after the other, from the same memory each time. */
function cut(stream: Buffer, sizes: readonly number[]): Buffer[] {
  const cutter = new FrameCutter()
  const frames: Buffer[] = []
  const shared = Buffer.alloc(stream.length)
  for (let at = 0, n = 0; at < stream.length; n++) {
    const size = sizes[n % sizes.length] ?? 1
    const got = stream.copy(shared, 0, at, at + size)
    cutter.push(shared.subarray(0, got))
    at += got
    for (let frame = cutter.next(LIMIT); frame !== undefined; frame = cutter.next(LIMIT)) frames.push(frame)
  }
  expect(cutter.heldBytes).toBe(0)
  return frames
}

describe('frame cutter', () => {
  it('gives back every frame, whatever the cuts, and keeps none of the chunks', () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 })
    const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(bodies, sizes, (some, cuts) => {
        expect(cut(framed(some), cuts).map(frame => [...frame])).toEqual(some.map(body => [...body]))
      }),
    )
  })

  it.each([65_535, 65_536, 65_537, 200_000, 1 << 20])(
    'gives a frame of %i bytes in room of its own',
    size => {
      const body = Buffer.alloc(size, 'x')
      const [frame] = cut(framed([body]), [50_000])
      expect(frame?.equals(body)).toBe(true)
      expect(frame?.buffer.byteLength).toBe(size)
    },
  )

  it('allocates little for what is merely announced', () => {
    const cutter = new FrameCutter()
    const before = process.memoryUsage().arrayBuffers
    const head = Buffer.alloc(5)
    head.writeInt32BE(100 << 20, 0)
    cutter.push(head)
    expect(cutter.next(200 << 20)).toBeUndefined()
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20)
    expect(cutter.heldBytes).toBe(5)
  })

  it('gives a frame room at once up to the length that the last one had', () => {
    const cutter = new FrameCutter()
    const begin = (bytes: number): number => {
      const head = framed([Buffer.alloc(bytes)]).subarray(0, 5)
      const before = process.memoryUsage().arrayBuffers
      cutter.push(head)
      const allocated = process.memoryUsage().arrayBuffers - before
      cutter.push(Buffer.alloc(bytes - 1))
      expect(cutter.next(LIMIT)?.length).toBe(bytes)
      return allocated
    }
    begin(10)
    expect(begin(800_000)).toBeLessThan(200_000)
    expect(begin(800_000)).toBeGreaterThan(700_000)
  })

  it.each([
    ['negative', -1],
    ['above the limit', LIMIT + 1],
  ])('refuses a length that is %s before the bytes are there, behind the frames before it', (_, length) => {
    const cutter = new FrameCutter()
    const head = Buffer.alloc(4)
    head.writeInt32BE(length, 0)
    cutter.push(Buffer.concat([framed([Buffer.from('fine')]), head, Buffer.from('more')]))
    expect(String(cutter.next(LIMIT))).toBe('fine')
    expect(() => cutter.next(LIMIT)).toThrow(/allowed are 0 to 1048576/)
  })
})
