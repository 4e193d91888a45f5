// Field tables: each letter, what numbers become, what is refused, and that edited tables keep every other byte.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Decimal, type FieldValue } from '../../../broker/field-value.ts'
import { Reader, WireError } from '../../../bytes/index.ts'
import { limits } from '../limits.ts'
import { fieldTable } from './arbitrary.contract.ts'
import { editTable, encodeTable, readTable, tableHas } from './table.ts'

/** A table of one entry `a` with this value. */
function one(value: string): Buffer {
  const entry = Buffer.concat([Buffer.from([1, 0x61]), Buffer.from(value, 'hex')])
  return Buffer.concat([uint32(entry.length), entry])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function read(bytes: Buffer): ReadonlyMap<string, FieldValue> {
  return readTable(new Reader(bytes))
}

const letters: readonly (readonly [string, string, FieldValue])[] = [
  ['S text', '53000000026869', 'hi'],
  ['S that is not UTF-8', '5300000001ff', Buffer.from([0xff])],
  ['I', '49fffffffe', -2],
  ['i', '69fffffffe', 0xfffffffe],
  ['D', '44020000013a', new Decimal(2, 314)],
  ['T', '54000000006553f100', new Date('2023-11-14T22:13:20Z')],
  ['T beyond any Date', '54000007dba8218001', 8_640_000_000_001],
  ['T beyond 2^53', '54ffffffffffffffff', 2n ** 64n - 1n],
  ['F', '460000000401' + '62' + '7401', new Map([['b', true]])],
  ['A', '4100000004' + '62ff' + '42ff', [-1, 255]],
  ['b', '62ff', -1],
  ['B', '42ff', 255],
  ['s', '73ffff', -1],
  ['u', '75ffff', 65535],
  ['l', '6cffffffffffffffff', -1],
  ['L, the same', '4cffffffffffffffff', -1],
  ['l at 2^53 - 1', '6c001fffffffffffff', Number.MAX_SAFE_INTEGER],
  ['l beyond', '6c0020000000000000', 2n ** 53n],
  ['l at its least', '6c8000000000000000', -(2n ** 63n)],
  ['f', '663fc00000', 1.5],
  ['d', '643ff8000000000000', 1.5],
  ['d that is no number', '647ff8000000000000', Number.NaN],
  ['t', '7401', true],
  ['t, any octet but 0', '7402', true],
  ['V', '56', null],
  ['x', '780000000201ff', Buffer.from([1, 255])],
]

describe('reading (RabbitMQ errata, field table types)', () => {
  it.each(letters)('%s', (_title, hex, value) => {
    const bytes = one(hex)
    const from = new Reader(bytes)
    expect(readTable(from)).toEqual(new Map([['a', value]]))
    expect(from.remaining).toBe(0)
    expect(tableHas(bytes, name => name === 'a')).toBe(true)
    expect(tableHas(bytes, name => name === 'b')).toBe(false)
  })

  it('takes a table of amqplib', () => {
    const hex =
      '00000071016162010162530000000178036269676c00000001000000000166643ff800000000000001747401016e560362696e780000000201ff02617454000000006553f1000364656344020000013a046c697374410000000a6201530000000374776f036d61704600000008016b530000000176'
    expect([...read(Buffer.from(hex, 'hex'))]).toEqual([
      ['a', 1],
      ['b', 'x'],
      ['big', 2 ** 32],
      ['f', 1.5],
      ['t', true],
      ['n', null],
      ['bin', Buffer.from([1, 255])],
      ['at', new Date('2023-11-14T22:13:20Z')],
      ['dec', new Decimal(2, 314)],
      ['list', [1, 'two']],
      ['map', new Map([['k', 'v']])],
    ])
  })

  it.each([
    ['an unknown letter', one('5a00'), "no type 'Z'", 6],
    ['a letter that cannot be shown', one('0000'), 'no type 0x0', 6],
    ['a table that ends too late', Buffer.from('0000000501617401', 'hex'), 'needed', 4],
    ['a value that goes on beyond its table', Buffer.from('00000004016149000000ff', 'hex'), 'needed', 7],
    ['a table inside that goes on beyond its own', one('46000000ff'), 'needed', 11],
    ['a name without a value', Buffer.from('000000020161', 'hex'), 'needed', 6],
    ['a name that is not UTF-8', Buffer.from('0000000401ff7401', 'hex'), 'UTF-8', 5],
  ])('refuses %s', (_title, bytes, words, offset) => {
    expect(() => read(bytes)).toThrow(words)
    expect(() => read(bytes)).toThrow(expect.objectContaining({ name: 'WireError', offset }))
    expect(() => tableHas(bytes, () => false)).toThrow(WireError)
  })

  it('refuses tables too deep, also when they are passed over', () => {
    const nested = (depth: number): Buffer =>
      depth === 1 ? one('56') : one(`46${nested(depth - 1).toString('hex')}`)
    expect(read(nested(limits.tableDepthMax)).size).toBe(1)
    const tooDeep = nested(limits.tableDepthMax + 1)
    expect(() => read(tooDeep)).toThrow('more than 32 deep')
    expect(() => tableHas(tooDeep, () => false)).toThrow('more than 32 deep')
  })

  it('refuses more entries than the limit, nested ones counted', () => {
    const nulls = (count: number) => one(`41${uint32(count).toString('hex')}${'56'.repeat(count)}`)
    expect(read(nulls(limits.tableElementsMax - 1)).size).toBe(1)
    expect(() => read(nulls(limits.tableElementsMax))).toThrow('more than 16384 entries')
  })

  it('does not keep the memory of the frame', () => {
    const bytes = one('780000000201ff')
    const value = read(bytes).get('a')
    bytes.fill(0)
    expect(value).toEqual(Buffer.from([1, 255]))
  })
})

describe('writing', () => {
  it.each<[string, FieldValue, string]>([
    ['a text', 'hi', '53000000026869'],
    ['a 32-bit integer', -2, '49fffffffe'],
    ['an integer beyond 32 bits', 2 ** 31, '6c0000000080000000'],
    ['an integer below 32 bits', -(2 ** 31) - 1, '6cffffffff7fffffff'],
    ['a number with a fraction', 1.5, '643ff8000000000000'],
    ['a number beyond 2^53', 2 ** 60, '6443b0000000000000'],
    ['minus zero', -0, '648000000000000000'],
    ['a small bigint, which asks for 64 bits', 3n, '6c0000000000000003'],
    [
      'a bigint beyond 64 bits, as text',
      2n ** 63n,
      `5300000013${Buffer.from('9223372036854775808').toString('hex')}`,
    ],
    ['bytes', Buffer.from([1, 255]), '780000000201ff'],
    ['a time', new Date(1999), '540000000000000001'],
    ['a time before 1970, as its seconds', new Date(-1000), '6cffffffffffffffff'],
    ['a Date without a time', new Date(Number.NaN), '56'],
    ['a decimal', new Decimal(2, -314), '4402fffffec6'],
    ['false', false, '7400'],
    ['null', null, '56'],
    ['an array', [1, null], '4100000006490000000156'],
    ['a table', new Map([['b', true]]), '46000000040162' + '7401'],
  ])('%s', (_title, value, hex) => {
    expect(encodeTable(new Map([['a', value]])).toString('hex')).toBe(one(hex).toString('hex'))
  })

  it('refuses a name above 255 bytes', () => {
    expect(() => encodeTable(new Map([['x'.repeat(256), 1]]))).toThrow('256 bytes is above the limit of 255')
  })

  it('refuses what it would not read', () => {
    let deep: FieldValue = null
    for (let n = 0; n <= limits.tableDepthMax; n++) deep = [deep]
    expect(() => encodeTable(new Map([['a', deep]]))).toThrow('more than 32 deep')
  })

  it('gives back what was written', () => {
    fc.assert(
      fc.property(fieldTable, table => {
        expect(read(encodeTable(table))).toEqual(table)
      }),
      { seed: 1, numRuns: 300 },
    )
  })
})

describe('editing', () => {
  it('keeps the bytes of every entry that stays', () => {
    const kept = one('73ffff').subarray(4)
    const dropped = Buffer.concat([Buffer.from([1, 0x62]), Buffer.from('5300000001ff', 'hex')])
    const bytes = Buffer.concat([uint32(kept.length * 2 + dropped.length), kept, dropped, kept])
    const edited = editTable(bytes, name => name === 'b', new Map([['c', true]]))
    expect(edited).toEqual(
      Buffer.concat([uint32(kept.length * 2 + 4), kept, kept, Buffer.from('01637401', 'hex')]),
    )
  })

  it('is the same as editing the values', () => {
    fc.assert(
      fc.property(fieldTable, fieldTable, (table, add) => {
        const edited = read(editTable(encodeTable(table), name => name === '' || add.has(name), add))
        const expected = new Map([...table].filter(([name]) => name !== '' && !add.has(name)))
        expect(edited).toEqual(new Map([...expected, ...add]))
      }),
      { seed: 1, numRuns: 100 },
    )
  })
})
