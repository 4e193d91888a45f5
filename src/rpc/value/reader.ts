// Reads what a ValueWriter wrote, from a peer that need not be honest: every length is checked before memory is asked for,
// depth and number of objects are bounded, classes are only those listed in tags.ts, and properties are set as data of the
// object's own. Whatever the bytes, the answer is a value or a WireError, or what the references throw. What follows the
// values is the caller's matter.

import { type Reader, WireError } from '../../bytes/index.ts'
import * as binary from './binary.ts'
import * as containers from './containers.ts'
import { readDomException, readError } from './failures.ts'
import { SHAPES_MAX, type ValueLimits, valueLimits } from './limits.ts'
import { readBigint } from './numbers.ts'
import { boxed, readDate, readPattern } from './rare.ts'
import type { IncomingReferences } from './reference.ts'
import { readShape, type Shape } from './shapes.ts'
import * as tags from './tags.ts'
import { readTextOf } from './text.ts'

const noNodes: readonly object[] = []

export class ValueReader {
  /** Where it reads. */
  readonly from: Reader
  readonly limits: ValueLimits
  readonly #references: IncomingReferences | undefined
  #nodes: object[] | undefined
  #shapes: Shape[] | undefined
  #depth = 0
  #spent = 0
  #sparse = 0
  #zeros = 0

  constructor(from: Reader, references?: IncomingReferences, limits: ValueLimits = valueLimits) {
    this.from = from
    this.#references = references
    this.limits = limits
  }

  /** The objects read so far, in the order in which they began: node n is node n of the writer. */
  get nodes(): readonly object[] {
    return this.#nodes ?? noNodes
  }

  /** Begins with nodes that the other side knows under the same numbers. Before the first `read`. */
  seed(nodes: readonly object[]): void {
    this.#nodes = [...nodes]
  }

  /** The next value. Throws WireError for bytes that are none. */
  read(): unknown {
    this.#depth = 0
    return this.nested()
  }

  /** Reads a value within another; for the files of this folder. */
  nested(): unknown {
    const { from } = this
    const tag = from.uint8()
    if (tag <= tags.SMALL_INT_MAX) return tag
    if (tag <= tags.SHORT_TEXT + tags.SHORT_TEXT_MAX) return from.latin1(tag - tags.SHORT_TEXT)
    switch (tag) {
      case tags.UNDEFINED:
        return undefined
      case tags.NULL:
        return null
      case tags.FALSE:
        return false
      case tags.TRUE:
        return true
      case tags.INT:
        return from.uvarint()
      case tags.NEGATIVE_INT:
        return -1 - from.uvarint()
      case tags.DOUBLE:
        return from.float64()
      case tags.BIGINT:
        return readBigint(from, this.limits.bigintBytesMax)
      case tags.NEGATIVE_BIGINT:
        return -1n - readBigint(from, this.limits.bigintBytesMax)
      case tags.LATIN1:
      case tags.UTF8:
      case tags.UTF16:
        return readTextOf(from, tag)
      case tags.NODE:
        return this.#node()
      case tags.REFERENCE:
        return this.#reference()
      default:
        return this.#object(tag)
    }
  }

