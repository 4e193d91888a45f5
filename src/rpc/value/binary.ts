// Memory: ArrayBuffers and the views over them.
//
// A view goes as the bytes that it shows, not as all the memory behind it as in structured clone: 20 bytes do not take the
// 8 KB of their pool along. It shares memory at the other side with what came before it in the message: the ArrayBuffer
// itself, or a view over the whole of it. A Buffer of Node arrives as a Buffer and shares with nothing of the message, but
// like those that Node makes it may lie in memory that other Buffers use, here of what arrived with it: memory of its own
// costs ten times as much. Bytes of elements are in the order of the sender's memory (little-endian on all but a few
// machines). Resizable buffers and views that track their length arrive with the length that they have. Memory shared
// between threads does not travel; a view over it is copied.

import { type Reader, WireError } from '../../bytes/index.ts'
import { Unwritable } from './errors.ts'
import type { ValueReader } from './reader.ts'
import * as tags from './tags.ts'
import type { ValueWriter } from './writer.ts'

interface ViewClass {
  readonly bytes: number
  readonly make: (buffer: ArrayBuffer, offset: number, bytes: number) => ArrayBufferView
}

interface ElementsClass {
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBuffer, offset: number, length: number): ArrayBufferView
}

/** Views in the order of their kinds on the wire. */
const kindNames = [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'DataView',
] as const

const kinds: ReadonlyMap<string, number> = new Map(kindNames.map((name, kind) => [name, kind]))
const UINT8_KIND = 1
/** Of Node, and only where a parameter comes back. */
const NODE_BUFFER_KIND = 12

const classes: readonly ViewClass[] = [
  ofElements(Int8Array),
  ofElements(Uint8Array),
  ofElements(Uint8ClampedArray),
  ofElements(Int16Array),
  ofElements(Uint16Array),
  ofElements(Int32Array),
  ofElements(Uint32Array),
  ofElements(Float32Array),
  ofElements(Float64Array),
  ofElements(BigInt64Array),
  ofElements(BigUint64Array),
  { bytes: 1, make: (buffer, offset, bytes) => new DataView(buffer, offset, bytes) },
  { bytes: 1, make: (buffer, offset, bytes) => Buffer.from(buffer, offset, bytes) },
]

function ofElements(elements: ElementsClass): ViewClass {
  const bytes = elements.BYTES_PER_ELEMENT
  return { bytes, make: (buffer, offset, length) => new elements(buffer, offset, length / bytes) }
}

