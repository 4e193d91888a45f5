// The reading of frames, against frames written by hand: what breaks the protocol, and that it does not matter how the
// bytes are cut.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WsError } from './errors.ts'
import { frameOf } from './frame.ts'
import { IncomingFrames, type WsEvent } from './incoming.ts'

const limits = { frameBytesMax: 1000, messageBytesMax: 2000, fragmentsMax: 5 }

function read(chunks: readonly Buffer[], masked = false): WsEvent[] {
  const frames = new IncomingFrames(limits, { masked })
  const events: WsEvent[] = []
  for (const chunk of chunks) {
    frames.push(Buffer.from(chunk))
    for (let event = frames.next(); event !== undefined; event = frames.next()) events.push(event)
  }
  return events
}

const told = (events: readonly WsEvent[]): string[] =>
  events.map(event =>
    event.at === 'close' ? `close ${event.status} ${event.reason}` : `${event.at} ${event.payload}`,
  )

describe('IncomingFrames', () => {
  it.each([
    ['text, fragmented (section 5.7)', '010348656c80026c6f', ['message Hello']],
    ['a ping between fragments', '010348656c8901708002 6c6f', ['ping p', 'message Hello']],
    ['an empty message', '8200', ['message ']],
    ['a Close frame without a status', '8800', ['close 1005 ']],
    ['a Close frame', '880503e8627965', ['close 1000 bye']],
    ['a pong that nobody asked for', '8a0161', ['pong a']],
  ])('reads %s', (_what, hex, events) => {
    expect(told(read([Buffer.from(hex.replace(' ', ''), 'hex')]))).toEqual(events)
  })

  it('unmasks what a client sends (section 5.7)', () => {
    expect(told(read([Buffer.from('818537fa213d7f9f4d5158', 'hex')], true))).toEqual(['message Hello'])
  })

  it.each([
    ['a reserved bit (5.2)', 'c200', 'WS_FRAME_INVALID'],
    ['an opcode of no meaning (5.2)', '8300', 'WS_FRAME_INVALID'],
    ['a control opcode of no meaning (5.2)', '8b00', 'WS_FRAME_INVALID'],
    ['a mask of a server (5.1)', '828000000000', 'WS_FRAME_INVALID'],
    ['a fragmented ping (5.5)', '0900', 'WS_FRAME_INVALID'],
    ['a ping of 126 bytes (5.5)', '897e007e', 'WS_FRAME_INVALID'],
    ['a continuation of nothing (5.4)', '8000', 'WS_FRAME_INVALID'],
    ['a message inside a message (5.4)', '02008102', 'WS_FRAME_INVALID'],
    ['a length of 16 bits that needs 7 (5.2)', '827e007d', 'WS_FRAME_INVALID'],
    ['a length of 64 bits that needs 16 (5.2)', '827f000000000000ffff', 'WS_FRAME_INVALID'],
    ['a length of 2^64 - 1', '827fffffffffffffffff', 'WS_TOO_LARGE'],
    ['a length above the limit, before its payload', '827e03e9', 'WS_TOO_LARGE'],
    ['half a status (5.5.1)', '880103', 'WS_FRAME_INVALID'],
    ['a status that must not be sent (7.4.1)', '880203ed', 'WS_FRAME_INVALID'],
    ['a reason that is not UTF-8 (5.5.1)', '880303e8ff', 'WS_TEXT_INVALID'],
    ['text that is not UTF-8 (8.1)', '8101ff', 'WS_TEXT_INVALID'],
  ])('refuses %s', (_what, hex, code) => {
    const refusal = (() => {
      try {
        return told(read([Buffer.from(hex, 'hex')]))
      } catch (error) {
        return error instanceof WsError ? error.code : error
      }
    })()
    expect(refusal).toBe(code)
  })

  it('refuses a client that does not mask (section 5.1)', () => {
    expect(() => read([Buffer.from('8200', 'hex')], true)).toThrow('must mask')
  })

  it('reads the same however the bytes are cut', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 400 }), { minLength: 1, maxLength: 8 })
    const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(messages, cuts, fc.boolean(), (payloads, lengths, masked) => {
        const mask = masked ? () => Buffer.from([9, 8, 7, 6]) : undefined
        const bytes = Buffer.concat(payloads.flatMap(one => frameOf(2, [Buffer.from(one)], mask)))
        const chunks: Buffer[] = []
        for (let at = 0, cut = 0; at < bytes.length; cut++) {
          const length = lengths[cut % lengths.length] ?? 1
          chunks.push(bytes.subarray(at, at + length))
          at += length
        }
        const got = read(chunks, masked).map(event =>
          event.at === 'message' ? [...event.payload] : event.at,
        )
        expect(got).toEqual(payloads.map(one => [...one]))
      }),
    )
  })

  it('ends in a WsError or waits, whatever it is given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, masked) => {
        try {
          read([Buffer.from(bytes)], masked)
        } catch (error) {
          expect(error).toBeInstanceOf(WsError)
        }
      }),
    )
  })
})
