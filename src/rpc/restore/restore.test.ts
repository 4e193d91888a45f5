// Goal: after a call with `inout` parameters the caller's graph is what a local call would have left, in content and
// identity; only what changed travels; and a peer cannot change anything else, nor anything by halves.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Reader, WireError, Writer } from '../../bytes/index.ts'
import { cyclicGraph, identical, put } from '../value/graphs.contract.ts'
import { ValueReader, ValueWriter } from '../value/index.ts'
import { directionOf, fullBytesOf, inout, markOf, out, readChanges, watchParameters } from './index.ts'

interface Call {
  readonly result: unknown
  readonly sentBytes: number
  readonly reply: Buffer
  readonly nodes: readonly object[]
}

/** A call with one marked parameter, as the engine makes it. */
function call<T extends object>(parameter: T, handler: (copy: T) => unknown, isOut = false): Call {
  const to = new Writer()
  const writer = new ValueWriter(to)
  if (isOut) writer.writeEmpty(parameter)
  else writer.write(parameter)
  const nodes = writer.nodes.slice()
  const { sentBytes, reply } = served(Buffer.concat(to.finish()), copy => handler(copy as T))
  const reader = new ValueReader(new Reader(reply))
  readChanges(reader, nodes, new Set(isOut ? [parameter] : [])).apply()
  return { result: reader.read(), sentBytes, reply, nodes }
}

function served(request: Buffer, handler: (copy: unknown) => unknown) {
  const reader = new ValueReader(new Reader(request))
  const copy = reader.read()
  const watch = watchParameters(reader.nodes.slice())
  const result = handler(copy)
  const to = new Writer()
  const writer = new ValueWriter(to)
  const { sentBytes } = watch.writeChanges(writer)
  writer.write(result)
  return { sentBytes, reply: Buffer.concat(to.finish()) }
}

describe('marks', () => {
  it('are recognised, and what cannot change cannot be marked', () => {
    const list = [1]
    const mark = markOf(inout(list))
    expect(mark?.value).toBe(list)
    expect(mark && directionOf(mark)).toBe('inout')
    expect(markOf(list)).toBeUndefined()
    expect(() => inout('text' as unknown as object)).toThrow('a string cannot change')
    expect(() => out(5 as unknown as object)).toThrow('a number cannot change')
    expect(() => out(new Date(0))).toThrow('mark this one with inout')
  })
})

describe('inout', () => {
  it('newlist = append(data, dbList)', () => {
    const list = [{ data: 'a' }, { data: 'b' }]
    const [first] = list
    const { result, sentBytes } = call(list, copy => {
      copy.push({ data: 'c' })
      return copy
    })
    expect(list).toEqual([{ data: 'a' }, { data: 'b' }, { data: 'c' }])
    expect(list[0]).toBe(first)
    expect(result).toBe(list)
    expect(sentBytes).toBeLessThan(fullBytesOf([list]))
  })

  it('nothing changed: one byte', () => {
    expect(call({ rows: new Array(1000).fill({ a: 1 }) }, () => undefined).sentBytes).toBe(1)
  })

  it('of a large array of bytes only what changed', () => {
    const bytes = new Float64Array(10_000)
    const { sentBytes } = call(bytes, copy => {
      copy[5000] = 1.5
    })
    expect(bytes[5000]).toBe(1.5)
    expect(sentBytes).toBeLessThan(12)
  })

  it('views over one buffer', () => {
    const bytes = new Uint8Array(8)
    const parameter = { bytes, words: new Uint16Array(bytes.buffer) }
    const { sentBytes } = call(parameter, copy => copy.words.fill(0x0101, 1, 2))
    expect([...bytes]).toEqual([0, 0, 1, 1, 0, 0, 0, 0])
    expect(sentBytes).toBe(7)
  })

  it('holes, deleted keys, and keys in another order', () => {
    const parameter: { list: unknown[]; record: Record<string, unknown> } = {
      list: [1, 2, 3],
      record: { a: 1, b: 2, c: 3 },
    }
    call(parameter, copy => {
      delete copy.list[1]
      copy.list.length = 5
      delete copy.record.a
      copy.record.a = 1
    })
    identical(parameter, { list: Object.assign(new Array(5), { 0: 1, 2: 3 }), record: { b: 2, c: 3, a: 1 } })
  })

  it('an instance of a class stays one', () => {
    class Account {
      balance = 1
    }
    const account = new Account()
    call({ account }, copy => {
      copy.account.balance = 5
    })
    expect(account).toEqual(Object.assign(new Account(), { balance: 5 }))
  })

  it('any graph after any changes is what a local call leaves', () => {
    const changes = fc.array(fc.tuple(fc.nat(50), fc.nat(60), fc.nat(4)), { maxLength: 12 })
    fc.assert(
      fc.property(cyclicGraph, changes, (graph, made) => {
        const local = clone(graph)
        change(local, made)
        call(graph, copy => change(copy, made))
        identical(graph, local)
      }),
      { numRuns: 500 },
    )
  })
})

