// Framing against bytes captured from libzmq 4.3.5 and by generation: whatever is written comes back, however it is cut;
// whatever else comes is refused or waited for, never more.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../errors.ts'
import { zmqLimits } from '../limits.ts'
import { COMMAND, FrameReader, MORE } from './frame-reader.ts'
import { FrameWriter } from './frame-writer.ts'

type Frame = readonly [flags: number, body: Buffer]

/** Frames in the bytes, given in pieces of these sizes. */
function read(bytes: Buffer, pieces: readonly number[] = [], frameBytesMax = -1): Frame[] {
  const frames: Frame[] = []
  const reader = new FrameReader(frameBytesMax, (flags, body) => frames.push([flags & ~2, Buffer.from(body)]))
  let at = 0
  for (const piece of pieces) {
    reader.push(bytes.subarray(at, at + piece))
    at += piece
  }
  if (at < bytes.length) reader.push(bytes.subarray(at))
  return frames
}

function written(frames: readonly Frame[]): Buffer {
  const writer = new FrameWriter()
  for (const [flags, body] of frames) writer.frame(flags, body)
  return Buffer.concat(writer.take())
}

describe('frames', () => {
  it.each([
    ['a short frame', '000568656c6c6f', [[0, 'hello']]],
    [
      'two frames of one message',
      '01016100 0162',
      [
        [MORE, 'a'],
        [0, 'b'],
      ],
    ],
    ['SUBSCRIBE to "abc" (3.1)', '040d09535542534352494245616263', [[COMMAND, '\tSUBSCRIBEabc']]],
    ['a subscription of 3.0', '00030161 62', [[0, '\x01ab']]],
    [
      'an empty delimiter, then the body',
      '0100 0001 78',
      [
        [MORE, ''],
        [0, 'x'],
      ],
    ],
    ['a long head for a short body', '02 0000000000000003 616263', [[0, 'abc']]],
  ] as const)('%s', (_, hex, frames) => {
    const found = read(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
    expect(found.map(([flags, body]) => [flags, body.toString('latin1')])).toEqual(frames)
  })

  it('come back, however large and however cut', () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(254, 255, 256, 8192, 8193, 70_000).map(size => new Uint8Array(size).fill(7)),
    )
    const frame = fc.tuple(
      fc.constantFrom(0, MORE),
      body.map(bytes => Buffer.from(bytes)),
    )
    const pieces = fc.array(fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 9000 })), {
      maxLength: 30,
    })
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), pieces, (frames, cuts) => {
        const found = read(written(frames), cuts)
        expect(found.length).toBe(frames.length)
        frames.forEach(([flags, bytes], at) => {
          expect(found[at]?.[0]).toBe(flags)
          expect(bytes.equals(found[at]?.[1] as Buffer)).toBe(true)
        })
      }),
    )
  })

  it.each([
    ['reserved flags', '0800'],
    ['a command with MORE', '0500'],
    ['a command beyond its limit', `06${'00'.repeat(5)}010001`],
    ['a size beyond what a Buffer holds', '02ffffffffffffffff'],
  ])('refuses %s', (_, hex) => {
    expect(() => read(Buffer.from(hex, 'hex'))).toThrow(ProtocolError)
  })

  it.each([-1, 0, 1])('holds maxMessageSize at its limit %i', off => {
    const bytes = written([[0, Buffer.alloc(100 + off)]])
    const attempt = (): number => read(bytes, [], 100).length
    if (off > 0)
      expect(attempt).toThrow(expect.objectContaining({ detail: expect.stringContaining('at most 100') }))
    else expect(attempt()).toBe(1)
  })

  it('allocates nothing for a large frame before its bytes come', () => {
    const head = Buffer.from('020000000070000000', 'hex')
    const before = process.memoryUsage().arrayBuffers
    read(head)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(zmqLimits.eagerFrameBytesMax)
  })

  it('takes garbage without an error of ours', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        try {
          read(Buffer.from(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
    )
  })

  it('small bodies are copied at once, large ones linked', () => {
    const writer = new FrameWriter()
    const [small, large] = [Buffer.from('small'), Buffer.alloc(10_000, 1)]
    writer.message([small, large])
    small.fill(0)
    const chunks = writer.take()
    expect(chunks.includes(large)).toBe(true)
    expect(chunks[0]?.toString('latin1')).toContain('small')
    expect(writer.bytes).toBe(0)
  })
})
