// Frames: cut out of any chunks, refused when wrong, written as few buffers, and protocol headers.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Writer } from '../../bytes/index.ts'
import { AmqpError } from './errors.ts'
import {
  FrameCutter,
  frameTypes,
  preferredHeader,
  versionOf,
  writeContent,
  writeHeartbeat,
  writeMethod,
} from './frame.ts'
import { limits } from './limits.ts'
import { BasicAck, BasicDeliver } from './wire/index.ts'
import { encodeProperties } from './wire/properties.ts'

interface Frame {
  readonly type: number
  readonly channel: number
  readonly payload: string
}

const max = limits.frameBytesMax

function frame(type: number, channel: number, payload: Buffer, end = 0xce): Buffer {
  const bytes = Buffer.alloc(payload.length + 8)
  bytes.writeUInt8(type, 0)
  bytes.writeUInt16BE(channel, 1)
  bytes.writeUInt32BE(payload.length, 3)
  payload.copy(bytes, 7)
  bytes.writeUInt8(end, payload.length + 7)
  return bytes
}

function cut(cutter: FrameCutter, chunks: readonly Buffer[]): Frame[] {
  const frames: Frame[] = []
  for (const chunk of chunks) {
    cutter.push(chunk)
    while (cutter.next(max))
      frames.push({ type: cutter.type, channel: cutter.channel, payload: cutter.payload().toString('hex') })
  }
  return frames
}

