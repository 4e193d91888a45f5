// Topic exchanges: tables from RabbitMQ's own documentation and its test of the topic matcher (rabbit_exchange_type_topic),
// and a property: the trie agrees with a plain matcher written from the definition.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noFields } from '../field-value.ts'
import { RECENT_KEYS_MIN } from './recent-routes.ts'
import { TopicRouter } from './topic.ts'

function routed(router: TopicRouter<string>, routingKey: string): string[] {
  const into = new Set<string>()
  router.route({ routingKey, headers: noFields }, into)
  return [...into].sort()
}

/** Bindings t1 to t26 of RabbitMQ's own test. */
const patterns = [
  'a.b.c',
  'a.*.c',
  'a.#.b',
  'a.b.b.c',
  '#',
  '#.#',
  '*',
  '#.*',
  '*.#',
  'a.*',
  '*.b',
  '*.*',
  '#.a.#',
  'a.#.*',
  '#.b',
  'a.#.b.*',
  '*.a',
  '#.*.#',
  '#.#.#',
  '*.#.a',
  'a.*.*.#',
  '#.*.#.#',
  'a.#.#',
  '.',
  '.a',
  'a.',
  '',
  'b.b.c',
  '#.c',
  '*.*.*',
  'vodka.martini',
  'a.b.c.*',
]

function matches(pattern: readonly string[], key: readonly string[]): boolean {
  const [first, ...rest] = pattern
  if (first === undefined) return key.length === 0
  if (first === '#') return matches(rest, key) || (key.length > 0 && matches(pattern, key.slice(1)))
  return key.length > 0 && (first === '*' || first === key[0]) && matches(rest, key.slice(1))
}
const words = (text: string): string[] => (text === '' ? [] : text.split('.'))

describe('a topic exchange', () => {
  it.each([
    ['quick.orange.rabbit', ['*.orange.*', '*.*.rabbit']],
    ['lazy.orange.elephant', ['*.orange.*', 'lazy.#']],
    ['lazy', ['lazy.#']],
    ['lazy.orange.new.rabbit', ['lazy.#']],
    ['orange', []],
    ['', []],
  ])('routes %j to %j', (key, expected) => {
    const router = new TopicRouter<string>()
    for (const pattern of ['*.orange.*', '*.*.rabbit', 'lazy.#']) router.bind(pattern, noFields, pattern)
    expect(routed(router, key)).toEqual([...expected].sort())
  })

  it.each([
    'a.b.c',
    'a.b',
    'a.b.b',
    '',
    'b.c.c',
    'a.a.a.a.a',
    'vodka.gin',
    'vodka.martini',
    'b.b.c',
    'nothing.here.at.all',
    'oneword',
    '.',
    'a.',
    '.a',
    'a..b',
  ])('agrees with the definition for %j', key => {
    const router = new TopicRouter<string>()
    for (const pattern of patterns) router.bind(pattern, noFields, pattern)
    expect(routed(router, key)).toEqual(patterns.filter(one => matches(words(one), words(key))).sort())
  })

  it('agrees with the definition for any patterns, also after some are unbound', () => {
    const word = fc.constantFrom('a', 'b', '', '*', '#')
    const pattern = fc.array(word, { maxLength: 6 }).map(list => list.join('.'))
    const key = fc.array(fc.constantFrom('a', 'b', '', 'c'), { maxLength: 6 }).map(list => list.join('.'))
    fc.assert(
      fc.property(fc.uniqueArray(pattern, { maxLength: 12 }), fc.nat(), key, (list, drop, text) => {
        const router = new TopicRouter<string>()
        for (const one of list) router.bind(one, noFields, one)
        const kept = list.filter((_one, at) => (drop >> at) % 2 === 0)
        for (const one of list) if (!kept.includes(one)) router.unbind(one, noFields, one)
        expect(router.size).toBe(kept.length)
        expect(routed(router, text)).toEqual(kept.filter(one => matches(words(one), words(text))).sort())
      }),
      { numRuns: 300 },
    )
  })

  it('gives a destination once, and keeps it until its last binding goes', () => {
    const router = new TopicRouter<string>()
    router.bind('a.#', noFields, 'q')
    router.bind('#', noFields, 'q')
    router.bind('a.b', noFields, 'q')
    router.bind('a.b', noFields, 'q')
    expect(routed(router, 'a.b')).toEqual(['q'])
    router.unbind('#', noFields, 'q')
    router.unbind('a.#', noFields, 'q')
    router.unbind('a.b', noFields, 'q')
    router.unbind('a.b.c', noFields, 'q')
    router.unbind('a.b', noFields, 'other')
    expect(routed(router, 'a.b')).toEqual(['q'])
    router.unbind('a.b', noFields, 'q')
    expect([router.size, routed(router, 'a.b')]).toEqual([0, []])
  })

  it.each([
    ['few', 0],
    ['many', RECENT_KEYS_MIN + 500],
  ])('remembers keys within its bound, and never what no longer is, with %s patterns', (_, others) => {
    const router = new TopicRouter<string>()
    for (let n = 0; n < others; n++) router.bind(`other.${n}.#`, noFields, 'other')
    router.bind('*.even', noFields, 'e')
    router.bind('#', noFields, 'all')
    const keys = Array.from(
      { length: (RECENT_KEYS_MIN + others) * 2 + 1 },
      (_, n) => `${n}.${n % 2 === 0 ? 'even' : 'odd'}`,
    )
    const expected = (key: string) => (key.endsWith('even') ? ['all', 'e'] : ['all'])
    // More keys than are remembered put it to rest; twenty rounds wake it again.
    for (let round = 0; round < 20; round++)
      for (const key of keys) if (routed(router, key).length !== expected(key).length) throw new Error(key)
    expect(routed(router, '0.even')).toEqual(['all', 'e'])
    router.bind('0.even', noFields, 'zero')
    expect(routed(router, '0.even')).toEqual(['all', 'e', 'zero'])
    router.unbind('*.even', noFields, 'e')
    expect(routed(router, '0.even')).toEqual(['all', 'zero'])
  })

  it('walks many `#` in the number of nodes, not of ways', () => {
    const router = new TopicRouter<string>()
    const hostile = Array.from({ length: 40 }, () => '#.a').join('.')
    router.bind(`${hostile}.b`, noFields, 'never')
    router.bind(hostile, noFields, 'q')
    expect(routed(router, Array.from({ length: 120 }, () => 'a').join('.'))).toEqual(['q'])
  })
})
