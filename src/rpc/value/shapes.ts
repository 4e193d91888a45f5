// Shapes: the keys of an object, in order. Records of one kind come again and again, within a message and from message to
// message. Within a message keys are written once, and later objects name the shape by its number. From message to message
// both sides remember shapes with their bytes, in a table of the process that holds a fixed number: writing keys is then one
// copy, and reading them a comparison of bytes instead of making strings. The table is only a memory: a peer that fills
// it with its own shapes makes the others slower, and nothing else.
//
//   n (bytes that follow), count, count * text

import { type Reader, WireError, Writer } from '../../bytes/index.ts'
import { readText, writeText } from './text.ts'

/** Slots of each of the two tables; a power of two. */
const SLOTS = 1024

/** Longer shapes are not remembered: with this the tables hold at most 2 MB of bytes. */
const BYTES_MAX = 1024

export interface Shape {
  readonly keys: readonly string[]
  /** The shape as it is written, with its length. */
  readonly bytes: Uint8Array
  /** Where in `bytes` the count begins. */
  readonly start: number
  /** Whether one of the keys is `__proto__`, which an assignment would take for something else, or `then`: see `define`. */
  readonly special: boolean
}

const written = new Array<Shape | undefined>(SLOTS).fill(undefined)
const read = new Array<Shape | undefined>(SLOTS).fill(undefined)

/** The shape of an object with these keys. */
export function shapeOf(keys: readonly string[]): Shape {
  const slot = slotOfKeys(keys)
  const known = written[slot]
  if (known !== undefined && sameKeys(known.keys, keys)) return known
  const shape = encoded(keys)
  if (shape.bytes.length <= BYTES_MAX) written[slot] = shape
  return shape
}

/** Reads a shape. */
export function readShape(from: Reader): Shape {
  const length = from.uvarint()
  const start = from.at
  from.skip(length)
  const { buffer } = from
  const slot = slotOfBytes(buffer, start, length)
  const known = read[slot]
  if (known !== undefined && sameBytes(known, buffer, start, length)) return known
  from.at = start
  const shape = decoded(from, length)
  if (length <= BYTES_MAX) read[slot] = shape
  return shape
}

function slotOfKeys(keys: readonly string[]): number {
  const { length } = keys
  if (length === 0) return 0
  let hash = length
  const step = length <= 4 ? 1 : length >> 2 // some of the keys: two kinds of records that share a slot are rare, and harmless
  for (let n = 0; n < length; n += step) {
    const key = keys[n] as string
    hash = (Math.imul(hash, 31) + key.length * 7 + key.charCodeAt(key.length - 1)) | 0
  }
  return (hash ^ (hash >>> 10)) & (SLOTS - 1)
}

function sameKeys(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false
  for (let n = 0; n < one.length; n++) if (one[n] !== other[n]) return false
  return true
}

function encoded(keys: readonly string[]): Shape {
  const inner = new Writer()
  inner.uvarint(keys.length)
  for (const key of keys) writeText(inner, key)
  const outer = new Writer()
  outer.uvarint(inner.bytes)
  const start = outer.bytes
  for (const chunk of inner.finish()) outer.copy(chunk)
  return {
    keys,
    bytes: Uint8Array.from(Buffer.concat(outer.finish())),
    start,
    special: isSpecial(keys),
  }
}

function slotOfBytes(buffer: Buffer, start: number, length: number): number {
  const end = start + length
  const step = length > 64 ? 8 : 3
  let hash = length
  for (let at = start; at < end; at += step) hash = (Math.imul(hash, 31) + (buffer[at] as number)) | 0
  return (hash ^ (hash >>> 10)) & (SLOTS - 1)
}

function sameBytes(shape: Shape, buffer: Buffer, start: number, length: number): boolean {
  const { bytes } = shape
  const skip = shape.start
  if (bytes.length - skip !== length) return false
  for (let n = 0; n < length; n++) if (bytes[skip + n] !== buffer[start + n]) return false
  return true
}

function decoded(from: Reader, length: number): Shape {
  const start = from.at
  const count = from.uvarint()
  if (count > length) throw new WireError('WIRE_OUT_OF_RANGE', start, `${count} keys in ${length} bytes`)
  const keys: string[] = []
  for (let n = 0; n < count; n++) keys.push(readText(from))
  if (from.at !== start + length)
    throw new WireError('WIRE_OUT_OF_RANGE', start, `keys do not fill their ${length} bytes`)
  if (new Set(keys).size !== count)
    throw new WireError('WIRE_OUT_OF_RANGE', start, 'an object has a key twice')
  const bytes = Uint8Array.prototype.slice.call(from.buffer, start, start + length)
  return { keys, bytes: Uint8Array.from(bytes), start: 0, special: isSpecial(keys) }
}

function isSpecial(keys: readonly string[]): boolean {
  return keys.includes('__proto__') || keys.includes('then')
}
