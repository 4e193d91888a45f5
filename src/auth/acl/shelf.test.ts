// What a decision has to look at: the entries that shelf.covering gives for two principals, out of ten thousand.

import { describe, expect, it } from 'vitest'
import { type AclBinding, EVERYBODY } from './binding.ts'
import { Shelf } from './shelf.ts'

function entry(change: Partial<AclBinding>): AclBinding {
  return {
    resourceType: 'topic',
    patternType: 'literal',
    resourceName: 'orders',
    principal: 'User:ann',
    host: '*',
    operation: 'read',
    permission: 'allow',
    ...change,
  }
}

function seen(shelf: Shelf, name: string): AclBinding[] {
  return shelf.covering(name).flatMap(of => ['User:ann', EVERYBODY].flatMap(who => of.get(who) ?? []))
}

describe('a shelf of ten thousand entries', () => {
  const crowds: readonly [string, (at: number) => Partial<AclBinding>][] = [
    ['as many literal names', at => ({ resourceName: `t-${at}` })],
    ['as many prefixes', at => ({ resourceName: `t-${at}-`, patternType: 'prefixed' })],
    ['as many users of one topic', at => ({ principal: `User:u${at}` })],
    ['as many users of all topics', at => ({ principal: `User:u${at}`, resourceName: '*' })],
    [
      'as many users of one prefix',
      at => ({ principal: `User:u${at}`, resourceName: 'o', patternType: 'prefixed' }),
    ],
  ]

  it.each(crowds)('shows a decision only what concerns it: %s', (_title, crowd) => {
    const shelf = new Shelf()
    for (let at = 0; at < 10_000; at++) shelf.add(entry(crowd(at)))
    const mine = [
      entry({ operation: 'write' }),
      entry({ principal: EVERYBODY, resourceName: '*' }),
      entry({ patternType: 'prefixed', resourceName: 'ord' }),
    ]
    for (const one of mine) shelf.add(one)
    expect(new Set(seen(shelf, 'orders'))).toEqual(new Set(mine))
    expect([...shelf.ofPrincipal(EVERYBODY)]).toEqual([mine[1]])
  })

  it('is empty again once all were removed', () => {
    const shelf = new Shelf()
    const all = Array.from({ length: 100 }, (_, at) =>
      entry({ resourceName: 'o'.repeat(1 + (at % 10)), patternType: 'prefixed', host: `10.0.0.${at}` }),
    )
    for (const one of all) shelf.add(one)
    expect(shelf.covering('oooooooooo')).toHaveLength(10)
    for (const one of all) shelf.remove(one)
    expect(shelf.covering('oooooooooo')).toEqual([])
    expect([...shelf.ofPrincipal('User:ann')]).toEqual([])
  })
})
