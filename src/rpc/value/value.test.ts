// Goal: what goes in comes out as from structuredClone, with the same sharing and cycles; where it differs on purpose, as
// the headers say; and no bytes do anything else than give a value or a WireError.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Reader, WireError, Writer } from '../../bytes/index.ts'
import { cyclicGraph, identical } from './graphs.contract.ts'
import { hostile } from './hostile.contract.ts'
import { type Reference, type ValueLimits, ValueReader, ValueWriter, valueLimits } from './index.ts'

function encoded(...values: readonly unknown[]): Buffer {
  const to = new Writer()
  const writer = new ValueWriter(to)
  for (const value of values) writer.write(value)
  return Buffer.concat(to.finish())
}

function decoded(bytes: Buffer, limits?: Partial<ValueLimits>): unknown {
  const from = new Reader(bytes)
  const value = new ValueReader(from, undefined, { ...valueLimits, ...limits }).read()
  expect(from.remaining).toBe(0)
  return value
}

function copy(value: unknown): unknown {
  return decoded(encoded(value))
}

/** An array with a hole at 1 and a property that is no element. */
function oddArray(): unknown[] {
  const array: unknown[] = [1]
  array[2] = 3
  return Object.assign(array, { extra: 'yes', 4294967295: 'no index' })
}

function views(): unknown {
  const memory = new ArrayBuffer(16)
  return [memory, new Uint8Array(memory, 4, 4), new Float64Array(memory), new DataView(memory, 1, 3)]
}

function viewsFirst(): unknown {
  const whole = new Int32Array([1, 2, 3])
  return [whole, new Uint8Array(whole.buffer, 4, 4), whole.buffer, whole]
}

class Point {
  readonly x = 1
  get sum(): number {
    return this.x
  }
}

const asStructuredClone: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['booleans', [true, false]],
  ['whole numbers', [0, 1, 127, 128, 2 ** 31, 2 ** 32 - 1, 2 ** 32, -1, -128, -(2 ** 31), -(2 ** 31) - 1]],
  ['other numbers', [-0, 0.5, Number.NaN, Infinity, -Infinity, Number.MAX_SAFE_INTEGER, Number.MIN_VALUE]],
  ['bigints', [0n, 1n, -1n, 255n, 256n, -256n, -257n, 2n ** 64n, -(2n ** 64n), 12345678901234567890n]],
  ['text', ['', 'a', 'é', 'ÿĀ', 'a'.repeat(63), 'a'.repeat(64), 'é'.repeat(64), '€', '😀', '\0']],
  ['text that is no well-formed UTF-16', ['\ud800', 'a\udc00b', `${'x'.repeat(100)}\ud83d`]],
  ['boxed primitives', [Object(true), Object(-0), Object('é'), Object(10n)]],
  ['dates', [new Date(0), new Date(-1.5), new Date(8.64e15), new Date(Number.NaN)]],
  ['patterns', [/a+/giu, /[/]\n/, /(?:)/, /(?<n>x)/dsy]],
  [
    'a Map',
    new Map<unknown, unknown>([
      ['a', 1],
      [{ b: 2 }, new Map()],
      [Number.NaN, -0],
    ]),
  ],
  ['a Set', new Set<unknown>([1, 'a', [2], new Set()])],
  ['an array with holes and properties', oddArray()],
  ['a long array of holes', new Array(100_000)],
  ['a pattern match', 'abc'.match(/(?<first>.)b/)],
  ['objects', [{}, { a: 1, 'a b': 2, 3: 4, '': 5 }, { a: { a: { a: 1 } } }]],
  ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 })],
  ['an instance of a class', new Point()],
  [
    'a property called __proto__',
    JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1, "toString": 2}'),
  ],
  [
    'all views',
    [
      new Int8Array([-1]),
      new Uint8Array([255]),
      new Uint8ClampedArray([300]),
      new Int16Array([-300]),
      new Uint16Array([65535]),
      new Int32Array([-70000]),
      new Uint32Array([2 ** 32 - 1]),
      new Float32Array([1.5]),
      new Float64Array([0.1, Number.NaN]),
      new BigInt64Array([-1n]),
      new BigUint64Array([2n ** 64n - 1n]),
      new DataView(new ArrayBuffer(3)),
    ],
  ],
  ['views over one buffer', views()],
  ['a buffer after the view over the whole of it', viewsFirst()],
  ['empty memory', [new ArrayBuffer(0), new Uint8Array(0), new Float64Array(0)]],
  ['bytes of many sizes', [0, 1, 48, 49, 64, 128, 129, 5000].map(size => new Uint8Array(size).fill(7))],
  [
    'records',
    Array.from({ length: 100 }, (_, id) => ({ id, name: `n${id}`, tags: ['x'], at: { x: id, y: -id } })),
  ],
  ['more shapes than are numbered', Array.from({ length: 200 }, (_, n) => ({ [`key${n % 100}`]: n }))],
  [
    'standard errors',
    [new Error('a'), new TypeError('b'), new RangeError(''), new Error('c', { cause: { d: 1 } })],
  ],
]

