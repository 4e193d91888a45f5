// The wire: headers and frames against bytes captured from nngcat 1.5.2, and readers that never see more than they are given,
// however a stream is cut and whatever a stranger sends.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutBacktrace } from './backtrace.ts'
import { SpError } from './errors.ts'
import { protocols, subProtocol } from './protocols.ts'
import { FrameReader, type Framing, headerOf, prefixBytes, readHeader, writePrefix } from './wire.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

function framed(framing: Framing, payloads: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    payloads.flatMap(payload => {
      const prefix = Buffer.alloc(prefixBytes(framing))
      writePrefix(prefix, 0, framing, payload.length)
      return [prefix, Buffer.from(payload)]
    }),
  )
}

describe('headers', () => {
  it.each([
    ['req', '00 53 50 00 00 30 00 00'],
    ['pair1', '00 53 50 00 00 11 00 00'],
    ['respondent', '00 53 50 00 00 63 00 00'],
  ] as const)('%s', (name, bytes) => {
    expect(headerOf(protocols[name].id)).toEqual(hex(bytes))
    expect(readHeader(hex(bytes))).toBe(protocols[name].id)
  })

  it.each([
    '01 53 50 00 00 30 00 00',
    '00 53 50 01 00 30 00 00',
    '00 53 50 00 00 30 00 01',
    '47 45 54 20 2f 20 48 54',
  ])('%s is no header', bytes => expect(() => readHeader(hex(bytes))).toThrow(SpError))

  it('pairs know each other, and a WebSocket names the role of its server', () => {
    for (const [name, { peer }] of Object.entries(protocols)) expect<string>(protocols[peer].peer).toBe(name)
    expect([subProtocol('rep'), subProtocol('pair0'), subProtocol('pair1')]).toEqual([
      'rep.sp.nanomsg.org',
      'pair.sp.nanomsg.org',
      'pair1.sp.nanomsg.org',
    ])
  })
})

describe('frames', () => {
  it('a request "hi" of nngcat: length 6, id with the highest bit, body', () => {
    const out: Buffer[] = []
    new FrameReader('tcp', 100).push(hex('00 00 00 00 00 00 00 06 f5 a1 02 03 68 69'), out)
    expect(out).toEqual([hex('f5 a1 02 03 68 69')])
    expect(cutBacktrace(out[0] as Buffer, 8)).toMatchObject({ at: 'whole', body: Buffer.from('hi') })
  })

  it('over IPC an octet 01 stands in front, and nothing else may', () => {
    const out: Buffer[] = []
    new FrameReader('ipc', 100).push(hex('01 00 00 00 00 00 00 00 02 68 69'), out)
    expect(out.map(String)).toEqual(['hi'])
    expect(() => new FrameReader('ipc', 100).push(hex('02 00 00 00 00 00 00 00 02'), [])).toThrow(/EPROTO/)
  })

  it.each([
    [99, 'taken'],
    [100, 'taken'],
    [101, 'EMSGSIZE'],
    [0x1_0000_0000, 'EMSGSIZE'],
    [Number.MAX_SAFE_INTEGER, 'EMSGSIZE'],
  ] as const)('a length of %d with a limit of 100: %s', (length, verdict) => {
    const prefix = Buffer.alloc(8)
    writePrefix(prefix, 0, 'tcp', length)
    const reader = new FrameReader('tcp', 100)
    if (verdict === 'taken') expect(() => reader.push(prefix, [])).not.toThrow()
    else expect(() => reader.push(prefix, [])).toThrow(verdict)
  })

  it('come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Framing>('tcp', 'ipc'),
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 }),
        fc.array(fc.nat(600), { maxLength: 30 }),
        (framing, payloads, places) => {
          const bytes = framed(framing, payloads)
          const reader = new FrameReader(framing, 40)
          const out: Buffer[] = []
          let from = 0
          for (const end of [
            ...places.map(place => place % (bytes.length + 1)).sort((a, b) => a - b),
            bytes.length,
          ]) {
            reader.push(bytes.subarray(from, end), out)
            from = end
          }
          expect(out.map(one => one.toString('hex'))).toEqual(
            payloads.map(one => Buffer.from(one).toString('hex')),
          )
          expect(reader.isBetweenFrames).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('long ones grow as they come, rather than being asked of the system ahead', () => {
    const reader = new FrameReader('tcp', 1 << 30)
    const prefix = Buffer.alloc(8)
    writePrefix(prefix, 0, 'tcp', 1 << 30)
    const before = process.memoryUsage().arrayBuffers
    reader.push(Buffer.concat([prefix, Buffer.alloc(100)]), [])
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 26)
    expect(reader.isBetweenFrames).toBe(false)
  })

  it('anything from a stranger gives payloads within the limit, or an SpError', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Framing>('tcp', 'ipc'),
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 30 }),
            fc.constantFrom(hex('00 00 00 00 00 00 00 03'), hex('01')),
          ),
        ),
        (framing, chunks) => {
          const reader = new FrameReader(framing, 64)
          const out: Buffer[] = []
          try {
            for (const chunk of chunks) reader.push(Buffer.from(chunk), out)
          } catch (error) {
            expect(error).toBeInstanceOf(SpError)
          }
          for (const payload of out) expect(payload.length).toBeLessThanOrEqual(64)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('backtraces', () => {
  it.each([
    ['80000001 61', 'whole', 4],
    ['00000007 80000001 61', 'whole', 8],
    ['80000001', 'whole', 4],
    ['00000007', 'broken', 0],
    ['0000', 'broken', 0],
    ['', 'broken', 0],
    ['00000001 00000002 00000003 80000001', 'too many hops', 0],
    ['00000001 00000002 80000001', 'whole', 12],
  ] as const)('%s with a ttl of 3 is %s', (bytes, at, header) => {
    const trace = cutBacktrace(hex(bytes), 3)
    expect(trace.at).toBe(at)
    if (trace.at === 'whole') expect(trace.header.length).toBe(header)
  })

  it('any bytes are one of the three, and nothing is lost of what is whole', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 1, max: 15 }), (bytes, ttl) => {
        const payload = Buffer.from(bytes)
        const trace = cutBacktrace(payload, ttl)
        if (trace.at === 'whole') expect(Buffer.concat([trace.header, trace.body])).toEqual(payload)
        else expect(['broken', 'too many hops']).toContain(trace.at)
      }),
    )
  })
})