describe('cutting (specification section 4.2.3)', () => {
  it('gives the same frames, however the stream is cut', () => {
    const frames = fc.array(
      fc.record({
        type: fc.integer({ min: 0, max: 255 }),
        channel: fc.integer({ min: 0, max: 65_535 }),
        payload: fc.uint8Array({ maxLength: 50 }).map(bytes => Buffer.from(bytes).toString('hex')),
      }),
      { maxLength: 8 },
    )
    fc.assert(
      fc.property(frames, fc.array(fc.nat(20), { maxLength: 60 }), (expected, sizes) => {
        const stream = Buffer.concat(
          expected.map(({ type, channel, payload }) => frame(type, channel, Buffer.from(payload, 'hex'))),
        )
        const cutter = new FrameCutter()
        expect(cut(cutter, split(stream, sizes))).toEqual(expected)
        expect(cutter.heldBytes).toBe(0)
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  it('takes a stream in single bytes', () => {
    const stream = Buffer.concat([frame(1, 1, Buffer.alloc(3000, 1)), frame(8, 0, Buffer.alloc(0))])
    const frames = cut(
      new FrameCutter(),
      [...stream].map(byte => Buffer.from([byte])),
    )
    expect(frames.map(({ type, payload }) => [type, payload.length / 2])).toEqual([
      [1, 3000],
      [8, 0],
    ])
  })

  it('shares the memory of a chunk that holds the whole frame', () => {
    const chunk = frame(3, 1, Buffer.from('body'))
    const cutter = new FrameCutter()
    cutter.push(chunk)
    cutter.next(max)
    expect(cutter.payload().buffer).toBe(chunk.buffer)
  })

  it('waits for a frame that is not whole, and says what it holds', () => {
    const cutter = new FrameCutter()
    cutter.push(frame(1, 1, Buffer.alloc(100)).subarray(0, 50))
    expect(cutter.next(max)).toBe(false)
    expect(cutter.heldBytes).toBe(50)
  })

  it.each([
    ['another end octet', frame(1, 1, Buffer.from('x'), 0xcd), 'ends in 0xcd'],
    [
      'a size above the limit',
      Buffer.from('010001ffffffff', 'hex'),
      '4294967295 bytes of payload on channel 1',
    ],
    ['a size just above it', Buffer.from('0100010001fff9', 'hex'), 'allowed are 131064'],
  ])('refuses %s', (_title, bytes, words) => {
    const cutter = new FrameCutter()
    cutter.push(bytes)
    expect(() => cutter.next(max)).toThrow(words)
    expect(() => cutter.next(max)).toThrow(expect.objectContaining({ code: 501, scope: 'hard' }))
  })

  it('takes a frame of exactly the limit', () => {
    const cutter = new FrameCutter()
    cutter.push(frame(3, 1, Buffer.alloc(max - 8)))
    expect(cutter.next(max)).toBe(true)
  })

  it('never gives more than was sent, whichever bit is wrong', () => {
    const stream = Buffer.concat([frame(1, 1, Buffer.from('abc')), frame(3, 1, Buffer.from('defgh'))])
    for (let bit = 0; bit < stream.length * 8; bit++) {
      const damaged = Buffer.from(stream)
      damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      try {
        const cutter = new FrameCutter()
        const frames = cut(cutter, [damaged])
        expect(frames.length).toBeLessThanOrEqual(2)
      } catch (error) {
        expect(error).toBeInstanceOf(AmqpError)
      }
    }
  })
})

describe('the protocol header', () => {
  it.each([
    ['0-9-1', '414d515000000901', { major: 0, minor: 9 }],
    ['0-9', '414d515001010009', { major: 0, minor: 9 }],
    ['0-8', '414d515001010800', { major: 8, minor: 0 }],
    ['1.0', '414d515000010000', undefined],
    ['1.0 with SASL', '414d515003010000', undefined],
    ['HTTP', '474554202f204854', undefined],
  ])('%s', (_title, hex, version) => {
    expect(versionOf(Buffer.from(hex, 'hex'))).toEqual(version)
  })

  it('is cut from in front of the frames', () => {
    const cutter = new FrameCutter()
    cutter.push(preferredHeader.subarray(0, 3))
    expect(cutter.protocolHeader()).toBeUndefined()
    cutter.push(Buffer.concat([preferredHeader.subarray(3), frame(8, 0, Buffer.alloc(0))]))
    expect(cutter.protocolHeader()).toEqual(preferredHeader)
    expect(cutter.next(max)).toBe(true)
    expect(cutter.type).toBe(8)
  })
})

describe('writing', () => {
  const args = { consumerTag: 'tag', deliveryTag: 7, redelivered: true, exchange: '', routingKey: 'q' }
  const properties = encodeProperties({ contentType: 'text/plain' })

  function written(write: (to: Writer) => void): Buffer[] {
    const to = new Writer()
    write(to)
    return to.finish()
  }

  it('a method', () => {
    const [bytes] = written(to => writeMethod(to, 258, BasicAck, { deliveryTag: 1 }))
    expect(bytes?.toString('hex')).toBe('0101020000000d003c0050000000000000000100ce')
  })

  it('a heartbeat', () => {
    expect(Buffer.concat(written(writeHeartbeat)).toString('hex')).toBe('08000000000000ce')
  })

  it('small deliveries as one buffer', () => {
    const chunks = written(to => {
      for (let n = 0; n < 10; n++)
        writeContent(to, 1, BasicDeliver, args, { properties, body: Buffer.from('hello') }, max)
    })
    expect(chunks).toHaveLength(1)
    const frames = cut(new FrameCutter(), chunks)
    expect(frames.slice(0, 3).map(({ type }) => type)).toEqual([
      frameTypes.method,
      frameTypes.header,
      frameTypes.body,
    ])
    expect(frames[1]?.payload).toBe(`003c00000000000000000005${properties.toString('hex')}`)
    expect(frames[2]?.payload).toBe(Buffer.from('hello').toString('hex'))
    expect(frames).toHaveLength(30)
  })

  it('a large body without copying it', () => {
    const body = Buffer.alloc(100_000, 1)
    const chunks = written(to => writeContent(to, 1, BasicDeliver, args, { properties, body }, max))
    expect(chunks).toHaveLength(3)
    expect(chunks[1]).toBe(body)
  })

  it('no body frame for an empty body', () => {
    const chunks = written(to =>
      writeContent(to, 1, BasicDeliver, args, { properties, body: Buffer.alloc(0) }, max),
    )
    expect(cut(new FrameCutter(), chunks).map(({ type }) => type)).toEqual([1, 2])
  })

  it.each([
    [4088, [4088]],
    [4089, [4088, 1]],
    [8176, [4088, 4088]],
    [10_000, [4088, 4088, 1824]],
  ])('a body of %i bytes in frames of 4,096', (bytes, sizes) => {
    const body = Buffer.from(Array.from({ length: bytes }, (_, n) => n & 0xff))
    const chunks = written(to => writeContent(to, 1, BasicDeliver, args, { properties, body }, 4096))
    const bodies = cut(new FrameCutter(), chunks).slice(2)
    expect(bodies.map(({ payload }) => payload.length / 2)).toEqual(sizes)
    expect(bodies.map(({ payload }) => payload).join('')).toBe(body.toString('hex'))
  })

  it('a body in one frame where there is no limit', () => {
    const chunks = written(to =>
      writeContent(to, 1, BasicDeliver, args, { properties, body: Buffer.alloc(5000) }, 0),
    )
    expect(cut(new FrameCutter(), chunks)).toHaveLength(3)
  })

  it('nothing of a message whose properties do not fit', () => {
    const to = new Writer()
    const large = encodeProperties({ headers: new Map([['a', 'x'.repeat(5000)]]) })
    expect(() =>
      writeContent(to, 1, BasicDeliver, args, { properties: large, body: Buffer.alloc(0) }, 4096),
    ).toThrow("take 5025 bytes, the connection's frames 4088")
    expect(to.bytes).toBe(0)
  })
})

function split(stream: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  let at = 0
  for (const size of sizes) {
    chunks.push(stream.subarray(at, at + size))
    at = Math.min(stream.length, at + size)
  }
  return [...chunks, stream.subarray(at)]
}
