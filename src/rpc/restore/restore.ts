// The side of the caller: reads what the handler changed, and changes the caller's own objects alike. The layout is in
// watch.ts. All is read and checked before the first object is touched: a message that is wrong anywhere, or an object that
// cannot take its change, leaves everything as it was.

import { type Reader, WireError } from '../../bytes/index.ts'
import { countOf, define, isIndex } from '../value/containers.ts'
import { ValueError, type ValueReader } from '../value/index.ts'
import { readDate } from '../value/rare.ts'
import { readText } from '../value/text.ts'
import { bytesOf, isEnumerable, keysOf, kindOf } from './content.ts'

/** A change that was read and can be made. */
type Step = () => void

export interface Restoration {
  /** Objects of the caller that change. */
  readonly changed: number
  /** Makes the changes; once. */
  apply(): void
}

/**
 * Reads the changes of a call's parameters. `nodes` are those of the marked parameters, as the call's ValueWriter numbered
 * them; `emptied` are the objects that were marked `out`, which are emptied before they take their content. `reader` is a
 * new one: it learns the nodes here, and a result that is read with it afterwards may hold them. Throws WireError for bytes
 * that are wrong, ValueError VALUE_NOT_RESTORABLE for objects that are frozen, sealed or transferred away.
 */
export function readChanges(
  reader: ValueReader,
  nodes: readonly object[],
  emptied: ReadonlySet<object> = new Set(),
): Restoration {
  reader.seed(nodes)
  const count = countOf(reader.from)
  const seen = new Set<object>()
  const steps: Step[] = []
  for (let n = 0; n < count; n++) {
    const node = nodes[reader.from.uvarint()]
    if (node === undefined || seen.has(node))
      throw wrong(reader.from, 'a change of no parameter, or a second one')
    seen.add(node)
    steps.push(...stepsOf(reader, node, emptied.has(node)))
  }
  return {
    changed: count,
    apply: () => {
      for (const step of steps) step()
    },
  }
}

function stepsOf(reader: ValueReader, node: object, isOut: boolean): Step[] {
  switch (kindOf(node)) {
    case 'bytes':
      return bytesSteps(reader.from, node, isOut)
    case 'elements':
      return elementsSteps(reader, node as unknown[], isOut)
    case 'properties':
      return propertiesSteps(reader, node, isOut)
    case 'map':
      return mapSteps(reader, node as Map<unknown, unknown>)
    case 'set':
      return setSteps(reader, node as Set<unknown>)
    case 'time':
      return timeSteps(reader.from, node as Date)
    case 'fixed':
      throw wrong(reader.from, 'a change of what cannot change')
  }
}

function bytesSteps(from: Reader, node: object, isOut: boolean): Step[] {
  const bytes = presentBytes(node)
  const steps: Step[] = isOut ? [() => bytes.fill(0)] : []
  const ranges = countOf(from)
  let at = 0
  for (let n = 0; n < ranges; n++) {
    const start = at + from.uvarint()
    const length = from.uvarint()
    const content = from.take(length)
    if (start + length > bytes.length) throw wrong(from, `byte ${start + length} of ${bytes.length}`)
    steps.push(() => bytes.set(content, start))
    at = start + length
  }
  return steps
}

function presentBytes(node: object): Uint8Array {
  try {
    return bytesOf(node)
  } catch {
    throw stuck('its memory was transferred away')
  }
}

function elementsSteps(reader: ValueReader, node: unknown[], isOut: boolean): Step[] {
  const { from } = reader
  const length = from.uvarint()
  const holes = indexesOf(from, length)
  const count = countOf(from)
  reader.sparse(Math.max(0, length - node.length - count))
  const changes: (readonly [number, unknown])[] = []
  for (let n = 0; n < count; n++) changes.push([indexBelow(from, length), reader.read()])
  changeable(node)
  return [
    () => {
      if (isOut) node.length = 0
      node.length = length
      for (const n of holes) Reflect.deleteProperty(node, n)
      for (const [n, value] of changes) node[n] = value
    },
    ...propertiesSteps(reader, node, isOut),
  ]
}

function indexesOf(from: Reader, length: number): number[] {
  const count = countOf(from)
  const indexes: number[] = []
  for (let n = 0; n < count; n++) indexes.push(indexBelow(from, length))
  return indexes
}

function indexBelow(from: Reader, length: number): number {
  const index = from.uvarint()
  if (index >= length) throw wrong(from, `index ${index} of an array of length ${length}`)
  return index
}

function propertiesSteps(reader: ValueReader, node: object, isOut: boolean): Step[] {
  const { from } = reader
  const went = readKeys(from, node)
  const count = countOf(from)
  const came: (readonly [string, unknown])[] = []
  for (let n = 0; n < count; n++) came.push([keyFor(from, node), reader.read()])
  if (isOut) went.push(...keysOf(node))
  if (went.length > 0 || came.length > 0) changeable(node)
  for (const [key] of came) writable(node, key)
  return [
    () => {
      for (const key of went) Reflect.deleteProperty(node, key)
      for (const [key, value] of came)
        if (Object.hasOwn(node, key)) Reflect.set(node, key, value)
        else define(node, key, value, isEnumerable(node, key))
    },
  ]
}

function readKeys(from: Reader, node: object): string[] {
  const count = countOf(from)
  const keys: string[] = []
  for (let n = 0; n < count; n++) keys.push(keyFor(from, node))
  return keys
}

function keyFor(from: Reader, node: object): string {
  const key = readText(from)
  if (Array.isArray(node) && (key === 'length' || isIndex(key)))
    throw wrong(from, 'an array has a property that its elements have')
  return key
}

function mapSteps(reader: ValueReader, node: Map<unknown, unknown>): Step[] {
  const size = countOf(reader.from)
  reader.spend(size)
  const entries: (readonly [unknown, unknown])[] = []
  for (let n = 0; n < size; n++) entries.push([reader.read(), reader.read()])
  return [
    () => {
      node.clear()
      for (const [key, value] of entries) node.set(key, value)
    },
  ]
}

function setSteps(reader: ValueReader, node: Set<unknown>): Step[] {
  const size = countOf(reader.from)
  reader.spend(size)
  const values: unknown[] = []
  for (let n = 0; n < size; n++) values.push(reader.read())
  return [
    () => {
      node.clear()
      for (const value of values) node.add(value)
    },
  ]
}

function timeSteps(from: Reader, node: Date): Step[] {
  const time = readDate(from).getTime()
  return [() => node.setTime(time)]
}

/** Sealed and frozen objects keep their properties: what the handler did to its copy cannot be done to them. */
function changeable(node: object): void {
  if (!Object.isExtensible(node)) throw stuck('it is frozen, sealed or not extensible')
}

function writable(node: object, key: string): void {
  const property = Object.getOwnPropertyDescriptor(node, key)
  if (property === undefined || property.writable === true || property.set !== undefined) return
  throw stuck(`its property ${JSON.stringify(key)} is read-only`)
}

function stuck(why: string): ValueError {
  return new ValueError('VALUE_NOT_RESTORABLE', `an object that the call changed cannot be restored: ${why}`)
}

function wrong(from: Reader, what: string): WireError {
  return new WireError('WIRE_OUT_OF_RANGE', from.at, what)
}