export function writeView(writer: ValueWriter, value: ArrayBufferView): void {
  const { to } = writer
  const shared = writer.isFirstNode || Buffer.isBuffer(value) ? -1 : writer.memoryNode(value.buffer)
  if (shared >= 0) {
    to.byte(tags.SHARED_VIEW)
    to.byte(kindOf(value))
    to.uvarint(shared)
    to.uvarint(value.byteOffset)
    to.uvarint(value.byteLength)
    return
  }
  if (value.byteLength === 0) refuseDetached(value.buffer, value)
  if (value instanceof Uint8Array) {
    to.byte(Buffer.isBuffer(value) ? tags.NODE_BUFFER : tags.UINT8_ARRAY)
    to.uvarint(sized(value.byteLength, value))
    to.copy(value)
  } else {
    to.byte(tags.VIEW)
    to.byte(kindOf(value))
    to.uvarint(sized(value.byteLength, value))
    to.copy(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
  }
}

export function writeBuffer(writer: ValueWriter, value: ArrayBuffer): void {
  const { to } = writer
  const view = writer.memoryNode(value)
  if (view >= 0) {
    to.byte(tags.BUFFER_OF_VIEW)
    to.uvarint(view)
    return
  }
  if (value.byteLength === 0) refuseDetached(value, value)
  to.byte(tags.ARRAY_BUFFER)
  to.uvarint(sized(value.byteLength, value))
  to.copy(new Uint8Array(value))
}

/** A view or buffer without its bytes, a collection without its content, an object without its properties. */
export function writeZeros(writer: ValueWriter, value: object): void {
  const { to } = writer
  if (ArrayBuffer.isView(value)) {
    to.byte(tags.ZERO_VIEW)
    to.byte(kindOf(value))
    to.uvarint(sized(value.byteLength, value))
  } else if (value instanceof ArrayBuffer) {
    to.byte(tags.ZERO_BUFFER)
    to.uvarint(sized(value.byteLength, value))
  } else if (value instanceof Map || value instanceof Set || Array.isArray(value)) {
    to.byte(value instanceof Map ? tags.MAP : value instanceof Set ? tags.SET : tags.ARRAY)
    to.uvarint(0)
  } else writer.shape([])
}

export function readUint8Array(from: Reader): Uint8Array {
  const length = from.uvarint()
  const start = from.at
  from.skip(length)
  const { buffer } = from
  const bytes = new Uint8Array(length)
  if (length <= LOOP_MAX) for (let n = 0; n < length; n++) bytes[n] = buffer[start + n] as number
  else buffer.copy(bytes, 0, start, start + length)
  return bytes
}

export function readNodeBuffer(from: Reader): Buffer {
  const length = from.uvarint()
  const start = from.at
  from.skip(length)
  const { buffer } = from
  if (buffer.length <= SHARING_BYTES_MAX && length <= SHARED_BYTES_MAX)
    return buffer.subarray(start, start + length)
  const bytes = Buffer.allocUnsafe(length)
  if (length <= POOLED_LOOP_MAX) for (let n = 0; n < length; n++) bytes[n] = buffer[start + n] as number
  else bytes.set(buffer.subarray(start, start + length))
  return bytes
}

/** A part of what arrived, if that is no longer: it holds no more memory than Node's pool would, and a copy takes twice as long. */
const SHARING_BYTES_MAX = 8 * 1024
/** Longer ones have memory of their own, as when Node makes them. */
const SHARED_BYTES_MAX = 4 * 1024
/** Up to so many bytes a loop is faster than a view to copy from; beside memory of its own it is for longer. */
const POOLED_LOOP_MAX = 32
const LOOP_MAX = 128

export function readView(from: Reader): ArrayBufferView {
  const kind = readKind(from)
  const bytes = readUint8Array(from)
  aligned(from, kind, 0, bytes.length)
  return kind.make(bytes.buffer as ArrayBuffer, 0, bytes.length)
}

export function readBuffer(from: Reader): ArrayBuffer {
  return readUint8Array(from).buffer as ArrayBuffer
}

export function readZeroView(reader: ValueReader): ArrayBufferView {
  const { from } = reader
  const kind = readKind(from)
  const bytes = reader.zeroBytes()
  aligned(from, kind, 0, bytes)
  return kind.make(new ArrayBuffer(bytes), 0, bytes)
}

export function readSharedView(from: Reader, nodes: readonly object[]): ArrayBufferView {
  const kind = readKind(from)
  const memory = memoryOf(from, nodes)
  const offset = from.uvarint()
  const length = from.uvarint()
  aligned(from, kind, offset, length)
  if (offset + length > memory.byteLength)
    throw new WireError(
      'WIRE_OUT_OF_RANGE',
      from.at,
      `a view to byte ${offset + length} over memory of ${memory.byteLength} bytes`,
    )
  return kind.make(memory, offset, length)
}

/** The memory of a node that is named next: an ArrayBuffer, or a view over the whole of one. */
export function memoryOf(from: Reader, nodes: readonly object[]): ArrayBuffer {
  const node = nodes[from.uvarint()]
  if (node instanceof ArrayBuffer) return node
  if (ArrayBuffer.isView(node) && node.buffer instanceof ArrayBuffer) {
    const { buffer } = node
    if (node.byteLength === buffer.byteLength) return buffer
  }
  throw new WireError('WIRE_OUT_OF_RANGE', from.at, 'a view over a node that has no memory to share')
}

function readKind(from: Reader): ViewClass {
  const number = from.uint8()
  const kind = classes[number]
  if (kind === undefined)
    throw new WireError('WIRE_OUT_OF_RANGE', from.at - 1, `no view has the kind ${number}`)
  return kind
}

function aligned(from: Reader, kind: ViewClass, offset: number, length: number): void {
  if (length % kind.bytes === 0 && offset % kind.bytes === 0) return
  throw new WireError(
    'WIRE_OUT_OF_RANGE',
    from.at,
    `a view of ${length} bytes from byte ${offset} has elements of ${kind.bytes} bytes`,
  )
}

function kindOf(value: ArrayBufferView): number {
  if (value instanceof Uint8Array) return Buffer.isBuffer(value) ? NODE_BUFFER_KIND : UINT8_KIND
  const name = Object.prototype.toString.call(value).slice(8, -1)
  const kind = kinds.get(name)
  if (kind === undefined) throw new Unwritable('VALUE_NOT_CLONEABLE', `${name} cannot be copied`, value)
  return kind
}

const LENGTH_MAX = 0xffff_ffff

function sized(length: number, value: object): number {
  if (length > LENGTH_MAX)
    throw new Unwritable(
      'VALUE_TOO_LARGE',
      `${length} bytes are more than the ${LENGTH_MAX} of one value`,
      value,
    )
  return length
}

/** Memory that was transferred away has no bytes; to take it for empty would hide a mistake. */
function refuseDetached(buffer: ArrayBufferLike, value: object): void {
  try {
    new Uint8Array(buffer)
  } catch {
    throw new Unwritable('VALUE_NOT_CLONEABLE', 'its memory was transferred away', value)
  }
}
