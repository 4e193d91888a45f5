// Whatever names come, and however many share a place in the tables, text and bytes are what Node makes of them.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { headerNameAt, headerNameBytes } from './header-names.ts'

it('gives the same as encoding and decoding each time', () => {
  const name = fc.oneof(
    fc.constantFrom('', 'amqp.091', 'amqp.exchange', 'ключ', 'a'.repeat(32), 'a'.repeat(33)),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.integer({ min: 0, max: 5000 }).map(n => `name-${n}`), // more than the tables hold
  )
  fc.assert(
    fc.property(fc.array(name, { maxLength: 400 }), fc.nat(20), (names, before) => {
      for (const text of names) {
        const bytes = Buffer.from(text)
        expect(headerNameBytes(text)).toEqual(bytes)
        const block = Buffer.concat([Buffer.alloc(before, 'x'), bytes, Buffer.from('after')])
        expect(headerNameAt(block, before, before + bytes.length)).toBe(bytes.toString())
      }
    }),
    { numRuns: 50 },
  )
})

it('keeps bytes that are no UTF-8 apart from those that decode alike', () => {
  const [one, other] = [Buffer.from([0x61, 0xff, 0x62]), Buffer.from([0x61, 0xfe, 0x62])]
  expect(headerNameAt(one, 0, 3)).toBe('a\u{fffd}b')
  expect(headerNameAt(other, 0, 3)).toBe('a\u{fffd}b')
})

it('does not share the memory of the block', () => {
  const block = Buffer.from('some-name')
  expect(headerNameAt(block, 0, 9)).toBe('some-name')
  block.write('thatother')
  expect(headerNameAt(Buffer.from('some-name'), 0, 9)).toBe('some-name')
  expect(headerNameAt(block, 0, 9)).toBe('thatother')
})
