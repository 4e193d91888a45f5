// XDR against the bytes of RFC 4506: each type has its section's layout as a case, bytes that the section forbids as
// another. Then properties over one type that holds every type: what is written is read back, by the compiled and by the
// walked codec alike; every prefix and every flipped bit gives an error of ours or another good value.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Reader, WireError, Writer } from '../../bytes/index.ts'
import * as xdr from './index.ts'
import type { Xdr } from './type.ts'

const point = xdr.struct({ x: xdr.int, y: xdr.int })
const colour = xdr.enumeration({ RED: 2, YELLOW: 3, BLUE: 5 })
const result = xdr.union('status', xdr.int, [xdr.arm([0, 1], 'value', xdr.hyper), xdr.otherwise()])

interface Tree {
  readonly left?: Tree | undefined
  readonly value: number
  readonly right?: Tree | undefined
}
const tree: Xdr<Tree> = xdr.struct({
  left: xdr.optional(xdr.lazy(() => tree)),
  value: xdr.int,
  right: xdr.optional(xdr.lazy(() => tree)),
})

type Case = readonly [title: string, type: Xdr<unknown>, value: unknown, bytes: string]

const good: readonly Case[] = [
  ['4.1 int', xdr.int, -2, 'fffffffe'],
  ['4.2 unsigned int', xdr.uint, 4294967295, 'ffffffff'],
  ['4.3 enum', colour, 5, '00000005'],
  ['4.4 bool', xdr.bool, true, '00000001'],
  ['4.5 hyper', xdr.hyper, -5n, 'fffffffffffffffb'],
  ['4.5 unsigned hyper', xdr.uhyper, 2n ** 64n - 1n, 'ffffffffffffffff'],
  ['4.6 float', xdr.float, -1.5, 'bfc00000'],
  ['4.7 double', xdr.double, 1.5, '3ff8000000000000'],
  [
    '4.8 quadruple, as its bytes',
    xdr.quadruple,
    Buffer.from('3fff8000000000000000000000000000', 'hex'),
    '3fff8000000000000000000000000000',
  ],
  ['4.9 opaque of fixed length', xdr.opaque(3), Buffer.from('abc'), '61626300'],
  ['4.10 opaque of variable length', xdr.varOpaque(), Buffer.from('abcde'), '00000005 6162636465 000000'],
  ['4.11 string', xdr.string(), 'sillyprog', '00000009 73696c6c7970726f67 000000'],
  ['4.11 string, in UTF-8', xdr.string(3), '€', '00000003 e282ac 00'],
  ['4.11 string, longer than the fast path', xdr.string(), 'x'.repeat(40), `00000028 ${'78'.repeat(40)}`],
  ['4.11 string, replacement character as such', xdr.string(), '\ufffd', '00000003 efbfbd 00'],
  ['4.11 latin1', xdr.latin1(), 'é\u0000ÿ', '00000003 e900ff 00'],
  ['4.12 array of fixed length', xdr.array(xdr.int, 2), [1, 2], '00000001 00000002'],
  ['4.13 array of variable length', xdr.varArray(xdr.bool, 3), [true, false], '00000002 00000001 00000000'],
  ['4.14 struct', point, { x: 1, y: -1 }, '00000001 ffffffff'],
  ['4.15 union, an arm', result, { status: 1, value: 7n }, '00000001 0000000000000007'],
  ['4.15 union, the default', result, { status: 9 }, '00000009'],
  [
    '4.15 union of bool',
    xdr.union('more', xdr.bool, [xdr.arm([true], 'n', xdr.int), xdr.arm([false])]),
    { more: true, n: 3 },
    '00000001 00000003',
  ],
  [
    '4.15 union of hyper, as rpcgen allows',
    xdr.union('kind', xdr.hyper, [xdr.arm([5n], 'n', xdr.int)]),
    { kind: 5n, n: 1 },
    '0000000000000005 00000001',
  ],
  ['4.16 void', xdr.nothing, undefined, ''],
  ['4.19 optional data, there', xdr.optional(xdr.int), 7, '00000001 00000007'],
  ['4.19 optional data, not there', xdr.optional(xdr.int), undefined, '00000000'],
  ['4.19 list', xdr.list(xdr.int), [7, 8], '00000001 00000007 00000001 00000008 00000000'],
  [
    '4.19 list whose first node is there',
    xdr.fullList(xdr.int),
    [7, 8],
    '00000007 00000001 00000008 00000000',
  ],
  [
    '4.19 tree',
    tree,
    { value: 1, right: { value: 2 } },
    '00000000 00000001 00000001 00000000 00000002 00000000',
  ],
  ['arguments one after the other', xdr.tuple(xdr.int, xdr.string()), [1, 'a'], '00000001 00000001 61000000'],
  ['char of rpcgen, in four bytes', xdr.char, -128, 'ffffff80'],
  ['unsigned char of rpcgen', xdr.uchar, 255, '000000ff'],
  ['short of rpcgen', xdr.short, -32768, 'ffff8000'],
  ['unsigned short of rpcgen', xdr.ushort, 65535, '0000ffff'],
]

