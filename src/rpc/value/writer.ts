// Writes values: everything that structured clone takes, in a form of our own that is safe to read from strangers. The
// layout is in tags.ts. One writer serves one message: what is written with it shares identity, so that an object that is
// in two arguments is one object at the other side, and cycles are cycles.
//
// Where this differs from structured clone, and why, is said at the kinds: views (binary.ts), errors (failures.ts).
// A Proxy is read through, as if it were the object that it shows.
//
// Making a writer costs one object. The table of nodes is made with the first object, and becomes a Map only when a
// message has more than a handful.

import type { Writer } from '../../bytes/index.ts'
import { writeView, writeZeros } from './binary.ts'
import { writeArray, writeObject } from './containers.ts'
import { Unwritable, ValueError } from './errors.ts'
import { SHAPES_MAX, type ValueLimits, valueLimits } from './limits.ts'
import { writeBigint, writeNumber } from './numbers.ts'
import { pathTo } from './path.ts'
import { writeRare } from './rare.ts'
import type { OutgoingReferences } from './reference.ts'
import { type Shape, shapeOf } from './shapes.ts'
import { FALSE, NODE, NULL, OBJECT, OBJECT_OF_SHAPE, REFERENCE, TRUE, UNDEFINED } from './tags.ts'
import { writeText } from './text.ts'

/** Up to this many nodes are searched one by one. */
const SEARCHED_MAX = 8

const noNodes: readonly object[] = []

export interface ValueWriterOptions {
  readonly limits?: Partial<ValueLimits>
  /** Whether errors carry their `stack`, which shows paths and code of this side. Default: no. */
  readonly stacks?: boolean
}

export class ValueWriter {
  /** Where it writes. */
  readonly to: Writer
  readonly limits: ValueLimits
  readonly stacks: boolean
  readonly #references: OutgoingReferences | undefined
  #nodes: object[] | undefined
  #numbers: Map<object, number> | undefined
  #shapes: Shape[] | undefined
  #depth = 0
  #writes = 0
  /** The number of the first node that shows or is each memory: filled by `memoryNode`, up to node `#searched`. */
  #memory: Map<ArrayBufferLike, number> | undefined
  #searched = 0

  constructor(to: Writer, references?: OutgoingReferences, options?: ValueWriterOptions) {
    this.to = to
    this.#references = references
    this.limits = options?.limits === undefined ? valueLimits : { ...valueLimits, ...options.limits }
    this.stacks = options?.stacks ?? false
  }

  /** The objects written so far, in the order in which they began: node n is node n of the reader. */
  get nodes(): readonly object[] {
    return this.#nodes ?? noNodes
  }

  /**
   * Begins with nodes that the other side has already under the same numbers. Before the first `write`.
   */
  seed(nodes: readonly object[]): void {
    this.#nodes = [...nodes]
    this.#numbers = new Map(nodes.map((node, n) => [node, n]))
  }

  /**
   * Writes one value. `name` is what it is called in errors, `args[n]` for the n-th if not given. Throws ValueError VALUE_NOT_CLONEABLE for a function, symbol,
   * promise and the like that the references do not take, VALUE_TOO_DEEP, VALUE_TOO_LARGE; and what a getter throws. The
   * message is of no use after that.
   */
  write(value: unknown, name?: string): void {
    this.#writes++
    this.#depth = 0
    try {
      this.nested(value)
    } catch (error) {
      throw error instanceof Unwritable ? this.#named(error, value, name) : error
    }
  }

