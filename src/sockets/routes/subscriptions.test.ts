// The trie of subscriptions against the obvious: a list of (prefix, peer) pairs and startsWith.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Subscriptions } from './subscriptions.ts'

const bytes = (text: string): Buffer => Buffer.from(text)

describe('Subscriptions', () => {
  it('finds a peer once, by every prefix of the topic, the empty one too', () => {
    const table = new Subscriptions<string>()
    for (const [prefix, peer] of [
      ['', 'all'],
      ['ab', 'x'],
      ['abc', 'x'],
      ['abd', 'y'],
      ['b', 'z'],
    ] as const)
      table.add(bytes(prefix), peer)
    expect([...table.match(bytes('abcd'))].sort()).toEqual(['all', 'x'])
    expect([...table.match(bytes('a'))]).toEqual(['all'])
    expect([...table.match(bytes('abd'))].sort()).toEqual(['all', 'x', 'y'])
  })

  it('counts: as many cancels as subscriptions; a stranger cancels nothing', () => {
    const table = new Subscriptions<string>()
    expect(table.add(bytes('a'), 'x')).toEqual({ isFirst: true, isNew: true })
    expect(table.add(bytes('a'), 'x')).toEqual({ isFirst: false, isNew: false })
    expect(table.add(bytes('a'), 'y')).toEqual({ isFirst: false, isNew: true })
    expect(table.remove(bytes('a'), 'x')).toEqual({ isLast: false, isGone: false })
    expect(table.remove(bytes('a'), 'x')).toEqual({ isLast: false, isGone: true })
    expect(table.remove(bytes('a'), 'x')).toBeUndefined()
    expect(table.remove(bytes('a'), 'y')).toEqual({ isLast: true, isGone: true })
    expect(table.isEmpty).toBe(true)
  })

  it('forgets a peer whose prefixes nest very deeply', () => {
    const table = new Subscriptions<string>()
    for (let length = 0; length < 4000; length++) table.add(Buffer.alloc(length), 'x')
    table.removeAll('x')
    expect(table.isEmpty).toBe(true)
  })

  it('does what a list of pairs does, whatever comes', () => {
    const topic = fc.array(fc.constantFrom(0, 1, 255), { maxLength: 5 }).map(all => Buffer.from(all))
    const peer = fc.constantFrom('x', 'y', 'z')
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), prefix: topic, peer }),
      fc.record({ kind: fc.constant('remove' as const), prefix: topic, peer }),
      fc.record({ kind: fc.constant('leave' as const), peer }),
      fc.record({ kind: fc.constant('match' as const), prefix: topic }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const table = new Subscriptions<string>()
        let pairs: { prefix: Buffer; peer: string }[] = []
        const holds = (prefix: Buffer): boolean => pairs.some(one => one.prefix.equals(prefix))
        for (const one of steps) {
          if (one.kind === 'add') {
            expect(table.add(one.prefix, one.peer).isFirst).toBe(!holds(one.prefix))
            pairs.push(one)
          } else if (one.kind === 'remove') {
            const at = pairs.findIndex(pair => pair.peer === one.peer && pair.prefix.equals(one.prefix))
            if (at >= 0) pairs.splice(at, 1)
            const outcome = table.remove(one.prefix, one.peer)
            expect(outcome?.isLast).toBe(at < 0 ? undefined : !holds(one.prefix))
          } else if (one.kind === 'leave') {
            const gone: string[] = []
            table.removeAll(one.peer, prefix => gone.push(prefix.toString('hex')))
            const before = pairs
            pairs = pairs.filter(pair => pair.peer !== one.peer)
            const lost = before.filter(pair => !holds(pair.prefix)).map(pair => pair.prefix.toString('hex'))
            expect(gone.sort()).toEqual([...new Set(lost)].sort())
          } else {
            const wanted = pairs.filter(pair =>
              one.prefix.subarray(0, pair.prefix.length).equals(pair.prefix),
            )
            expect([...table.match(one.prefix)].sort()).toEqual(
              [...new Set(wanted.map(pair => pair.peer))].sort(),
            )
          }
          const kept = new Set(pairs.map(pair => pair.prefix.toString('hex')))
          expect([...table.prefixes()].map(prefix => prefix.toString('hex')).sort()).toEqual([...kept].sort())
        }
      }),
    )
  })
})
