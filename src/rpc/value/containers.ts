// Arrays, plain objects, Maps and Sets: what holds other values.
//
// Objects carry their own enumerable string keys in order, and what their getters give; class instances arrive as plain
// objects, as do objects without a prototype. `__proto__` is a property like any other.

import { type Reader, WireError } from '../../bytes/index.ts'
import { Unwritable } from './errors.ts'
import type { ValueReader } from './reader.ts'
import type { Shape } from './shapes.ts'
import * as tags from './tags.ts'
import { readText, writeText } from './text.ts'
import type { ValueWriter } from './writer.ts'

export function writeArray(writer: ValueWriter, value: readonly unknown[]): void {
  const { length } = value
  const keys = Object.keys(value)
  // Indexes come first and ascend: if there are as many keys and the last is the last index, there is nothing else.
  const dense = keys.length === length && (length === 0 || keys[length - 1] === String(length - 1))
  if (dense) writeDenseArray(writer, value)
  else writeSparseArray(writer, value, keys)
}

function writeDenseArray(writer: ValueWriter, value: readonly unknown[]): void {
  const { length } = value
  writer.to.byte(tags.ARRAY)
  writer.to.uvarint(length)
  for (let n = 0; n < length; n++) writer.nested(value[n])
}

function writeSparseArray(writer: ValueWriter, value: readonly unknown[], keys: readonly string[]): void {
  const { to } = writer
  const named = keys.findIndex(key => !isIndex(key))
  const indexes = named < 0 ? keys.length : named
  to.byte(tags.SPARSE_ARRAY)
  to.uvarint(value.length)
  to.uvarint(indexes)
  for (let n = 0; n < indexes; n++) {
    const index = Number(keys[n])
    to.uvarint(index)
    writer.nested(value[index])
  }
  to.uvarint(keys.length - indexes)
  for (let n = indexes; n < keys.length; n++) {
    const key = keys[n] as string
    writeText(to, key)
    writer.nested(Reflect.get(value, key))
  }
}

const INDEX_MAX = 0xffff_fffe

/** Whether a key is an index of an array, as the language defines it. */
export function isIndex(key: string): boolean {
  const index = Number(key)
  return index <= INDEX_MAX && String(index >>> 0) === key
}

export function writeObject(writer: ValueWriter, value: object): void {
  const keys = Object.keys(value)
  writer.shape(keys)
  const { length } = keys
  for (let n = 0; n < length; n++) writer.nested((value as Record<string, unknown>)[keys[n] as string])
}

export function writeMap(writer: ValueWriter, value: ReadonlyMap<unknown, unknown>): void {
  const { size } = value
  writer.to.byte(tags.MAP)
  writer.to.uvarint(size)
  let count = 0
  for (const [key, child] of value) {
    if (++count > size) break
    writer.nested(key)
    writer.nested(child)
  }
  unchanged(count, size, value)
}

export function writeSet(writer: ValueWriter, value: ReadonlySet<unknown>): void {
  const { size } = value
  writer.to.byte(tags.SET)
  writer.to.uvarint(size)
  let count = 0
  for (const child of value) {
    if (++count > size) break
    writer.nested(child)
  }
  unchanged(count, size, value)
}

/** A getter further in may have changed the collection while it was written. */
function unchanged(count: number, size: number, value: object): void {
  if (count !== size)
    throw new Unwritable('VALUE_NOT_CLONEABLE', 'a getter changed it while it was being copied', value)
}

export function readArray(reader: ValueReader): unknown[] {
  const { from } = reader
  const length = countOf(from)
  const array: unknown[] = []
  reader.began(array)
  for (let n = 0; n < length; n++) array.push(reader.nested())
  return array
}

export function readSparseArray(reader: ValueReader): unknown[] {
  const { from } = reader
  const length = from.uvarint()
  reader.sparse(length)
  const array: unknown[] = []
  reader.began(array)
  array.length = length
  const indexes = countOf(from)
  for (let n = 0; n < indexes; n++) {
    const index = from.uvarint()
    if (index >= length)
      throw new WireError('WIRE_OUT_OF_RANGE', from.at, `index ${index} of an array of length ${length}`)
    array[index] = reader.nested()
  }
  const names = countOf(from)
  for (let n = 0; n < names; n++) {
    const name = readText(from)
    if (name === 'length' || isIndex(name))
      throw new WireError('WIRE_OUT_OF_RANGE', from.at, 'an array has a property that its elements have')
    define(array, name, reader.nested())
  }
  return array
}

export function readObject(reader: ValueReader, shape: Shape): object {
  const object: Record<string, unknown> = {}
  reader.began(object)
  const { keys, special } = shape
  const { length } = keys
  if (special) for (const key of keys) define(object, key, reader.nested())
  else for (let n = 0; n < length; n++) object[keys[n] as string] = reader.nested()
  return object
}

export function readMap(reader: ValueReader): Map<unknown, unknown> {
  const { from } = reader
  const size = countOf(from)
  reader.spend(size)
  const map = new Map<unknown, unknown>()
  reader.began(map)
  for (let n = 0; n < size; n++) {
    const key = reader.nested()
    map.set(key, reader.nested())
  }
  if (map.size !== size) throw new WireError('WIRE_OUT_OF_RANGE', from.at, 'a Map has a key twice')
  return map
}

export function readSet(reader: ValueReader): Set<unknown> {
  const { from } = reader
  const size = countOf(from)
  reader.spend(size)
  const set = new Set<unknown>()
  reader.began(set)
  for (let n = 0; n < size; n++) set.add(reader.nested())
  if (set.size !== size) throw new WireError('WIRE_OUT_OF_RANGE', from.at, 'a Set has a value twice')
  return set
}

/**
 * Sets a property as data of the object's own, whatever its name means on the prototype. Errors: WireError for a function
 * under `then`: whoever awaits or returns such an object would call the peer instead, and wait for it without end.
 */
export function define(object: object, key: string, value: unknown, enumerable = true): void {
  if (key === 'then' && typeof value === 'function')
    throw new WireError(
      'WIRE_OUT_OF_RANGE',
      0,
      'an object with a function `then` would be taken for a promise',
    )
  Object.defineProperty(object, key, { value, enumerable, writable: true, configurable: true })
}

/** A count of things that take a byte at least each. */
export function countOf(from: Reader): number {
  const count = from.uvarint()
  if (count > from.remaining)
    throw new WireError(
      'WIRE_OUT_OF_RANGE',
      from.at,
      `${count} values in the ${from.remaining} bytes that are left`,
    )
  return count
}
