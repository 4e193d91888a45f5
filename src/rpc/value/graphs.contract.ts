// For tests: graphs of objects with sharing and cycles, and whether two graphs are the same in content and identity.

import fc from 'fast-check'
import { expect } from 'vitest'

type Kind = 'object' | 'array' | 'map' | 'set' | 'bytes' | 'date' | 'error'

interface Recipe {
  readonly kinds: readonly Kind[]
  /** What is put where: container, the child by its number, or a primitive. */
  readonly links: readonly (readonly [into: number, child: number, primitive: unknown])[]
}

const recipe: fc.Arbitrary<Recipe> = fc.record({
  kinds: fc.array(
    fc.constantFrom<Kind>('object', 'array', 'map', 'set', 'bytes', 'date', 'error', 'object'),
    {
      minLength: 1,
      maxLength: 14,
    },
  ),
  links: fc.array(
    fc.tuple(
      fc.nat(100),
      fc.nat(140),
      fc.oneof(fc.integer(), fc.string(), fc.constant(undefined), fc.double()),
    ),
    { maxLength: 40 },
  ),
})

/** A graph from which every node that matters can be reached, with cycles. */
export const cyclicGraph: fc.Arbitrary<object> = recipe.map(built)

function built({ kinds, links }: Recipe): object {
  const nodes = kinds.map(made)
  for (const [n, [into, child, primitive]] of links.entries()) {
    const container = nodes[into % nodes.length] as object
    put(container, n, child < nodes.length * 3 ? nodes[child % nodes.length] : primitive)
  }
  return nodes[0] as object
}

function made(kind: Kind, n: number): object {
  switch (kind) {
    case 'object':
      return {}
    case 'array':
      return []
    case 'map':
      return new Map()
    case 'set':
      return new Set()
    case 'bytes':
      return new Uint16Array(n * 3)
    case 'date':
      return new Date(n)
    case 'error':
      return new RangeError(`number ${n}`, { cause: n })
  }
}

/** Puts a child into a container in the way of its kind. */
export function put(container: object, n: number, child: unknown): void {
  if (Array.isArray(container)) container.push(child)
  else if (container instanceof Map) container.set(n % 3 === 0 ? child : `key${n % 7}`, child)
  else if (container instanceof Set) container.add(child)
  else if (ArrayBuffer.isView(container)) (container as Uint16Array)[n % 5] = n
  else if (container instanceof Date) container.setTime(n)
  else if (container instanceof Error) container.cause = child
  else (container as Record<string, unknown>)[`p${n % 9}`] = child
}

/** Fails unless both are equal, and wherever one has the same object twice, the other has. */
export function identical(actual: unknown, expected: unknown): void {
  pair(actual, expected, new Map(), new Map(), '$')
}

type Pairs = Map<object, object>

function pair(actual: unknown, expected: unknown, there: Pairs, back: Pairs, path: string): void {
  if (typeof expected !== 'object' || expected === null || typeof actual !== 'object' || actual === null) {
    if (!Object.is(actual, expected)) expect.fail(`${path}: ${String(actual)} is not ${String(expected)}`)
    return
  }
  if (there.has(actual) || back.has(expected)) {
    if (there.get(actual) !== expected || back.get(expected) !== actual) expect.fail(`${path}: other sharing`)
    return
  }
  there.set(actual, expected)
  back.set(expected, actual)
  if (Object.getPrototypeOf(actual) !== Object.getPrototypeOf(expected)) expect.fail(`${path}: another class`)
  const [left, right] = [contents(actual), contents(expected)]
  if (left.length !== right.length) expect.fail(`${path}: ${left.length} parts, not ${right.length}`)
  for (const [n, [step, child]] of right.entries()) {
    if (left[n]?.[0] !== step) expect.fail(`${path}: ${left[n]?.[0]} is not ${step}`)
    pair(left[n]?.[1], child, there, back, `${path}.${step}`)
  }
}

/** Everything that an object holds, in order. */
function contents(value: object): readonly (readonly [string, unknown])[] {
  if (value instanceof Map)
    return [...value].flatMap(([key, child], n) => [
      [`key ${n}`, key] as const,
      [`value ${n}`, child] as const,
    ])
  if (value instanceof Set) return [...value].map((child, n) => [`${n}`, child])
  if (ArrayBuffer.isView(value)) return memory(value)
  if (value instanceof ArrayBuffer) return [['bytes', Buffer.from(value).toString('hex')]]
  if (value instanceof Date) return [['time', value.getTime()]]
  if (value instanceof RegExp)
    return [
      ['pattern', String(value)],
      ['last', value.lastIndex],
    ]
  if (value instanceof Error) return failure(value)
  const content = Object.entries(value)
  if (Array.isArray(value)) content.push(['length', value.length])
  if (
    value instanceof Number ||
    value instanceof String ||
    value instanceof Boolean ||
    value instanceof BigInt
  )
    content.push(['primitive', value.valueOf()])
  return content
}

function memory(view: ArrayBufferView): readonly (readonly [string, unknown])[] {
  return [
    ['buffer', view.buffer],
    ['offset', view.byteOffset],
    ['length', view.byteLength],
  ]
}

function failure(error: Error): readonly (readonly [string, unknown])[] {
  return [
    ['message', error.message],
    ['name', error.name],
    ['has cause', Object.hasOwn(error, 'cause')],
    ['cause', error.cause],
    ...Object.entries(error),
  ]
}