describe('out', () => {
  it.each<[string, object, object, (copy: object) => unknown, object]>([
    [
      'bytes',
      new Uint8Array([1, 2, 3]),
      new Uint8Array(3),
      copy => (copy as Uint8Array).set([9], 1),
      new Uint8Array([0, 9, 0]),
    ],
    ['an array', [1, 2, 3], [], copy => (copy as number[]).push(7), [7]],
    [
      'a Map',
      new Map([[1, 1]]),
      new Map(),
      copy => (copy as Map<number, number>).set(2, 2),
      new Map([[2, 2]]),
    ],
    ['an object', { a: 1 }, {}, copy => Object.assign(copy, { b: 2 }), { b: 2 }],
  ])(
    '%s goes empty, and takes the content that the handler gave it',
    (_title, parameter, empty, handler, expected) => {
      call(
        parameter,
        copy => {
          identical(copy, empty)
          handler(copy)
        },
        true,
      )
      identical(parameter, expected)
    },
  )

  it('what the handler left alone stays as it was', () => {
    const parameter = [1]
    call(parameter, () => undefined, true)
    expect(parameter).toEqual([1])
  })
})

describe('what cannot be restored', () => {
  it.each([
    [
      'a frozen object',
      () => Object.freeze({ a: 1 }) as object,
      (copy: object) => Object.assign(copy, { a: 2 }),
    ],
    ['a frozen array', () => Object.freeze([1]) as object, (copy: object) => (copy as number[]).push(2)],
    [
      'a property without a setter',
      () =>
        ({
          get a() {
            return 1
          },
        }) as object,
      (copy: object) => Object.assign(copy, { a: 2 }),
    ],
  ])('%s: nothing at all is changed', (_title, make, handler) => {
    const parameter = { first: { n: 1 }, second: make() }
    expect(() =>
      call(parameter, copy => {
        copy.first.n = 2
        handler(copy.second)
      }),
    ).toThrow(expect.objectContaining({ code: 'VALUE_NOT_RESTORABLE' }))
    expect(parameter.first.n).toBe(1)
  })

  it.each([
    ['a parameter that does not exist', [{}], '010500', 'a change of no parameter'],
    ['the same one twice', [{}], '02000000000000', 'or a second one'],
    ['bytes beyond the end', [new Uint8Array(2)], '0100010102 0101', 'byte 3 of 2'],
    ['an element beyond the length', [[1]], '01000100010205', 'index 2 of an array of length 1'],
    ['length without end', [[1]], '0100ffffffff0f00000000', 'elements of arrays with holes'],
    ['a pattern', [/a/], '010000', 'what cannot change'],
    [
      'the length of an array as a property',
      [[]],
      '0100000000 01866c656e67746800',
      'a property that its elements have',
    ],
    ['a time that cannot be', [new Date(0)], '01007ff0000000000000', 'the time of no Date'],
  ])('a reply that names %s is refused', (_title, nodes, hex, why) => {
    const read = () =>
      readChanges(new ValueReader(new Reader(Buffer.from(hex.replaceAll(' ', ''), 'hex'))), nodes)
    expect(read).toThrow(WireError)
    expect(read).toThrow(why)
  })

  it('a reply cannot change the prototype of an object', () => {
    const target = {}
    const reply = Buffer.from('01000001895f5f70726f746f5f5fd2040182686905', 'hex')
    readChanges(new ValueReader(new Reader(reply)), [target]).apply()
    expect(Object.getPrototypeOf(target)).toBe(Object.prototype)
    expect(Object.getOwnPropertyDescriptor(target, '__proto__')?.value).toEqual({ hi: 5 })
  })

  it('any reply with bytes changed changes all or nothing, and throws only WireErrors', () => {
    const byte = fc.tuple(fc.nat(), fc.nat(255))
    fc.assert(
      fc.property(cyclicGraph, fc.array(byte, { minLength: 1, maxLength: 4 }), (graph, flips) => {
        const { reply, nodes } = call(clone(graph), copy =>
          change(copy, [
            [1, 2, 0],
            [3, 4, 1],
            [5, 6, 2],
          ]),
        )
        for (const [at, value] of flips) reply[at % reply.length] = value
        const untouched = clone(graph)
        expect(nodes.length).toBeGreaterThan(0)
        try {
          readChanges(new ValueReader(new Reader(reply)), nodesOf(graph))
        } catch (error) {
          if (!(error instanceof WireError)) throw error
        }
        identical(graph, untouched)
      }),
      { numRuns: 500 },
    )
  })
})

function clone<T>(value: T): T {
  const to = new Writer()
  new ValueWriter(to).write(value)
  return new ValueReader(new Reader(Buffer.concat(to.finish()))).read() as T
}

/** The nodes of a graph in the order of the wire. */
function nodesOf(graph: object): readonly object[] {
  const writer = new ValueWriter(new Writer())
  writer.write(graph)
  return writer.nodes
}

/** Changes a graph in ways that depend on its form only: links old and new objects, removes, overwrites. */
function change(
  graph: object,
  changes: readonly (readonly [into: number, child: number, how: number])[],
): void {
  const nodes = [...nodesOf(graph)]
  for (const [n, [into, child, how]] of changes.entries()) {
    const target = nodes[into % nodes.length] as object
    if (how === 0) remove(target, child)
    else if (how === 1) put(target, n, nodes[child % nodes.length])
    else if (how === 2) {
      const fresh = { fresh: n, old: nodes[child % nodes.length] }
      nodes.push(fresh)
      put(target, child, fresh)
    } else put(target, child, child)
  }
}

function remove(target: object, n: number): void {
  if (Array.isArray(target)) n % 2 === 0 ? target.shift() : delete target[n % 5]
  else if (target instanceof Map || target instanceof Set) target.delete([...target.keys()][n % 3])
  else if (!ArrayBuffer.isView(target) && !(target instanceof Date))
    Reflect.deleteProperty(target, Object.keys(target)[n % 3] ?? '')
}
