// The side of the handler: remembers what the parameters held before the call, and writes what changed.
//
//   n (changed nodes), n * (number of the node, its change)
//   change of bytes:       n, n * (bytes skipped since the last range, length, bytes)
//   of an array:           length, n, n * index that became a hole, n, n * (index, value), then as of an object
//   of an object, error:   n, n * text: keys that went, n, n * (text, value): keys that are new or changed
//   of a Map, Set:         n, n * (key, value) or n values: all of it
//   of a Date:             double
// Nodes that came with the call are named by their numbers, new objects are written in full, in the form of value/.

import { Writer } from '../../bytes/index.ts'
import { type OutgoingReferences, ValueWriter } from '../value/index.ts'
import { writeText } from '../value/text.ts'
import { bytesOf, keysOf, kindOf } from './content.ts'

/** Ranges of bytes that are closer than this are written as one. */
const GAP_BYTES_MIN = 4

/** What one node held, by its kind: whether that changed, and how the change is written. */
interface Before {
  readonly number: number
  changed(): boolean
  write(writer: ValueWriter): void
}

export class ParameterWatch {
  readonly #nodes: readonly object[]
  readonly #before: readonly Before[]

  /**
   * `nodes`: those of the marked parameters, which were read first, so that they are the first of the message. A copy of
   * their content is kept: children by identity, bytes as bytes.
   */
  constructor(nodes: readonly object[]) {
    this.#nodes = nodes
    const memories = new Set<unknown>()
    this.#before = nodes.flatMap((node, number) => {
      const memory = ArrayBuffer.isView(node) && !Buffer.isBuffer(node) ? node.buffer : node
      if (memories.has(memory)) return [] // its bytes are watched at another node
      if (kindOf(node) === 'bytes') memories.add(memory)
      return beforeOf(node, number)
    })
  }

  /**
   * Writes what changed since; one byte if nothing did. `writer` is a new one: it learns the nodes here, and a result that
   * is written with it afterwards may hold them. Gives how many bytes that took. Throws as `ValueWriter.write`.
   */
  writeChanges(writer: ValueWriter): { readonly sentBytes: number } {
    const { to } = writer
    const start = to.bytes
    writer.seed(this.#nodes)
    const changed = this.#before.filter(before => before.changed())
    to.uvarint(changed.length)
    for (const before of changed) {
      to.uvarint(before.number)
      before.write(writer)
    }
    return { sentBytes: to.bytes - start }
  }
}

/** Watches the marked parameters of a call; see ParameterWatch. */
export function watchParameters(nodes: readonly object[]): ParameterWatch {
  return new ParameterWatch(nodes)
}

/** Bytes that sending the parameters back whole would take: written to be counted, so ask only when it is shown. */
export function fullBytesOf(parameters: readonly unknown[], references?: OutgoingReferences): number {
  const to = new Writer()
  const writer = new ValueWriter(to, references)
  for (const parameter of parameters) writer.write(parameter)
  return to.bytes
}

function beforeOf(node: object, number: number): Before[] {
  switch (kindOf(node)) {
    case 'bytes':
      return [bytesBefore(node, number)]
    case 'elements':
      return [elementsBefore(node as unknown[], number)]
    case 'map':
      return [mapBefore(node as Map<unknown, unknown>, number)]
    case 'set':
      return [setBefore(node as Set<unknown>, number)]
    case 'time':
      return [timeBefore(node as Date, number)]
    case 'properties':
      return [{ number, ...propertiesBefore(node) }]
    case 'fixed':
      return []
  }
}

function bytesBefore(node: object, number: number): Before {
  const before = bytesOf(node).slice()
  return {
    number,
    // Memory that the handler transferred away has no bytes left to bring back.
    changed: () => bytesNow(node).length === before.length && Buffer.compare(before, bytesNow(node)) !== 0,
    write: ({ to }) => {
      const now = bytesNow(node)
      const ranges = rangesOf(before, now)
      to.uvarint(ranges.length)
      let last = 0
      for (const { start, end } of ranges) {
        to.uvarint(start - last)
        to.uvarint(end - start)
        to.copy(now.subarray(start, end))
        last = end
      }
    },
  }
}

