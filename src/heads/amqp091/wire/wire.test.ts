// Every method: against another implementation's bytes, read back as written, refused when cut, and the compiled and the
// walked codec alike, on good and on damaged bytes.

import { isDeepStrictEqual } from 'node:util'
import fc, { type Arbitrary } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AnyField, type Codec, Reader, structKind, WireError, Writer } from '../../../bytes/index.ts'
import { fieldTable } from './arbitrary.contract.ts'
import { captured } from './captured.contract.ts'
import { BasicPublish, ExchangeUnbindOk, type Method, methodById, methodOf, methods } from './index.ts'

const byName = new Map(methods.map(method => [method.name, method]))
const runs = { seed: 1, numRuns: 20 }

describe('the registry', () => {
  it('has every method once, in the order of the ids', () => {
    expect(methods).toHaveLength(64)
    const ids = methods.map(method => method.id)
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b))
  })

  it('finds a method by its ids', () => {
    expect(methodOf(60, 40)).toBe(BasicPublish)
    expect(methodById(0x3c0028)).toBe(BasicPublish)
    expect(methodOf(40, 51)).toBe(ExchangeUnbindOk)
    expect(methodOf(40, 41)).toBeUndefined()
  })

  it('knows the methods that have content', () => {
    expect(methods.filter(method => method.content).map(method => method.name)).toEqual([
      'basic.publish',
      'basic.return',
      'basic.deliver',
      'basic.get-ok',
    ])
  })
})

describe('bytes of another implementation', () => {
  it('are there for every method', () => {
    expect(captured.map(([name]) => name)).toEqual(methods.map(method => method.name))
  })

  it.each(captured)('%s', (name, args, hex) => {
    const method = byName.get(name) as Method
    expect(encoded(method, args).toString('hex')).toBe(hex)
    expect(decoded(method, Buffer.from(hex, 'hex'))).toEqual({ ...reserved(method), ...args })
  })
})

describe.each(methods.map(method => [method.name, method] as const))('%s', (_name, method) => {
  const values = argsFor(method)
  const walked = structKind(method.fields, {}).codec({ version: 0, flexible: false, way: 'walked' })

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(values, args => {
        expect(decoded(method, encoded(method, args))).toEqual(args)
      }),
      runs,
    )
  })

  it('refuses every proper prefix, and bytes that follow, with a WireError', () => {
    fc.assert(
      fc.property(values, args => {
        const bytes = encoded(method, args)
        for (let end = 4; end < bytes.length; end++)
          expect(outcome(() => decoded(method, bytes.subarray(0, end)))).toHaveProperty('code')
        expect(() => decoded(method, Buffer.concat([bytes, Buffer.from([0])]))).toThrow(WireError)
      }),
      { ...runs, numRuns: 5 },
    )
  })

  it('means the same compiled and walked, whichever bit is wrong', () => {
    fc.assert(
      fc.property(values, args => {
        const bytes = encoded(method, args).subarray(4)
        expect(walkedBytes(walked, args)).toEqual(bytes)
        for (let bit = 0; bit < bytes.length * 8; bit++) {
          const damaged = Buffer.from(bytes)
          damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
          const walkedOutcome = outcome(() => {
            const from = new Reader(damaged)
            const value = walked.read(from)
            if (from.remaining > 0) throw new WireError('WIRE_TRAILING_BYTES', from.at, 'bytes follow')
            return value
          })
          const compiledOutcome = outcome(() => method.decode(new Reader(damaged)))
          if (!isDeepStrictEqual(compiledOutcome, walkedOutcome))
            expect(compiledOutcome).toEqual(walkedOutcome)
        }
      }),
      { ...runs, numRuns: 2 },
    )
  })
})

describe('an argument that is broken', () => {
  it.each([
    ['a text that is not UTF-8', '0000' + '02c328' + '0161' + '00', 'exchange'],
    ['a text that is cut', '0000' + '0161' + '0561', 'routingKey'],
  ])('is named: %s', (_title, hex, field) => {
    expect(() => BasicPublish.decode(new Reader(Buffer.from(hex, 'hex')))).toThrow(field)
  })

  it('is refused when it is written too long', () => {
    const args = { exchange: '', routingKey: 'ü'.repeat(128) }
    expect(() => BasicPublish.encode(new Writer(), args)).toThrow('256 bytes is above the limit of 255')
    expect(() => BasicPublish.encode(new Writer(), { ...args, routingKey: 'x'.repeat(255) })).not.toThrow()
  })
})

function argsFor(method: Method): Arbitrary<object> {
  return fc.record(
    Object.fromEntries(Object.entries(method.fields).map(([name, field]) => [name, valueFor(field)])),
  )
}

function valueFor({ kind }: AnyField): Arbitrary<unknown> {
  switch (kind.name) {
    case 'octet':
      return fc.integer({ min: 0, max: 0xff })
    case 'short':
      return fc.integer({ min: 0, max: 0xffff })
    case 'long':
      return fc.integer({ min: 0, max: 0xffff_ffff })
    case 'longlong':
      return fc.maxSafeNat()
    case 'bit':
      return fc.boolean()
    case 'shortstr':
      return fc.string({ unit: 'grapheme', maxLength: 30 })
    case 'longstr':
      return fc.uint8Array({ maxLength: 30 }).map(bytes => Buffer.from(bytes))
    case 'table':
      return fieldTable
    default:
      throw new TypeError(`no values are known for the kind ${kind.name}`)
  }
}

function reserved(method: Method): object {
  const left = Object.entries(method.fields).filter(([name]) => name.startsWith('reserved'))
  return Object.fromEntries(left.map(([name, field]) => [name, field.shape.otherwise]))
}

function encoded(method: Method, args: object): Buffer {
  const to = new Writer()
  method.encode(to, args)
  return Buffer.concat(to.finish())
}

function decoded(method: Method, bytes: Buffer): object {
  return method.decode(new Reader(bytes, 4))
}

function walkedBytes(codec: Codec<unknown, unknown>, args: object): Buffer {
  const to = new Writer()
  codec.write(to, args)
  return Buffer.concat(to.finish())
}

/** The value, or the code and place of the refusal; any other exception goes through. */
function outcome(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    return { code: error.code, offset: error.offset }
  }
}
