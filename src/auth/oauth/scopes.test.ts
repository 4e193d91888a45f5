// What scopes allow, and what wildcards match.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SCOPES_MAX } from '../limits.ts'
import { grantOf } from './scopes.ts'
import { Wildcard } from './wildcard.ts'

describe('a wildcard', () => {
  it.each([
    ['*', '', true],
    ['*', 'a/b', true],
    ['a', 'a', true],
    ['a', 'ab', false],
    ['a*', 'abc', true],
    ['*a', 'ba', true],
    ['a*a', 'a', false],
    ['a*b*c', 'aXbYc', true],
    ['a*b*c', 'aXc', false],
    ['a*bc*c', 'abc', false],
    ['%2F', '/', true],
    ['%2A', '*', true],
    ['%2A', 'x', false],
    ['a+b', 'a b', true],
    ['s.%2a', 's.*', true],
  ])('%s and %s: %s', (pattern, name, answer) => {
    expect(Wildcard.parse(pattern)?.matches(name)).toBe(answer)
  })

  it('is none with a percent sign that encodes nothing', () => {
    expect(Wildcard.parse('a%')).toBeUndefined()
    expect(Wildcard.parse('%ff')).toBeUndefined()
  })

  it('matches what the regular expression would', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
    const names = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 })
    fc.assert(
      fc.property(letters, names, (pattern, name) => {
        const expression = new RegExp(`^${pattern.replaceAll('*', '.*')}$`)
        expect(Wildcard.parse(pattern)?.matches(name)).toBe(expression.test(name))
      }),
    )
  })
})

describe('the claim scope', () => {
  const shown = (claim: unknown, aliases = {}) => {
    const { tags, rules } = grantOf(claim, { prefix: 'rs.', aliases })
    return { tags, kinds: rules.map(({ kind, routingKey }) => (routingKey ? `${kind} key` : kind)) }
  }

  it.each<[unknown, readonly string[], readonly string[]]>([
    ['rs.read:*/* rs.tag:management', ['management'], ['read']],
    [['rs.write:%2F/x/y', 'rs.configure:*/q'], [], ['write key', 'configure']],
    ['read:*/* other.read:*/* rs_read:*/*', [], []],
    ['rs.tag:a rs.tag:a rs.tag: rs.tag:b,c', ['a'], []],
    ['rs.read:* rs.read:*/ rs.read:/x rs.read:a/b/c/d rs.own:a/b rs.read:a/%', [], []],
    [undefined, [], []],
    [7, [], []],
    [['rs.tag:a', 7, null], ['a'], []],
  ])('%j', (claim, tags, kinds) => {
    expect(shown(claim)).toEqual({ tags, kinds })
  })

  it('may name others by an alias', () => {
    expect(shown('boss toString', { boss: ['rs.tag:administrator', 'rs.read:*/*', 'no'] })).toEqual({
      tags: ['administrator'],
      kinds: ['read'],
    })
  })

  it('is looked at up to a limit', () => {
    expect(shown(Array.from({ length: SCOPES_MAX + 1 }, () => 'rs.read:*/*')).kinds).toHaveLength(SCOPES_MAX)
  })
})
