// Field values as text and back.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Decimal, type FieldValue } from '../../broker/field-value.ts'
import { textOf, textTypeOf, textTypesIn, textValue } from './field-text.ts'
import { fieldValue } from './wire/arbitrary.contract.ts'
import { encodeTable } from './wire/table.ts'

describe('a value as text', () => {
  it.each<[string, FieldValue, string | null, string | undefined]>([
    ['a text', 'hi', 'hi', undefined],
    ['a number', 5, '5', 'int'],
    ['a fraction', 1.5, '1.5', 'double'],
    ['minus zero', -0, '-0', 'double'],
    ['no number', Number.NaN, 'NaN', 'double'],
    ['a large integer', 2n ** 60n, '1152921504606846976', 'long'],
    ['a flag', true, 'true', 'boolean'],
    ['nothing', null, null, 'null'],
    ['a time', new Date(1500), '1500', 'time'],
    ['a decimal', new Decimal(2, -314), '-314e-2', 'decimal'],
    ['a list', [1, 'a'], '[1,"a"]', 'list'],
    ['a table', new Map([['a', 1]]), '{"$table":{"a":1}}', 'map'],
  ])('%s', (_title, value, text, type) => {
    expect(textOf(value)?.toString() ?? null).toBe(text)
    expect(textTypeOf(value)).toBe(type)
  })

  it('is bytes where the value is', () => {
    expect(textOf(Buffer.from([255]))).toEqual(Buffer.from([255]))
    expect(textTypeOf(Buffer.from([255]))).toBe('binary')
  })

  it('becomes the value again by its type', () => {
    fc.assert(
      fc.property(fieldValue, value => {
        const type = textTypeOf(value)
        if (type !== undefined) expect(textValue(textOf(value), type)).toEqual(value)
      }),
      { seed: 1, numRuns: 300 },
    )
  })
})

describe('a text that anybody may have written', () => {
  it.each([
    ['boolean', 'yes'],
    ['int', '1.5'],
    ['int', '9007199254740993'],
    ['long', '1e5'],
    ['long', '9'.repeat(41)],
    ['double', 'much'],
    ['time', 'now'],
    ['time', '9e15'],
    ['decimal', '1.5'],
    ['decimal', '9999999999e-2'],
    ['decimal', '1e-256'],
    ['list', '{'],
    ['list', '{"$table":{}}'],
    ['list', '[{}]'],
    ['list', '[{"$int":"x"}]'],
    ['list', '[{"$decimal":[300,1]}]'],
    ['list', '[{"$decimal":[]}]'],
    ['list', '['.repeat(40) + ']'.repeat(40)],
    ['list', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['map', '[]'],
    ['map', `{"$table":{"${'x'.repeat(256)}":1}}`],
    ['unheard-of', 'x'],
  ])('is no %s: %.40s', (type, text) => {
    expect(textValue(Buffer.from(text), type)).toBeUndefined()
  })

  it('makes no value that cannot be sent', () => {
    const types = ['boolean', 'int', 'long', 'double', 'time', 'decimal', 'list', 'map', 'binary', 'null']
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), fc.constantFrom(...types), (text, type) => {
        const value = textValue(Buffer.from(text), type)
        if (value !== undefined) encodeTable(new Map([['a', value]]))
      }),
      { seed: 1, numRuns: 300 },
    )
  })
})

describe('the types beside the texts', () => {
  it.each([
    ['{"a":"int","b":5}', [['a', 'int']]],
    ['[]', []],
    ['null', []],
    ['{', []],
  ])('in %s', (json, types) => {
    expect([...textTypesIn([{ key: 'amqp.types', value: Buffer.from(json) }])]).toEqual(types)
  })

  it('are none where there is no such header', () => {
    expect(textTypesIn([{ key: 'amqp.types', value: null }]).size).toBe(0)
    expect(textTypesIn([]).size).toBe(0)
  })
})
