// Random values of everything.x, within what C can hold: text without zero bytes, numbers that are numbers.

import fc from 'fast-check'
import { colour, type everything, type tree } from './everything.ts'

const int = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff })
const uint = fc.nat(0xffff_ffff)
const int64 = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)
const uint64 = fc.bigInt(0n, 2n ** 64n - 1n)
const short = fc.integer({ min: -0x8000, max: 0x7fff })
const point = fc.record({ x: int, y: short })
const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength })
/** At most 64 bytes, none of them zero, which would end it in C. */
const text = fc.string({ unit: 'binary', maxLength: 16 }).map(one => one.replaceAll('\0', ''))
const trees = fc.letrec<{ tree: tree }>(tie => ({
  tree: fc.record({
    left: fc.option(tie('tree'), { nil: undefined, maxDepth: 4 }),
    value: int,
    right: fc.option(tie('tree'), { nil: undefined, maxDepth: 4 }),
  }),
})).tree

/** Any value of `everything`. */
export const messages: fc.Arbitrary<everything> = fc.record({
  a: int,
  b: uint,
  c: int64,
  d: uint64,
  e: fc.float({ noNaN: true }),
  f: fc.double({ noNaN: true }),
  g: fc.boolean(),
  h: fc.constantFrom(colour.RED, colour.GREEN, colour.BLUE),
  i: fc.integer({ min: -0x80, max: 0x7f }),
  j: fc.nat(0xff),
  k: short,
  l: fc.nat(0xffff),
  m: bytes(5, 5),
  n: bytes(0, 40),
  o: text,
  p: fc.array(int, { minLength: 3, maxLength: 3 }),
  q: fc.array(point, { maxLength: 4 }),
  r: fc.oneof(
    fc.record({ kind: fc.constant(0 as const), wide: int64 }),
    fc.record({ kind: fc.constantFrom(1 as const, 2 as const), words: text }),
    fc.record({ kind: fc.integer({ min: 3, max: 0x7fff_ffff }) }),
  ),
  s: fc.oneof(
    fc.record({ hue: fc.constant(colour.RED), at: point }),
    fc.record({ hue: fc.constant(colour.GREEN) }),
    fc.record({ hue: fc.constant(colour.BLUE), weight: fc.double({ noNaN: true }) }),
  ),
  t: fc.oneof(
    fc.record({ flag: fc.constant(true as const), bytes: bytes(0, 40) }),
    fc.record({ flag: fc.constant(false as const), count: uint }),
  ),
  u: fc.option(point, { nil: undefined }),
  v: fc.array(fc.record({ name: text, value: int }), { maxLength: 8 }),
  w: trees,
  x: uint64,
})
