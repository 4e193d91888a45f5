// Field values: what is kept comes back, and equality looks at what values say.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  Decimal,
  type FieldValue,
  fieldValueFromJson,
  fieldValueToJson,
  sameFields,
  sameFieldValue,
} from './field-value.ts'

const { value } = fc.letrec<{ value: FieldValue }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double().filter(one => !Object.is(one, -0)), // JSON has one zero
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
    fc.string(),
    fc.uint8Array().map(bytes => Buffer.from(bytes)),
    fc.integer({ min: 0, max: 4_000_000_000_000 }).map(ms => new Date(ms)),
    fc.tuple(fc.nat(255), fc.integer()).map(([scale, unscaled]) => new Decimal(scale, unscaled)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.string(), tie('value')), { maxLength: 4 })
      .map(entries => new Map(entries.filter(([name]) => name !== '__proto__'))),
  ),
}))

describe('field values', () => {
  it('come back from JSON as they were', () => {
    fc.assert(
      fc.property(value, one => {
        const back = fieldValueFromJson(JSON.parse(JSON.stringify(fieldValueToJson(one))))
        expect(back).toEqual(one)
        expect(Number.isNaN(one) || sameFieldValue(one, back) || hasNaN(one)).toBe(true)
      }),
    )
  })

  const unlike: readonly (readonly [FieldValue, FieldValue])[] = [
    [1, '1'],
    [1, true],
    [null, 0],
    [Buffer.from('a'), 'a'],
    [new Date(1), 1],
    [[1], [1, 2]],
    [new Decimal(1, 10), new Decimal(2, 100)],
    [new Map([['a', 1]]), new Map([['b', 1]])],
  ]
  it.each(unlike)('%s and %s are not the same', (a, b) => {
    expect(sameFieldValue(a, b)).toBe(false)
    expect(sameFieldValue(b, a)).toBe(false)
  })

  it('are the same in tables whatever the order', () => {
    const a = new Map<string, FieldValue>([
      ['x', 1],
      ['y', [Buffer.from('b'), null]],
    ])
    expect(sameFields(a, new Map([...a].reverse()))).toBe(true)
  })
})

function hasNaN(one: FieldValue): boolean {
  if (Array.isArray(one)) return one.some(hasNaN)
  if (one instanceof Map) return [...one.values()].some(hasNaN)
  return Number.isNaN(one)
}