describe('as structured clone', () => {
  it.each(asStructuredClone)('%s', (_title, value) => {
    identical(copy(value), structuredClone(value))
  })

  it('sharing and cycles, within an argument and from one to another', () => {
    const shared = { name: 'shared' }
    const cycle: Record<string, unknown> = { shared, map: new Map(), set: new Set() }
    cycle.self = cycle
    ;(cycle.map as Map<unknown, unknown>).set(cycle, shared)
    ;(cycle.set as Set<unknown>).add(cycle)
    identical(copy([cycle, shared]), structuredClone([cycle, shared]))

    const from = new Reader(encoded(cycle, 1, shared))
    const reader = new ValueReader(from)
    const [first, , third] = [reader.read(), reader.read(), reader.read()]
    expect((first as typeof cycle).shared).toBe(third)
  })

  it('any value of fast-check', () => {
    const any = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      withUnicodeString: true,
    } as fc.ObjectConstraints)
    fc.assert(
      fc.property(any, value => identical(copy(value), structuredClone(value))),
      { numRuns: 500 },
    )
  })

  // Not beside structuredClone itself, which fails at an error that is its own cause.
  it('any graph', () => {
    fc.assert(
      fc.property(cyclicGraph, graph => identical(copy(graph), graph)),
      { numRuns: 500 },
    )
  })
})

describe('other than structured clone', () => {
  it.each([10, 20_000])('Buffers of %i bytes are written to without a trace in another', size => {
    const arrived = decoded(encoded([Buffer.alloc(size, 1), Buffer.alloc(size, 2)])) as Buffer[]
    arrived[0]?.fill(7)
    expect(arrived).toEqual([Buffer.alloc(size, 7), Buffer.alloc(size, 2)])
  })

  it('a short Buffer does not hold the memory of a long message', () => {
    const [short] = decoded(encoded([Buffer.from('abc'), 'x'.repeat(100_000)])) as [Buffer]
    expect(short.buffer.byteLength).toBeLessThanOrEqual(Buffer.poolSize)
  })

  it('a Buffer arrives as a Buffer, which shares with nothing of the message', () => {
    const memory = new ArrayBuffer(4)
    const [arrived, view, zeros] = copy([
      Buffer.from(memory),
      new Uint8Array(memory),
      Buffer.from('abc'),
    ]) as Buffer[]
    expect([Buffer.isBuffer(arrived), Buffer.isBuffer(view), zeros?.toString()]).toEqual([true, false, 'abc'])
    if (view !== undefined) view[0] = 1
    expect(arrived?.[0]).toBe(0)
  })

  it('an error keeps its properties and its name, and shows no stack', () => {
    class LedgerError extends TypeError {
      override readonly name = 'LedgerError'
      readonly code = 'LEDGER_CLOSED'
      readonly retry = (): void => undefined
    }
    const arrived = copy(
      new LedgerError('closed', { cause: new AggregateError([1, new Error('x')], 'many') }),
    )
    expect(arrived).toBeInstanceOf(TypeError)
    expect(arrived).toMatchObject({ message: 'closed', name: 'LedgerError', code: 'LEDGER_CLOSED' })
    expect(Object.keys(arrived as object)).toEqual(['code'])
    const { stack, cause } = arrived as LedgerError
    expect(stack).toBe('LedgerError: closed')
    expect(cause).toBeInstanceOf(AggregateError)
    expect((cause as AggregateError).errors[1]).toMatchObject({ message: 'x' })
  })

  it('an error shows its stack if the writer is told so', () => {
    const to = new Writer()
    const error = new Error('here')
    new ValueWriter(to, undefined, { stacks: true }).write(error)
    expect((decoded(Buffer.concat(to.finish())) as Error).stack).toBe(error.stack)
  })

  it('a DOMException', () => {
    const arrived = copy(AbortSignal.abort().reason)
    expect(arrived).toBeInstanceOf(DOMException)
    expect(arrived).toMatchObject({ name: 'AbortError', code: 20 })
  })

  it('an object without its content', () => {
    const to = new Writer()
    const writer = new ValueWriter(to)
    for (const one of [new Float64Array(3).fill(1), [1, 2], new Map([[1, 2]]), { a: 1 }, new ArrayBuffer(5)])
      writer.writeEmpty(one)
    const reader = new ValueReader(new Reader(Buffer.concat(to.finish())))
    identical(
      [reader.read(), reader.read(), reader.read(), reader.read(), reader.read()],
      [new Float64Array(3), [], new Map(), {}, new ArrayBuffer(5)],
    )
  })
})

