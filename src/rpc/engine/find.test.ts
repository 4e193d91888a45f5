// What a name of the network may reach.

import { describe, expect, it } from 'vitest'
import { ByReference } from '../refs/by-reference.ts'
import { find, methodsOf } from './find.ts'

class Desk extends ByReference {
  own = (): string => 'state'
  open(): string {
    return 'open'
  }
}
class Base {
  inherited(): string {
    return 'inherited'
  }
}
class Office extends Base {
  readonly plain = { wipe: (): string => 'state' }
  readonly #desk = new Desk()
  get desk(): Desk {
    return this.#desk
  }
  get rooms(): { open(): string; deep: { er(): string } } {
    return { open: () => 'room', deep: { er: () => 'deeper' } }
  }
  get list(): unknown[] {
    return []
  }
  static made(): Office {
    return new Office()
  }
  add(): string {
    return 'add'
  }
  _hidden(): void {}
}

describe('a name', () => {
  it.each([
    ['add', 'add'],
    ['inherited', 'inherited'],
    ['desk.open', 'open'],
    ['rooms.open', 'room'],
    ['rooms.deep.er', 'deeper'],
  ])('reaches %s', (name, gives) => {
    const { self, method } = find(new Office(), name)
    expect(Reflect.apply(method, self, [])).toBe(gives)
  })

  it.each([
    ...[
      '',
      '.',
      'add.',
      '.add',
      'rooms',
      'rooms..open',
      'plain',
      'plain.wipe',
      'desk.own',
      '_hidden',
      '#desk',
      '#desk.open',
    ],
    ...[
      'constructor',
      'constructor.made',
      '__proto__',
      '__proto__.add',
      'prototype',
      'then',
      'toString',
      'valueOf',
    ],
    ...[
      'hasOwnProperty',
      '__defineGetter__',
      'add.call',
      'add.bind',
      'add.constructor',
      'list.push',
      'list.length',
    ],
    ...['made', 'rooms.__proto__.open', 'rooms.constructor', 'rooms.toString', 'missing', 'a'.repeat(1000)],
  ])('does not reach %s', name => {
    expect(() => find(new Office(), name)).toThrow('CALL_NO_METHOD')
  })

  it('does not reach what an object without a prototype, or a function, has from the language', () => {
    expect(() => find(Object.create(null), 'toString')).toThrow('CALL_NO_METHOD')
    expect(() => find(() => 1, 'call')).toThrow('CALL_NO_METHOD')
    expect(find(() => 1, '').self).toBeUndefined()
  })

  it('is listed when it can be reached, and only then', () => {
    const names = [...methodsOf(new Office()).keys()]
    expect(names).toEqual(['add', 'desk.open', 'inherited', 'rooms.deep.er', 'rooms.open'])
    for (const name of names) expect(() => find(new Office(), name)).not.toThrow()
  })
})

describe('a name that led somewhere before', () => {
  const call = (thing: object, name = 'run'): unknown => {
    const { self, method } = find(thing, name)
    return method.call(self)
  }

  it('leads to what is there now', () => {
    const thing: { run?: () => number } = { run: () => 1 }
    expect([call(thing), call(thing)]).toEqual([1, 1])
    thing.run = () => 2
    expect([call(thing), call(thing)]).toEqual([2, 2])
    delete thing.run
    expect(() => call(thing)).toThrow('CALL_NO_METHOD')
  })

  it('still does not lead to what an object of a class keeps', () => {
    class Counter {
      run(): number {
        return 1
      }
    }
    const counter = new Counter()
    expect(call(counter)).toBe(1)
    Object.assign(counter, { run: () => 2 })
    expect([call(counter), call(counter)]).toEqual([1, 1])
  })

  it('asks a getter, and a Proxy, once for each call', () => {
    let asked = 0
    const thing = {
      get run() {
        asked++
        return () => asked
      },
    }
    expect([call(thing), call(thing), call(thing)]).toEqual([1, 2, 3])
    const names: PropertyKey[] = []
    const get = (on: object, name: PropertyKey, self: unknown): unknown => {
      names.push(name)
      return Reflect.get(on, name, self)
    }
    const proxy = new Proxy({ run: () => 1 }, { get })
    expect([call(proxy), call(proxy)]).toEqual([1, 1])
    expect(names).toEqual(['run', 'run'])
  })
})
