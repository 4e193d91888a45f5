import { describe, expect, it } from 'vitest'
import { type Columns, displayed, exported, type Json, jsonText, printable } from './columns.ts'
import { csvLine } from './csv.ts'
import { rowWriter } from './row-writer.ts'
import { recordLines, Table } from './table.ts'
import { cut, padded, widthOf } from './width.ts'
import { yamlText } from './yaml.ts'

describe('CSV (RFC 4180)', () => {
  it.each([
    [['a', 1, true, null], 'a,1,true,'],
    [['a,b', 'say "hi"', 'two\nlines'], '"a,b","say ""hi""","two\nlines"'],
    [[' padded ', ''], '" padded ",'],
    [[{ a: [1, 2] }], '"{""a"":[1,2]}"'],
  ] as [Json[], string][])('writes %j', (values, line) => expect(csvLine(values)).toBe(line))
})

describe('YAML', () => {
  it.each([
    ['orders', 'orders\n'],
    ['two words', 'two words\n'],
    ['', '""\n'],
    ['yes', '"yes"\n'],
    ['NULL', '"NULL"\n'],
    ['12', '"12"\n'],
    ['1e3', '"1e3"\n'],
    ['0x10', '"0x10"\n'],
    ['2026-01-01', '"2026-01-01"\n'],
    ['a: b', '"a: b"\n'],
    ['a #b', '"a #b"\n'],
    ['- a', '"- a"\n'],
    ['trailing ', '"trailing "\n'],
    ['line\nline', '"line\\nline"\n'],
    ['grüße', '"grüße"\n'],
    ['\x7f\u2028', '"\\u007f\\u2028"\n'],
    [null, 'null\n'],
    [12.5, '12.5\n'],
    [Number.NaN, '.nan\n'],
    [Number.NEGATIVE_INFINITY, '-.inf\n'],
    [[], '[]\n'],
    [{}, '{}\n'],
    [{ a: [], b: {} }, 'a: []\nb: {}\n'],
    [[1, [2, 3]], '- 1\n- - 2\n  - 3\n'],
    [{ a: { b: [1, { c: 2, d: 3 }] } }, 'a:\n  b:\n    - 1\n    - c: 2\n      d: 3\n'],
    [{ 'a b': 1, on: 2, '1': undefined }, 'a b: 1\n"on": 2\n'],
  ] as [Json, string][])('writes %j', (value, text) => expect(yamlText(value)).toBe(text))
})

describe('a whole number beyond 2^53', () => {
  it('keeps all its digits in every format; a smaller bigint is a plain number', () => {
    expect(csvLine([2n ** 60n, 1n])).toBe('1152921504606846976,1')
    expect(yamlText([2n ** 60n, 1n])).toBe('- "1152921504606846976"\n- 1\n')
    expect(jsonText({ a: [2n ** 60n, 1n] })).toBe('{"a":["1152921504606846976",1]}')
  })
})

describe('a machine format', () => {
  const columns: Columns = { at: { type: 'time', summary: 'When' }, note: { type: 'json', summary: 'Any' } }

  it.each([
    ['json', '[]\n'],
    ['jsonl', ''],
    ['yaml', '[]\n'],
    ['csv', 'at,note\n'],
  ] as const)('writes no rows as %s', (format, text) => {
    const writer = rowWriter(format, columns)
    expect(writer.open() + writer.close(0)).toBe(text)
  })

  it('has the declared columns in their order, times as ISO 8601, and nothing else', () => {
    expect(jsonText(exported(columns, { note: [1n], at: 0, extra: 'x' }))).toBe(
      '{"at":"1970-01-01T00:00:00.000Z","note":[1]}',
    )
    expect(exported(columns, { at: Number.MAX_VALUE })).toEqual({ at: String(Number.MAX_VALUE), note: null })
  })
})

describe('a cell for people', () => {
  it.each([
    ['bytes', 2048, '2 KiB'],
    ['duration', 1500, '1.5 s'],
    ['time', 0, '1970-01-01T00:00:00.000Z'],
    ['string', null, '-'],
    ['json', { a: 1 }, '{"a":1}'],
    ['string', 'red \x1b[31m\r\n\u202e', 'red \\x1b[31m\\r\\n\\u202e'],
  ] as const)('of type %s shows %j as %s', (type, value, text) => {
    expect(displayed({ type, summary: '' }, value)).toBe(text)
  })

  it('keeps every printable character', () => {
    expect(printable('grüße 你好 👍')).toBe('grüße 你好 👍')
  })
})

describe('width', () => {
  it.each([
    ['abc', 3],
    ['grüße', 5],
    ['你好', 4],
    ['e\u0301', 1],
    ['👍', 2],
    ['\x1b[2mabc\x1b[22m', 3],
  ])('of %j is %i', (text, width) => expect(widthOf(text)).toBe(width))

  it('cuts with an ellipsis, never inside a wide character', () => {
    expect(cut('abcdef', 4)).toBe('abc…')
    expect(cut('abcd', 4)).toBe('abcd')
    expect(cut('你好吗', 4)).toBe('你…')
    expect(cut('abc', 0)).toBe('')
    expect(padded('你', 4)).toBe('你  ')
  })
})

describe('a table', () => {
  const columns: Columns = {
    name: { type: 'string', summary: 'Name' },
    partitionCount: { type: 'integer', summary: 'Partitions' },
    note: { type: 'string', summary: 'Note' },
    id: { type: 'string', summary: 'Id', wide: true },
  }
  const rows = [
    { name: '订单', partitionCount: 6, note: 'a rather long note about orders', id: 'x' },
    { name: 'a-topic-with-a-name', partitionCount: 12, note: 'short', id: 'y' },
  ]

  it('is aligned, numbers at the right', () => {
    const table = new Table(columns, rows)
    expect([table.header(), ...rows.map(row => table.row(row))]).toEqual([
      'NAME                 PARTITION COUNT  NOTE',
      '订单                               6  a rather long note about orders',
      'a-topic-with-a-name               12  short',
    ])
  })

  it.each([20, 30, 40, 50])('is never wider than a terminal of %i', limit => {
    const table = new Table(columns, rows, { limit, wide: true })
    for (const line of [table.header(), ...rows.map(row => table.row(row))])
      expect(widthOf(line)).toBeLessThanOrEqual(limit)
  })

  it('cuts texts before numbers, the widest first', () => {
    const table = new Table(columns, rows, { limit: 57 })
    expect(rows.map(row => table.row(row))).toEqual([
      '订单                               6  a rather long note…',
      'a-topic-with-a-name               12  short',
    ])
  })

  it('of one thing is a line a column', () => {
    expect(
      recordLines(columns, { name: 'a', partitionCount: 1, note: 'b', id: 'c' }, { wide: true }),
    ).toEqual(['NAME             a', 'PARTITION COUNT  1', 'NOTE             b', 'ID               c'])
  })
})
