// Goal: varints are those of protocol buffers ("Encoding", base 128 varints and ZigZag), exact to 2^53 - 1, and bad ones
// are refused with their position.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WireError } from './errors.ts'
import {
  uvarintBytes,
  VarintReader,
  varintBytes,
  varlongBytes,
  writeUvarint,
  writeVarint,
  writeVarlong,
} from './varint.ts'

const MAX = Number.MAX_SAFE_INTEGER

const kinds = {
  uvarint: { write: writeUvarint, bytes: uvarintBytes, read: (reader: VarintReader) => reader.uvarint() },
  varint: { write: writeVarint, bytes: varintBytes, read: (reader: VarintReader) => reader.varint() },
  varlong: { write: writeVarlong, bytes: varlongBytes, read: (reader: VarintReader) => reader.varlong() },
}
type Kind = keyof typeof kinds

const known: readonly { readonly kind: Kind; readonly value: number; readonly hex: string }[] = [
  { kind: 'uvarint', value: 0, hex: '00' },
  { kind: 'uvarint', value: 150, hex: '9601' },
  { kind: 'uvarint', value: 0xffffffff, hex: 'ffffffff0f' },
  { kind: 'varint', value: 0, hex: '00' },
  { kind: 'varint', value: -1, hex: '01' },
  { kind: 'varint', value: 1, hex: '02' },
  { kind: 'varint', value: -2, hex: '03' },
  { kind: 'varint', value: 64, hex: '8001' },
  { kind: 'varint', value: 0x7fffffff, hex: 'feffffff0f' },
  { kind: 'varint', value: -0x80000000, hex: 'ffffffff0f' },
  { kind: 'varlong', value: -1, hex: '01' },
  { kind: 'varlong', value: 0x80000000, hex: '8080808010' },
  { kind: 'varlong', value: -0x80000001, hex: '8180808010' },
  { kind: 'varlong', value: MAX, hex: 'feffffffffffff1f' },
  { kind: 'varlong', value: -MAX, hex: 'fdffffffffffff1f' },
]

const refused: readonly { readonly kind: Kind; readonly hex: string; readonly code: string }[] = [
  { kind: 'uvarint', hex: '', code: 'WIRE_TRUNCATED' },
  { kind: 'uvarint', hex: '80', code: 'WIRE_TRUNCATED' },
  { kind: 'uvarint', hex: 'ffffffff1f', code: 'WIRE_OUT_OF_RANGE' },
  { kind: 'varint', hex: '808080808000', code: 'WIRE_OUT_OF_RANGE' },
  { kind: 'varlong', hex: '', code: 'WIRE_TRUNCATED' },
  { kind: 'varlong', hex: 'ffffffffffffff', code: 'WIRE_TRUNCATED' },
  { kind: 'varlong', hex: 'ffffffffffffffff', code: 'WIRE_TRUNCATED' },
  { kind: 'varlong', hex: '8080808080808020', code: 'WIRE_OUT_OF_RANGE' },
  { kind: 'varlong', hex: 'ffffffffffffffffff01', code: 'WIRE_OUT_OF_RANGE' },
  { kind: 'varlong', hex: '8080808080808080808000', code: 'WIRE_OUT_OF_RANGE' },
]

describe('varints', () => {
  it.each(known)('$kind $value is $hex', ({ kind, value, hex }) => {
    const { write, bytes, read } = kinds[kind]
    const buffer = Buffer.alloc(12)
    const end = write(buffer, value, 1)
    expect(buffer.toString('hex', 1, end)).toBe(hex)
    expect(bytes(value)).toBe(end - 1)
    const reader = new VarintReader(buffer, 1, end)
    expect(read(reader)).toBe(value)
    expect(reader.position).toBe(end)
  })

  it.each(refused)('$kind refuses "$hex" with $code and its position', ({ kind, hex, code }) => {
    const reader = new VarintReader(Buffer.from(`00${hex}`, 'hex'), 1)
    let error: unknown
    try {
      kinds[kind].read(reader)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(WireError)
    expect(error).toMatchObject({ code, offset: 1 })
  })

  it('reads zero that is padded to ten bytes', () => {
    const reader = new VarintReader(Buffer.from('80808080808080808000', 'hex'))
    expect(reader.varlong()).toBe(0)
    expect(reader.position).toBe(10)
  })

  it.each([
    { kind: 'uvarint' as const, values: fc.nat(0xffffffff) },
    { kind: 'varint' as const, values: fc.integer() },
    { kind: 'varlong' as const, values: fc.oneof(fc.maxSafeInteger(), fc.integer()) },
  ])('$kind gives back every value, in the bytes that were measured', ({ kind, values }) => {
    const { write, bytes, read } = kinds[kind]
    fc.assert(
      fc.property(values, value => {
        const buffer = Buffer.alloc(bytes(value))
        expect(write(buffer, value, 0)).toBe(buffer.length)
        expect(read(new VarintReader(buffer))).toBe(value)
      }),
      { numRuns: 500 },
    )
  })

  it('varlong agrees with BigInt arithmetic', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), value => {
        const buffer = Buffer.alloc(varlongBytes(value))
        writeVarlong(buffer, value, 0)
        let raw = 0n
        buffer.forEach((byte, i) => {
          raw |= BigInt(byte & 0x7f) << BigInt(7 * i)
        })
        expect((raw >> 1n) ^ -(raw & 1n)).toBe(BigInt(value))
      }),
    )
  })
})