function bytesNow(node: object): Uint8Array {
  return (ArrayBuffer.isView(node) ? node.byteLength : (node as ArrayBuffer).byteLength) === 0
    ? new Uint8Array(0)
    : bytesOf(node)
}

interface Range {
  readonly start: number
  end: number
}

function rangesOf(before: Uint8Array, now: Uint8Array): readonly Range[] {
  const ranges: Range[] = []
  let last: Range | undefined
  for (let n = 0; n < now.length; n++) {
    if (before[n] === now[n]) continue
    if (last !== undefined && n - last.end < GAP_BYTES_MIN) last.end = n + 1
    else {
      last = { start: n, end: n + 1 }
      ranges.push(last)
    }
  }
  return ranges
}

function elementsBefore(node: unknown[], number: number): Before {
  const before = node.slice()
  const names = propertiesBefore(node)
  const isHole = (n: number): boolean => !Object.hasOwn(node, n)
  const went = (): number[] =>
    indexes(node.length).filter(n => n < before.length && Object.hasOwn(before, n) && isHole(n))
  const came = (): number[] =>
    indexes(node.length).filter(
      n => !isHole(n) && !(Object.hasOwn(before, n) && Object.is(before[n], node[n])),
    )
  return {
    number,
    changed: () => node.length !== before.length || went().length > 0 || came().length > 0 || names.changed(),
    write: writer => {
      const { to } = writer
      const [holes, changes] = [went(), came()]
      to.uvarint(node.length)
      to.uvarint(holes.length)
      for (const n of holes) to.uvarint(n)
      to.uvarint(changes.length)
      for (const n of changes) {
        to.uvarint(n)
        writer.write(node[n], `restored[${n}]`)
      }
      names.write(writer)
    },
  }
}

function indexes(length: number): number[] {
  return Array.from({ length }, (_, n) => n)
}

function propertiesBefore(node: object): Omit<Before, 'number'> {
  const before = new Map(keysOf(node).map(key => [key, Reflect.get(node, key) as unknown]))
  const changes = (): { readonly went: readonly string[]; readonly came: readonly string[] } => {
    const keys = keysOf(node)
    const present = new Set(keys)
    const stayed = [...before.keys()].filter(key => present.has(key))
    // Keys that stayed keep their order and new ones follow; if the handler ordered them anew, all are set anew.
    const ordered = stayed.every((key, n) => key === keys[n])
    if (!ordered) return { went: [...before.keys()], came: keys }
    return {
      went: [...before.keys()].filter(key => !present.has(key)),
      came: keys.filter(key => !before.has(key) || !Object.is(before.get(key), Reflect.get(node, key))),
    }
  }
  return {
    changed: () => {
      const { went, came } = changes()
      return went.length > 0 || came.length > 0
    },
    write: writer => {
      const { went, came } = changes()
      writer.to.uvarint(went.length)
      for (const key of went) writeText(writer.to, key)
      writer.to.uvarint(came.length)
      for (const key of came) {
        writeText(writer.to, key)
        writer.write(Reflect.get(node, key), `restored.${key}`)
      }
    },
  }
}

function mapBefore(node: Map<unknown, unknown>, number: number): Before {
  const before = partsOf(node)
  return {
    number,
    changed: () => !same(before, partsOf(node)),
    write: writer => {
      writer.to.uvarint(node.size)
      for (const part of partsOf(node)) writer.write(part, 'restored')
    },
  }
}

function setBefore(node: Set<unknown>, number: number): Before {
  const before = [...node]
  return {
    number,
    changed: () => !same(before, [...node]),
    write: writer => {
      writer.to.uvarint(node.size)
      for (const part of node) writer.write(part, 'restored')
    },
  }
}

function timeBefore(node: Date, number: number): Before {
  const before = node.getTime()
  return {
    number,
    changed: () => !Object.is(before, node.getTime()),
    write: ({ to }) => to.float64(node.getTime()),
  }
}

function same(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((part, n) => Object.is(part, other[n]))
}

/** Keys and values in turn. */
function partsOf(map: ReadonlyMap<unknown, unknown>): unknown[] {
  const parts: unknown[] = []
  for (const [key, value] of map) parts.push(key, value)
  return parts
}
