// Patterns: what they match, against JavaScript's own engine where both know the syntax, what is refused, and that no
// pattern takes long.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { thrownBy } from '../scene.contract.ts'
import { compilePattern } from './pattern.ts'

describe('a pattern matches whole names', () => {
  it.each([
    ['orders', ['orders'], ['order', 'orders2', 'xorders']],
    ['orders.*', ['orders', 'orders.eu'], ['my.orders']],
    ['^a|b$', ['a', 'b'], ['ab', 'c']],
    ['(foo|bar)+[0-9]{2,3}', ['foo12', 'barfoo123'], ['foo1', 'foo1234', '12']],
    ['[^a-c_\\-.]x?', ['d', 'dx'], ['a', '-', '.', 'dxx']],
    ['\\w+\\.\\d', ['ab_1.2'], ['a-b.2', 'a.b']],
    ['(?i)Orders', ['ORDERS', 'orders'], ['other']],
    ['(?:a{2}){2}', ['aaaa'], ['aa', 'aaa']],
    ['', [''], ['a']],
    ['a||b', ['a', 'b', ''], ['ab']],
    ['a{0}', [''], ['a']],
    ['[a-]+', ['a-a'], ['b']],
  ])('%s', (pattern, yes, no) => {
    const { matches } = compilePattern(pattern)
    expect(yes.filter(matches)).toEqual(yes)
    expect(no.filter(matches)).toEqual([])
  })

  it('as JavaScript does, for patterns of small pieces', () => {
    const piece = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '(a|b)', '(ab)', '(a|)', '\\w')
    const part = fc
      .tuple(piece, fc.constantFrom('', '*', '+', '?', '{2}', '{1,2}', '{0,}'))
      .map(([one, many]) => one + many)
    const pattern = fc.array(part, { maxLength: 6 }).map(parts => parts.join(''))
    const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 })
    fc.assert(
      fc.property(pattern, name, (source, text) => {
        expect(compilePattern(source).matches(text)).toBe(new RegExp(`^(?:${source})$`).test(text))
      }),
    )
  })
})

describe('a pattern is refused', () => {
  it.each([
    '(',
    ')',
    '[a',
    '*a',
    'a**',
    'a{3,1}',
    '\\',
    '\\p{L}',
    '(?=a)',
    '[b-a]',
    '[[:alpha:]]',
    'x'.repeat(1025),
  ])('%s', source => {
    expect(thrownBy(() => compilePattern(source))).toBe('PATTERN_INVALID')
  })

  it.each(['(((a{99}){99}){99}){99}', '((((){9999}){9999}){9999}a){9999}', '('.repeat(200)])(
    '%s, for its size',
    source => {
      expect(thrownBy(() => compilePattern(source))).toBe('PATTERN_INVALID')
    },
  )
})

it('time grows with steps times characters, where backtracking would not end', () => {
  expect(compilePattern('(a+)+b').matches('a'.repeat(249))).toBe(false)
  expect(compilePattern(`${'a*'.repeat(200)}b`).matches('a'.repeat(249))).toBe(false)
})