  /** An object has begun: it is the next node. Before what is inside it is read. */
  began<T extends object>(object: T): T {
    this.spend(1)
    if (this.#nodes === undefined) this.#nodes = [object]
    else this.#nodes.push(object)
    return object
  }

  /** The shape that comes next, with its tag. */
  shape(): Shape {
    const tag = this.from.uint8()
    if (tag === tags.OBJECT) return this.#newShape()
    if (tag === tags.OBJECT_OF_SHAPE) return this.#knownShape()
    throw new WireError('WIRE_OUT_OF_RANGE', this.from.at - 1, `a shape is expected, the tag is ${tag}`)
  }

  /** Counts objects, and entries of collections, against what a message may hold. */
  spend(count: number): void {
    this.#spent += count
    if (this.#spent > this.limits.nodesMax) throw this.#tooMany('objects and entries', this.limits.nodesMax)
  }

  /** Counts elements that take no bytes. */
  sparse(length: number): void {
    this.#sparse += length
    const max = this.limits.sparseElementsMax
    if (this.#sparse > max) throw this.#tooMany('elements of arrays with holes', max)
  }

  #object(tag: number): object {
    if (++this.#depth > this.limits.depthMax)
      throw new WireError('WIRE_OUT_OF_RANGE', this.from.at, `nested deeper than ${this.limits.depthMax}`)
    const object =
      tag === tags.OBJECT_OF_SHAPE
        ? containers.readObject(this, this.#knownShape())
        : (this.#container(tag) ?? this.began(this.#leaf(tag)))
    this.#depth--
    return object
  }

  /** What holds other values, and therefore becomes a node before they are read. */
  #container(tag: number): object | undefined {
    switch (tag) {
      case tags.OBJECT:
        return containers.readObject(this, this.#newShape())
      case tags.ARRAY:
        return containers.readArray(this)
      case tags.SPARSE_ARRAY:
        return containers.readSparseArray(this)
      case tags.MAP:
        return containers.readMap(this)
      case tags.SET:
        return containers.readSet(this)
      case tags.ERROR:
        return readError(this)
      default:
        return undefined
    }
  }

  #leaf(tag: number): object {
    const { from } = this
    switch (tag) {
      case tags.UINT8_ARRAY:
        return binary.readUint8Array(from)
      case tags.NODE_BUFFER:
        return binary.readNodeBuffer(from)
      case tags.VIEW:
        return binary.readView(from)
      case tags.SHARED_VIEW:
        return binary.readSharedView(from, this.nodes)
      case tags.ARRAY_BUFFER:
        return binary.readBuffer(from)
      case tags.BUFFER_OF_VIEW:
        return binary.memoryOf(from, this.nodes)
      case tags.DATE:
        return readDate(from)
      case tags.REGEXP:
        return readPattern(from, this.limits)
      case tags.DOM_EXCEPTION:
        return readDomException(this)
      case tags.BOXED:
        return boxed(from, this.nested())
      case tags.ZERO_VIEW:
        return binary.readZeroView(this)
      case tags.ZERO_BUFFER:
        return new ArrayBuffer(this.zeroBytes())
      default:
        throw new WireError('WIRE_OUT_OF_RANGE', from.at - 1, `no value has the tag ${tag}`)
    }
  }

  #node(): object {
    const number = this.from.uvarint()
    const node = this.#nodes?.[number]
    if (node !== undefined) return node
    throw new WireError('WIRE_OUT_OF_RANGE', this.from.at, `node ${number} is referred to before it came`)
  }

  #reference(): unknown {
    const kind = this.from.uint8()
    const id = this.from.uvarint()
    if (this.#references !== undefined) return this.#references.valueOf({ kind, id })
    throw new WireError('WIRE_OUT_OF_RANGE', this.from.at, 'a reference where there can be none')
  }

  #newShape(): Shape {
    const shape = readShape(this.from)
    this.#shapes ??= []
    if (this.#shapes.length < SHAPES_MAX) this.#shapes.push(shape)
    return shape
  }

  #knownShape(): Shape {
    const number = this.from.uvarint()
    const shape = this.#shapes?.[number]
    if (shape !== undefined) return shape
    throw new WireError('WIRE_OUT_OF_RANGE', this.from.at, `shape ${number} is named before it came`)
  }

  /** A number of bytes that are zero and take no bytes, counted. */
  zeroBytes(): number {
    const bytes = this.from.uvarint()
    this.#zeros += bytes
    if (this.#zeros > this.limits.zeroBytesMax) throw this.#tooMany('bytes of zero', this.limits.zeroBytesMax)
    return bytes
  }

  #tooMany(what: string, max: number): WireError {
    return new WireError('WIRE_OUT_OF_RANGE', this.from.at, `more than ${max} ${what} in one message`)
  }
}
