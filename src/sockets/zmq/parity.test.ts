// The drop-in against the original: every class, property and method that `zeromq` 6 exports is here under the same name,
// and defaults are the same.

import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import * as original from 'zeromq'
import * as ours from './index.ts'

const draft = createRequire(import.meta.url)('zeromq/draft') as object

type Class = new () => object
const inherited = new Set(['constructor'])

function members(prototype: object | null): string[] {
  if (prototype === null || prototype === Object.prototype) return []
  const own = Object.getOwnPropertyNames(prototype).filter(name => !inherited.has(name))
  return [...new Set([...own, ...members(Object.getPrototypeOf(prototype))])].sort()
}

const classes = [
  ...['Pair', 'Publisher', 'Subscriber', 'Request', 'Reply', 'Dealer', 'Router', 'Pull', 'Push'],
  ...['XPublisher', 'XSubscriber', 'Stream', 'Observer', 'Proxy', 'Context'],
]
const drafts = ['Server', 'Client', 'Radio', 'Dish', 'Gather', 'Scatter']
/** What the original carries for its native half. */
const internal = new Set([
  'emitter',
  'setStringOption',
  'join',
  'leave',
  'send',
  'receive',
  'getBoolOption',
  'setBoolOption',
  'getInt32Option',
  'setInt32Option',
])

function classIn(module: object, name: string): Class {
  return (module as Readonly<Record<string, Class>>)[name] as Class
}

describe('posthorn/zeromq has what zeromq has', () => {
  it('exports', () => {
    const missing = Object.keys(original).filter(name => !(name in ours) && name !== 'default')
    expect(missing).toEqual([])
    expect(Object.keys(ours.capability).sort()).toEqual(Object.keys(original.capability).sort())
  })

  it.each([...classes, ...drafts])('members of %s', name => {
    const theirs = classIn(drafts.includes(name) ? draft : original, name)
    const mine = classIn(ours, name)
    const has = new Set(members(mine.prototype))
    expect(members(theirs.prototype).filter(one => !has.has(one) && !internal.has(one))).toEqual([])
  })

  it.each([...classes.slice(0, 12), ...drafts])('defaults of %s', name => {
    const Theirs = classIn(drafts.includes(name) ? draft : original, name)
    const theirs = new Theirs() as Record<string, unknown> & { close(): void }
    const mine = new (classIn(ours, name))() as Record<string, unknown> & { close(): void }
    const skipped = new Set([
      'context',
      'events',
      'affinity',
      'vmciBufferSize',
      'vmciBufferMinSize',
      'vmciBufferMaxSize',
      'vmciConnectTimeout',
      'readable',
      'writable',
      'lastEndpoint',
    ])
    for (const option of members(Object.getPrototypeOf(theirs))) {
      if (skipped.has(option)) continue
      let value: unknown
      try {
        value = theirs[option]
      } catch {
        continue // options that this build of libzmq refuses
      }
      if (typeof value === 'function' || value === undefined) continue
      expect([option, mine[option]]).toEqual([option, value])
    }
    mine.close()
    theirs.close()
  })

  it('an unknown option is an error, as is a wrong type', () => {
    expect(() => new ours.Push({ nonsense: 1 } as object)).toThrow(TypeError)
    expect(() => new ours.Push({ linger: 'long' } as object)).toThrow('Option value must be a number')
    expect(() => new ours.Push({ immediate: 1 } as object)).toThrow('Option value must be a boolean')
  })
})
