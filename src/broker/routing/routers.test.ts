// Exchanges other than topics: where each sends what, and what the hashing ones keep to.

import { describe, expect, it } from 'vitest'
import { ManualWorld } from '../../world/index.ts'
import { type FieldTable, type FieldValue, noFields } from '../field-value.ts'
import { exchangeKind, exchangeTypes } from './kinds.ts'
import type { Routed, Router } from './router.ts'

const world = new ManualWorld()
const context = { nameOf: (to: string) => to, random: () => world.random() }

function router(type: string, args: Record<string, FieldValue> = {}): Router<string> {
  const table = new Map(Object.entries(args))
  return exchangeKind(type, table).create(table, context)
}

function routed(to: Router<string>, message: Partial<Routed>): string[] {
  const into = new Set<string>()
  to.route({ routingKey: '', headers: noFields, ...message }, into)
  return [...into].sort()
}

const fields = (record: Record<string, FieldValue>): FieldTable => new Map(Object.entries(record))

describe('every type', () => {
  it.each(exchangeTypes)(
    '%s forgets a destination with its last binding, and nothing that was not bound',
    type => {
      const to = router(type, type === 'x-delayed-message' ? { 'x-delayed-type': 'direct' } : {})
      to.bind('1', noFields, 'q')
      to.bind('2', noFields, 'q')
      to.unbind('1', noFields, 'other')
      to.unbind('1', noFields, 'q')
      expect([to.size, routed(to, { routingKey: '2' })]).toEqual([1, ['q']])
      to.unbind('2', noFields, 'q')
      expect([to.size, routed(to, { routingKey: '2' })]).toEqual([0, []])
    },
  )
})

describe('direct and fanout', () => {
  it('direct goes by the key, fanout everywhere', () => {
    for (const [type, expected] of [
      ['direct', ['a', 'b']],
      ['fanout', ['a', 'b', 'c']],
    ] as const) {
      const to = router(type)
      to.bind('k', noFields, 'a')
      to.bind('k', noFields, 'b')
      to.bind('l', noFields, 'c')
      expect(routed(to, { routingKey: 'k' })).toEqual(expected)
    }
  })
})

describe('headers', () => {
  const message = { type: 'report', pages: 7, 'x-origin': 'eu', empty: null }
  it.each<[string, Record<string, FieldValue>, boolean]>([
    ['all by default', { type: 'report', pages: 7 }, true],
    ['all, one differs', { type: 'report', pages: 8 }, false],
    ['all, one is missing', { 'x-match': 'all', type: 'report', colour: 'red' }, false],
    ['all of nothing', {}, true],
    ['any', { 'x-match': 'any', type: 'letter', pages: 7 }, true],
    ['any, none', { 'x-match': 'any', type: 'letter', pages: 8 }, false],
    ['any of nothing', { 'x-match': 'any' }, false],
    ['another type of value', { pages: '7' }, false],
    ['presence', { type: null }, true],
    ['presence of what is missing', { colour: null }, false],
    ['x- is left out by all', { type: 'report', 'x-origin': 'us' }, true],
    ['x- is left out by any', { 'x-match': 'any', 'x-origin': 'eu' }, false],
    ['x- counts in all-with-x', { 'x-match': 'all-with-x', type: 'report', 'x-origin': 'us' }, false],
    ['x- counts in any-with-x', { 'x-match': 'any-with-x', type: 'letter', 'x-origin': 'eu' }, true],
  ])('%s', (_title, args, expected) => {
    const to = router('headers')
    to.bind('', fields(args), 'q')
    expect(routed(to, { headers: fields(message) })).toEqual(expected ? ['q'] : [])
  })

  it('finds a binding by its arguments in any order', () => {
    const to = router('headers')
    to.bind('', fields({ a: 1, b: fields({ c: 2, d: 3 }) }), 'q')
    to.unbind('', fields({ b: fields({ d: 3, c: 2 }), a: 1 }), 'q')
    expect(to.size).toBe(0)
  })
})

