// Where a consumer of a stream begins, and what it wants of it (RabbitMQ's streams guide).

import { describe, expect, it } from 'vitest'
import type { FieldValue } from '../../broker/field-value.ts'
import type { Message } from '../../broker/queues/message.ts'
import { FILTER_HEADER, filterOf, startOf } from './stream-start.ts'

const NOW = 1_000_000_000
const at = (value: FieldValue) => startOf(new Map([['x-stream-offset', value]]), NOW)

describe('x-stream-offset', () => {
  it.each([
    ['first', { at: 'first' }],
    ['last', { at: 'last' }],
    ['next', { at: 'next' }],
    [7, { at: 'offset', offset: 7 }],
    [7n, { at: 'offset', offset: 7 }],
    [new Date(5000), { at: 'time', timeMs: 5000 }],
    ['1h', { at: 'time', timeMs: NOW - 3_600_000 }],
    ['2D', { at: 'time', timeMs: NOW - 172_800_000 }],
  ] as const)('%s', (value, start) => {
    expect(at(value)).toEqual(start)
  })

  it('is next when it is not given', () => {
    expect(startOf(new Map(), NOW)).toEqual({ at: 'next' })
  })

  it.each(['firstly', '5', '1x', -1, 1.5, true, 2n ** 60n])('refuses %s', value => {
    expect(() => at(value)).toThrow(/invalid x-stream-offset/)
  })
})

describe('x-stream-filter', () => {
  const message = (value?: string) =>
    ({
      headers: value === undefined ? [] : [{ key: FILTER_HEADER, value: Buffer.from(value) }],
    }) as unknown as Message
  const taken = (args: [string, FieldValue][]) => {
    const filter = filterOf(new Map(args))
    return ['red', 'blue', undefined].filter(value => filter?.(message(value)) ?? true)
  }

  it.each<[string, [string, FieldValue][], (string | undefined)[]]>([
    ['nothing given', [], ['red', 'blue', undefined]],
    ['one value', [['x-stream-filter', 'red']], ['red']],
    ['a list', [['x-stream-filter', ['red', 'blue']]], ['red', 'blue']],
    [
      'with what has none',
      [
        ['x-stream-filter', 'red'],
        ['x-stream-match-unfiltered', true],
      ],
      ['red', undefined],
    ],
  ])('%s', (_, args, expected) => {
    expect(taken(args)).toEqual(expected)
  })

  it('refuses what is no text', () => {
    expect(() => filterOf(new Map([['x-stream-filter', 7]]))).toThrow(/invalid x-stream-filter/)
  })
})