const bad: readonly Case[] = [
  ['an end inside a value', xdr.int, 'WIRE_TRUNCATED', '000000'],
  ['bytes behind the value', xdr.int, 'WIRE_TRAILING_BYTES', '0000000000000000'],
  ['4.3 a number that the enum does not list', colour, 'WIRE_OUT_OF_RANGE', '00000004'],
  ['4.4 a bool of 2', xdr.bool, 'WIRE_OUT_OF_RANGE', '00000002'],
  ['3. a fill byte that is not zero', xdr.varOpaque(), 'WIRE_OUT_OF_RANGE', '00000001 61000001'],
  ['4.10 a length above the bound', xdr.varOpaque(2), 'WIRE_OUT_OF_RANGE', '00000003 61626300'],
  ['4.10 a length of 4 GiB', xdr.varOpaque(), 'WIRE_TRUNCATED', 'ffffffff'],
  ['4.11 a string that is not UTF-8', xdr.string(), 'WIRE_OUT_OF_RANGE', '00000001 ff000000'],
  ['4.13 more elements than bytes', xdr.varArray(xdr.int), 'WIRE_OUT_OF_RANGE', 'ffffffff 00000000'],
  ['4.15 a case without an arm', xdr.union('s', xdr.int, [xdr.arm([1])]), 'WIRE_OUT_OF_RANGE', '00000002'],
  ['4.19 a list whose flag is 2', xdr.list(xdr.int), 'WIRE_OUT_OF_RANGE', '00000001 00000000 00000002'],
  ['a char beyond its range', xdr.char, 'WIRE_OUT_OF_RANGE', '00000100'],
]

const refused: readonly (readonly [title: string, type: Xdr<unknown>, value: unknown])[] = [
  ['a fraction for int', xdr.int, 1.5],
  ['2^31 for int', xdr.int, 2 ** 31],
  ['-1 for unsigned int', xdr.uint, -1],
  ['a number for hyper', xdr.hyper, 1],
  ['2^63 for hyper', xdr.hyper, 2n ** 63n],
  ['-1 for unsigned hyper', xdr.uhyper, -1n],
  ['text for double', xdr.double, '1'],
  ['1 for bool', xdr.bool, 1],
  ['what the enum does not list', colour, 4],
  ['too few bytes', xdr.opaque(4), Buffer.alloc(3)],
  ['too many bytes', xdr.varOpaque(4), Buffer.alloc(5)],
  ['an array for bytes', xdr.varOpaque(), [1, 2]],
  ['a string above its bound in bytes', xdr.string(2), '€'],
  ['half of a surrogate pair', xdr.string(), '\ud800'],
  ['a character above U+00FF for latin1', xdr.latin1(), '€'],
  ['too many elements', xdr.varArray(xdr.int, 1), [1, 2]],
  ['too few elements', xdr.array(xdr.int, 2), [1]],
  ['an array with a hole', xdr.array(xdr.int, 2), new Array(2)],
  ['a struct that lacks a field', point, { x: 1 }],
  ['null for a struct', point, null],
  ['undefined for a union', result, undefined],
  ['null for optional data', xdr.optional(xdr.int), null],
  ['an empty list where a node must be', xdr.fullList(xdr.int), []],
  ['an arm that is missing', result, { status: 0 }],
  ['something for void', xdr.nothing, 1],
]