describe('references', () => {
  it('stand for what cannot be copied', () => {
    const callback = (): number => 1
    const home = { a: 1 }
    const to = new Writer()
    const referenceOf = (value: object) =>
      value === callback ? { kind: 7, id: 300 } : value === home ? { kind: 255, id: 0 } : undefined
    new ValueWriter(to, { referenceOf }).write({ callback, homes: [home, home] })
    const incoming = { valueOf: ({ kind, id }: Reference): unknown => `${kind}/${id}` }
    const reader = new ValueReader(new Reader(Buffer.concat(to.finish())), incoming)
    expect(reader.read()).toEqual({ callback: '7/300', homes: ['255/0', '255/0'] })
  })
})

const refused: readonly (readonly [string, unknown, string, string])[] = [
  [
    'a function',
    { user: { callback: () => 1 } },
    'VALUE_NOT_CLONEABLE',
    'args[0].user.callback: a function cannot',
  ],
  ['a symbol', [1, { 'a b': Symbol('x') }], 'VALUE_NOT_CLONEABLE', 'args[0][1]["a b"]: a symbol cannot'],
  [
    'a Promise',
    new Map([['p', Promise.resolve()]]),
    'VALUE_NOT_CLONEABLE',
    'args[0].get("p"): a Promise cannot',
  ],
  ['a WeakMap', new Set([new WeakMap()]), 'VALUE_NOT_CLONEABLE', 'args[0].values()[0]: a WeakMap cannot'],
  ['a boxed symbol', Object(Symbol('x')), 'VALUE_NOT_CLONEABLE', 'args[0]: a symbol cannot'],
  [
    'shared memory',
    [new SharedArrayBuffer(1)],
    'VALUE_NOT_CLONEABLE',
    'args[0][0]: a SharedArrayBuffer cannot',
  ],
  ['memory that is gone', transferred(), 'VALUE_NOT_CLONEABLE', 'args[0]: its memory was transferred away'],
  ['a long linked list', list(501), 'VALUE_TOO_DEEP', 'nested deeper than 500'],
  ['a very long linked list', list(100_000), 'VALUE_TOO_DEEP', 'nested deeper than 500'],
  ['a large bigint', { n: 1n << 100_000n }, 'VALUE_TOO_LARGE', 'args[0].n: a bigint of 12501 bytes'],
  [
    'a long pattern',
    new RegExp('a'.repeat(10_001)),
    'VALUE_TOO_LARGE',
    'a RegExp of more than 10000 characters',
  ],
]

function transferred(): ArrayBuffer {
  const memory = new ArrayBuffer(8)
  structuredClone(memory, { transfer: [memory] })
  return memory
}

function list(length: number): unknown {
  let head: unknown
  for (let n = 0; n < length; n++) head = { next: head }
  return head
}