  /** Writes of an object only what it is, and how long: for parameters that come back and need not go. */
  writeEmpty(value: object, name?: string): void {
    this.#writes++
    if (this.#refers(value)) return
    try {
      writeZeros(this, value)
    } catch (error) {
      throw error instanceof Unwritable ? this.#named(error, value, name) : error
    }
  }

  /** Writes a value within another; for the files of this folder. */
  nested(value: unknown): void {
    switch (typeof value) {
      case 'string':
        writeText(this.to, value)
        break
      case 'number':
        writeNumber(this.to, value)
        break
      case 'boolean':
        this.to.byte(value ? TRUE : FALSE)
        break
      case 'undefined':
        this.to.byte(UNDEFINED)
        break
      case 'bigint':
        writeBigint(this.to, value, this.limits.bigintBytesMax)
        break
      case 'object':
        if (value === null) this.to.byte(NULL)
        else this.#object(value)
        break
      case 'function':
        if (!this.#goesByReference(value))
          throw new Unwritable('VALUE_NOT_CLONEABLE', 'a function cannot be copied', value)
        break
      default:
        throw new Unwritable('VALUE_NOT_CLONEABLE', 'a symbol cannot be copied', value)
    }
  }

  /** Writes the shape of an object, whose values the caller writes next. */
  shape(keys: readonly string[]): void {
    const { to } = this
    const shape = shapeOf(keys)
    this.#shapes ??= []
    const shapes = this.#shapes
    const known = shapes.indexOf(shape)
    if (known >= 0) {
      to.byte(OBJECT_OF_SHAPE)
      to.uvarint(known)
      return
    }
    if (shapes.length < SHAPES_MAX) shapes.push(shape)
    to.byte(OBJECT)
    to.copy(shape.bytes)
  }

  /** The number of the node, written before this one, whose memory is all of `buffer`; -1 if there is none. */
  memoryNode(buffer: ArrayBufferLike): number {
    const nodes = this.#nodes ?? []
    this.#memory ??= new Map()
    for (const last = nodes.length - 1; this.#searched < last; this.#searched++) {
      const memory = wholeMemory(nodes[this.#searched])
      if (memory !== undefined && !this.#memory.has(memory)) this.#memory.set(memory, this.#searched)
    }
    return this.#memory.get(buffer) ?? -1
  }

  /** Whether no node came before the one that is being written. */
  get isFirstNode(): boolean {
    return this.#nodes?.length === 1
  }

  #named(error: Unwritable, root: unknown, name = `args[${this.#writes - 1}]`): ValueError {
    const path = pathTo(root, error.culprit, name, this.limits.depthMax)
    return new ValueError(error.code, error.message, path)
  }

  #object(value: object): void {
    if (this.#goesByReference(value) || this.#refers(value)) return
    if (++this.#depth > this.limits.depthMax)
      throw new Unwritable('VALUE_TOO_DEEP', `nested deeper than ${this.limits.depthMax}`, value)
    if (Array.isArray(value)) writeArray(this, value)
    else if (ArrayBuffer.isView(value)) writeView(this, value)
    else {
      const prototype: unknown = Object.getPrototypeOf(value)
      if (prototype === Object.prototype || prototype === null) writeObject(this, value)
      else writeRare(this, value)
    }
    this.#depth--
  }

  #goesByReference(value: object): boolean {
    const reference = this.#references?.referenceOf(value)
    if (reference === undefined) return false
    this.to.byte(REFERENCE)
    this.to.byte(reference.kind)
    this.to.uvarint(reference.id)
    return true
  }

  /** Writes the number of a node that was written before; otherwise makes `value` the next node. */
  #refers(value: object): boolean {
    const known = this.#number(value)
    if (known < 0) return false
    this.to.byte(NODE)
    this.to.uvarint(known)
    return true
  }

  #number(value: object): number {
    if (this.#nodes === undefined) {
      this.#nodes = [value]
      return -1
    }
    const nodes = this.#nodes
    const known = this.#numbers === undefined ? nodes.indexOf(value) : (this.#numbers.get(value) ?? -1)
    if (known >= 0) return known
    this.#numbers?.set(value, nodes.length)
    nodes.push(value)
    if (this.#numbers === undefined && nodes.length > SEARCHED_MAX)
      this.#numbers = new Map(nodes.map((node, n) => [node, n]))
    return -1
  }
}

function wholeMemory(node: unknown): ArrayBufferLike | undefined {
  if (node instanceof ArrayBuffer) return node
  if (!ArrayBuffer.isView(node) || Buffer.isBuffer(node)) return undefined
  const { buffer } = node
  return node.byteLength === buffer.byteLength ? buffer : undefined
}