describe('XDR, RFC 4506', () => {
  it.each(good)('%s', (_, type, value, hex) => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
    expect(type.encode(value).toString('hex')).toBe(bytes.toString('hex'))
    expect(type.decode(bytes)).toEqual(value)
    expect(walkedBytes(type, value)).toEqual(bytes)
    expect(walkedValue(type, bytes)).toEqual(value)
  })

  it.each(bad)('refuses %s', (_, type, code, hex) => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
    expect(failure(() => type.decode(bytes))).toMatchObject({ name: 'WireError', code })
  })

  it.each(refused)('does not write %s', (_, type, value) => {
    expect(failure(() => type.encode(value))).toMatchObject({ code: 'WIRE_VALUE_INVALID' })
    expect(failure(() => walkedBytes(type, value))).toMatchObject({ code: 'WIRE_VALUE_INVALID' })
  })

  it('names the field that broke, in both directions', () => {
    const deep = xdr.struct({ list: xdr.varArray(xdr.struct({ answer: result })) })
    const bytes = deep.encode({ list: [{ answer: { status: 3 } }, { answer: { status: 0, value: 1n } }] })
    expect(failure(() => deep.decode(bytes.subarray(0, -4)))).toMatchObject({ path: 'list[1].answer.value' })
    const value = { list: [{ answer: { status: 0, value: 1 } }] }
    expect(failure(() => deep.encode(value as never))).toMatchObject({ path: 'list[0].answer.value' })
  })
})

describe('limits', () => {
  it('reads and writes a list of a million nodes without using the stack', () => {
    const type = xdr.list(xdr.struct({ n: xdr.int }))
    const nodes = Array.from({ length: 1_000_000 }, (_, n) => ({ n }))
    const back = type.decode(type.encode(nodes), { elementsMax: 1_000_000 })
    expect(back.length).toBe(1_000_000)
    expect(back.at(-1)).toEqual({ n: 999_999 })
  })

  it.each([
    ['elements of an array', xdr.varArray(xdr.int), [1, 2, 3, 4]],
    ['nodes of a list', xdr.list(xdr.int), [1, 2, 3, 4]],
    [
      'elements of several arrays together',
      xdr.tuple(xdr.varArray(xdr.int), xdr.varArray(xdr.int)),
      [
        [1, 2],
        [1, 2],
      ],
    ],
  ] as readonly [string, Xdr<unknown>, unknown][])('bounds the %s', (_, type, value) => {
    const bytes = type.encode(value)
    expect(type.decode(bytes, { elementsMax: 4 })).toEqual(value)
    expect(failure(() => type.decode(bytes, { elementsMax: 3 }))).toMatchObject({ code: 'WIRE_OUT_OF_RANGE' })
  })

  it('bounds the depth of what is read and of what is written', () => {
    const chain = (depth: number): Tree =>
      depth === 0 ? { value: 0 } : { value: depth, left: chain(depth - 1) }
    const bytes = tree.encode(chain(10))
    expect(tree.decode(bytes, { depthMax: 10 })).toEqual(chain(10))
    expect(failure(() => tree.decode(bytes, { depthMax: 9 }))).toMatchObject({ code: 'WIRE_OUT_OF_RANGE' })
    expect(failure(() => tree.encode(chain(300)))).toMatchObject({ code: 'WIRE_VALUE_INVALID' })
    const hostile = Buffer.alloc(4_000_000)
    for (let at = 3; at < hostile.length; at += 4) hostile[at] = 1
    expect(failure(() => tree.decode(hostile))).toMatchObject({ code: 'WIRE_OUT_OF_RANGE' })
  })

  it('bounds the bytes of a message', () => {
    expect(failure(() => xdr.int.decode(Buffer.alloc(4), { bytesMax: 3 }))).toMatchObject({
      code: 'WIRE_OUT_OF_RANGE',
    })
    expect(xdr.int.decode(Buffer.alloc(4), { bytesMax: 4 })).toBe(0)
  })
})