describe('consistent hash', () => {
  const keys = Array.from({ length: 20_000 }, (_, n) => `key-${n}`)
  const where = (to: Router<string>) => keys.map(routingKey => routed(to, { routingKey })[0] ?? 'nowhere')

  it('shares by weight, within three standard deviations', () => {
    const to = router('x-consistent-hash')
    for (const [queue, weight] of [
      ['a', '1'],
      ['b', '3'],
      ['c', '4'],
    ] as const)
      to.bind(weight, noFields, queue)
    const places = where(to)
    for (const [queue, share] of [
      ['a', 1 / 8],
      ['b', 3 / 8],
      ['c', 4 / 8],
    ] as const) {
      const off = Math.abs(places.filter(one => one === queue).length - keys.length * share)
      expect(off).toBeLessThan(3 * Math.sqrt(keys.length * share * (1 - share)))
    }
  })

  it('moves keys only to a new destination, and back when it goes', () => {
    const to = router('x-consistent-hash')
    for (const queue of ['a', 'b', 'c']) to.bind('2', noFields, queue)
    const before = where(to)
    to.bind('2', noFields, 'd')
    const during = where(to)
    const moved = during.filter((one, n) => one !== before[n])
    expect(new Set(moved)).toEqual(new Set(['d']))
    expect(moved.length / keys.length).toBeCloseTo(1 / 4, 1)
    to.unbind('2', noFields, 'd')
    expect(where(to)).toEqual(before)
  })

  it('hashes what its arguments name', () => {
    const byHeader = router('x-consistent-hash', { 'hash-header': 'user' })
    const byProperty = router('x-consistent-hash', { 'hash-property': 'message_id' })
    for (const queue of ['a', 'b', 'c', 'd'])
      for (const to of [byHeader, byProperty]) to.bind('1', noFields, queue)
    const alike = (of: (key: string) => string[]) => new Set(keys.slice(0, 50).flatMap(of)).size
    expect(alike(routingKey => routed(byHeader, { routingKey, headers: fields({ user: 5 }) }))).toBe(1)
    expect(alike(user => routed(byHeader, { headers: fields({ user }) }))).toBe(4)
    expect(alike(routingKey => routed(byProperty, { routingKey, property: () => 'm' }))).toBe(1)
    expect(alike(id => routed(byProperty, { property: () => id }))).toBe(4)
  })
})

describe('modulus hash and random', () => {
  it('modulus shares evenly and goes by the key alone', () => {
    const [one, other] = [router('x-modulus-hash'), router('x-modulus-hash')]
    for (const queue of ['a', 'b', 'c']) one.bind('', noFields, queue)
    for (const queue of ['c', 'a', 'b']) other.bind(queue, noFields, queue)
    const counts = new Map<string, number>()
    for (let n = 0; n < 3000; n++) {
      const [to = ''] = routed(one, { routingKey: `k${n}` })
      expect(routed(other, { routingKey: `k${n}` })).toEqual([to])
      counts.set(to, (counts.get(to) ?? 0) + 1)
    }
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(100)
  })

  it.each(['x-random', 'x-local-random'])('%s goes to one at a time, and to each in time', type => {
    const to = router(type)
    for (const queue of ['a', 'b', 'c', 'd']) to.bind('', noFields, queue)
    to.unbind('', noFields, 'b')
    const seen = Array.from({ length: 100 }, () => routed(to, {}))
    expect(seen.every(one => one.length === 1)).toBe(true)
    expect(new Set(seen.flat())).toEqual(new Set(['a', 'c', 'd']))
  })
})

describe('arguments', () => {
  it.each<[string, Record<string, FieldValue>, string]>([
    ['constructor', {}, 'EXCHANGE_TYPE_UNKNOWN'],
    ['x-delayed-message', {}, 'ARGUMENT_INVALID'],
    ['x-delayed-message', { 'x-delayed-type': 'x-delayed-message' }, 'ARGUMENT_INVALID'],
    ['x-consistent-hash', { 'hash-header': 'a', 'hash-property': 'message_id' }, 'ARGUMENT_INVALID'],
    ['x-consistent-hash', { 'hash-header': 1 }, 'ARGUMENT_INVALID'],
    ['x-consistent-hash', { 'hash-property': 'app_id' }, 'ARGUMENT_INVALID'],
  ])('of %s: %j are refused', (type, args, code) => {
    expect(() => exchangeKind(type, fields(args))).toThrow(expect.objectContaining({ code }))
  })

  it.each<[string, string, Record<string, FieldValue>]>([
    ['x-consistent-hash', '0', {}],
    ['x-consistent-hash', '1.5', {}],
    ['x-consistent-hash', '', {}],
    ['headers', '', { 'x-match': 'most' }],
    ['headers', '', { 'x-match': 1 }],
  ])('of a binding to %s: key %j, %j are refused', (type, key, args) => {
    expect(() => exchangeKind(type, noFields).checkBinding?.(key, fields(args), noFields)).toThrow(
      expect.objectContaining({ code: 'ARGUMENT_INVALID' }),
    )
  })
})