describe('what is not written', () => {
  it.each(refused)('%s', (_title, value, code, message) => {
    expect(() => encoded(value)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })

  it('a list of just the depth goes', () => {
    identical(copy(list(500)), list(500))
  })

  it('names the argument, and what the caller calls it', () => {
    const writer = new ValueWriter(new Writer())
    writer.write(1)
    expect(() => writer.write({ f: encoded })).toThrow('args[1].f: ')
    expect(() => writer.write({ f: encoded }, 'result')).toThrow('result.f: ')
  })
})

const bad: readonly (readonly [title: string, hex: string, why: string, limits?: Partial<ValueLimits>])[] = [
  ['nothing', '', '1 bytes are needed'],
  ['an unknown tag', 'ff', 'no value has the tag 255'],
  ['text that ends early', '8361', '3 bytes are needed'],
  ['a length beyond the message', 'daffffffff0f00', '4294967295 bytes are needed'],
  ['text that is no UTF-8', 'ca02c328', 'not well-formed'],
  ['an array longer than its bytes', 'd00501', '5 values in the 1 bytes'],
  ['a node that never came', 'cc00', 'node 0 is referred'],
  ['a shape that never came', 'd300', 'shape 0 is named'],
  ['a key twice', 'd205028161816101 02', 'has a key twice'],
  ['a shape longer than its keys', 'd20501816181610102', 'do not fill'],
  ['a Map with a key twice', 'd40201010102', 'a Map has a key twice'],
  ['a Set with a value twice', 'd5020101', 'a Set has a value twice'],
  ['a Date that cannot be', 'd67ff0000000000000', 'the time of no Date'],
  ['a Date between milliseconds', 'd63fe0000000000000', '0.5 is the time of no Date'],
  ['a RegExp with a bad pattern', 'd7812880', 'Unterminated group'],
  ['a RegExp with bad flags', 'd78161827878', 'Invalid flags'],
  ['a view of an unknown kind', 'db0d0100', 'no view has the kind 13'],
  ['a view with half an element', 'db0703000000', 'elements of 4 bytes'],
  ['a view beyond its memory', 'd002d8020000dc01010003', 'a view to byte 3 over memory of 2 bytes'],
  ['a view over no memory', 'd001dc01000000', 'no memory to share'],
  ['an error of an unknown class', 'dd08d20100', 'no class of errors has the number 8'],
  ['an error whose message is no text', 'dd00d20901876d65737361676501', 'the message of an error is no text'],
  ['an object in a box', 'dfd000', 'only a primitive'],
  ['a reference where nobody takes them', 'cd0100', 'a reference where there can be none'],
  ['an index beyond the array', 'd101010200', 'index 2 of an array'],
  ['length as a property', 'd101000186 6c656e67746801', 'a property that its elements have'],
  ['holes without end', 'd1ffffffff0f0000', '1000000 elements of arrays with holes'],
  ['zeros without end', 'e001ffffffff0f', '16777216 bytes of zero'],
  ['a large bigint', 'c70a00000000000000000000', 'a bigint of 10 bytes', { bigintBytesMax: 9 }],
  ['too deep', 'd001d001d000', 'nested deeper than 2', { depthMax: 2 }],
  ['too many objects', 'd002d000d000', 'more than 2 objects', { nodesMax: 2 }],
  ['too many entries', 'd50201 02', 'more than 2 objects', { nodesMax: 2 }],
]

describe('what is not read', () => {
  it.each(bad.map(([title, hex, why, limits]) => ({ title, hex, why, limits })))('$title', bytes => {
    const read = () => decoded(Buffer.from(bytes.hex.replaceAll(' ', ''), 'hex'), bytes.limits)
    expect(read).toThrow(WireError)
    expect(read).toThrow(bytes.why)
  })

  it('__proto__ is a property, and nothing of Object.prototype changes', () => {
    const arrived = copy(JSON.parse('{"__proto__": {"polluted": true}}'))
    expect(Object.getPrototypeOf(arrived)).toBe(Object.prototype)
    expect(Object.hasOwn(arrived as object, '__proto__')).toBe(true)
    expect('polluted' in {}).toBe(false)
  })

  it('any bytes, and any valid message with bytes changed, give a value or a WireError', () => {
    expect(hostile(3000, 1)).toBeGreaterThan(0)
  })
})