/** A type that holds every type, and its values. */
const everything = xdr.struct({
  int: xdr.int,
  uint: xdr.uint,
  hyper: xdr.hyper,
  uhyper: xdr.uhyper,
  float: xdr.float,
  double: xdr.double,
  colour,
  flag: xdr.bool,
  fixed: xdr.opaque(5),
  bytes: xdr.varOpaque(20),
  text: xdr.string(200),
  pair: xdr.array(point, 2),
  many: xdr.varArray(xdr.short, 5),
  answer: result,
  list: xdr.list(xdr.string(40)),
  maybe: xdr.optional(xdr.uchar),
  tree,
})

const bytesOf = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength }).map(bytes => Buffer.from(bytes))
const aPoint = fc.record({ x: fc.integer(), y: fc.integer() })
const trees = fc.letrec<{ tree: Tree }>(tie => ({
  tree: fc.record({
    left: fc.option(tie('tree'), { nil: undefined, maxDepth: 3 }),
    value: fc.integer(),
    right: fc.option(tie('tree'), { nil: undefined, maxDepth: 3 }),
  }),
})).tree
const values = fc.record({
  int: fc.integer(),
  uint: fc.nat(0xffff_ffff),
  hyper: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  uhyper: fc.bigInt(0n, 2n ** 64n - 1n),
  float: fc.float(),
  double: fc.double(),
  colour: fc.constantFrom<2 | 3 | 5>(2, 3, 5),
  flag: fc.boolean(),
  fixed: bytesOf(5, 5),
  bytes: bytesOf(0, 20),
  text: fc.string({ unit: 'binary', maxLength: 50 }),
  pair: fc.array(aPoint, { minLength: 2, maxLength: 2 }),
  many: fc.array(fc.integer({ min: -32768, max: 32767 }), { maxLength: 5 }),
  answer: fc.oneof(
    fc.record({ status: fc.constantFrom(0, 1), value: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n) }),
    fc.record({ status: fc.integer({ min: 2 }) }),
  ),
  list: fc.array(
    // Five graphemes are more than 40 bytes, rarely.
    fc.string({ unit: 'grapheme', maxLength: 5 }).filter(text => Buffer.byteLength(text) <= 40),
  ),
  maybe: fc.option(fc.nat(255), { nil: undefined }),
  tree: trees,
})

describe('properties', () => {
  it('reads back what it writes, compiled and walked alike', () => {
    fc.assert(
      fc.property(values, value => {
        const bytes = everything.encode(value as never)
        expect(bytes.length % 4).toBe(0)
        expect(walkedBytes(everything, value)).toEqual(bytes)
        expect(everything.decode(bytes)).toEqual(value)
        expect(walkedValue(everything, bytes)).toEqual(value)
      }),
      { numRuns: 150 },
    )
  })

  it('gives an error of ours for every prefix', () => {
    for (const value of fc.sample(values, { numRuns: 5, seed: 1 })) {
      const bytes = everything.encode(value as never)
      for (let end = 0; end < bytes.length; end++)
        expect(failure(() => everything.decode(bytes.subarray(0, end)))).toBeInstanceOf(WireError)
    }
  })

  it('gives an error of ours or the value of just these bytes for every flipped bit', () => {
    for (const value of fc.sample(values, { numRuns: 3, seed: 2 })) {
      const bytes = everything.encode({ ...(value as object), float: 1, double: 1 } as never)
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const flipped = Buffer.from(bytes)
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        let back: unknown
        try {
          back = everything.decode(flipped)
        } catch (error) {
          if (!(error instanceof WireError)) throw error
          continue
        }
        if (!everything.encode(back as never).equals(flipped)) expect.fail(`bit ${bit}: another message`)
      }
    }
  })
})

function failure(step: () => unknown): unknown {
  try {
    step()
  } catch (error) {
    return error
  }
  return undefined
}

const walkedForm = { version: 0, flexible: false, way: 'walked' } as const

function walkedBytes(type: Xdr<unknown>, value: unknown): Buffer {
  const to = new Writer()
  type.kind.codec(walkedForm).write(to, value)
  return Buffer.concat(to.finish())
}

function walkedValue(type: Xdr<unknown>, bytes: Buffer): unknown {
  return type.kind.codec(walkedForm).read(new Reader(bytes))
}
