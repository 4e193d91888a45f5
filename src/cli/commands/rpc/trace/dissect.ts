// Frames of the engine taken apart, field by field with their places (the layout is in rpc/engine/frames.ts). What a frame
// means depends on those before it, so all frames of a connection go through here: names are numbered, and the changes of
// restored parameters are told by the numbers of their objects.

import { Reader, WireError } from '../../../../bytes/index.ts'
import { CallError } from '../../../../rpc/engine/errors.ts'
import { callFlags, endings, frames } from '../../../../rpc/engine/frames.ts'
import { CLIENT_ID_BYTES } from '../../../../rpc/engine/hello.ts'
import { readMetadata, readText } from '../../../../rpc/engine/metadata.ts'
import { NamesIn } from '../../../../rpc/engine/names.ts'
import { referenceKinds } from '../../../../rpc/refs/by-reference.ts'
import { readChanges } from '../../../../rpc/restore/index.ts'
import { type IncomingReferences, ValueReader } from '../../../../rpc/value/index.ts'
import type { Json } from '../../../output/columns.ts'
import { jsonOf } from '../shown.ts'

/** One field: where it is in the message, whose first four bytes are its length. */
export interface FramePart {
  readonly field: string
  readonly offset: number
  readonly bytes: number
  readonly value: Json
}

/** A frame, as far as it could be read. */
export interface Dissected {
  /** CALL, RESULT, ... */
  readonly name: string
  /** Whose call it belongs to, if it belongs to one. */
  readonly call: number | undefined
  readonly parts: readonly FramePart[]
  /** What was wrong behind the last part. */
  readonly flaw?: string
}

const LENGTH_BYTES = 4
const names = new Map<number, string>(
  Object.entries(frames).map(([name, kind]) => [kind, name.toUpperCase()]),
)
const kindNames = new Map<number, string>(Object.entries(referenceKinds).map(([name, kind]) => [kind, name]))

/** References as what they are on the wire. */
const asNumbers: IncomingReferences = {
  valueOf: ({ kind, id }) => ({ reference: kindNames.get(kind) ?? String(kind), number: id }),
}

/** What a CALL leaves behind for its RESULT. */
interface Restorable {
  readonly nodes: readonly object[]
  readonly emptied: ReadonlySet<object>
  readonly parameters: readonly unknown[]
}

/** The name of a kind of frame. */
export function frameName(kind: number | undefined): string {
  return names.get(kind ?? 0) ?? `kind ${kind}`
}

/** All frames of one connection that one end makes calls in: what it sends, and what it receives. */
export class Dissector {
  readonly #names = new NamesIn()
  readonly #restorables = new Map<number, Restorable>()

  /** Takes a frame apart, given without its length. Frames must come in their order. */
  frame(frame: Buffer): Dissected {
    const from = new Reader(frame, 0, frame.length)
    const parts: FramePart[] = [{ field: 'length', offset: 0, bytes: LENGTH_BYTES, value: frame.length }]
    const fields = new Fields(from, parts)
    let name = ''
    try {
      name = fields.read('kind', () => frameName(from.uint8()))
      this.#bodies[frame[0] ?? 0]?.(fields)
      if (from.remaining > 0) fields.read('rest', () => `${from.take(from.remaining).length} bytes`)
      return { name, call: fields.call, parts }
    } catch (error) {
      if (!(error instanceof WireError) && !(error instanceof CallError)) throw error
      return { name, call: fields.call, parts, flaw: error.message }
    }
  }

  /** What is behind the first byte of each kind of frame; nothing, where it is not named. */
  readonly #bodies: Readonly<Record<number, (fields: Fields) => void>> = {
    [frames.hello]: hello,
    [frames.call]: fields => this.#call(fields),
    [frames.result]: fields => this.#result(fields),
    [frames.fault]: fields => {
      this.#restorables.delete(fields.number('call'))
      fault(fields)
    },
    [frames.item]: fields => {
      fields.number('stream')
      fields.read('value', () => value(new ValueReader(fields.from, asNumbers)))
    },
    [frames.end]: fields => {
      fields.number('stream')
      if (fields.from.buffer[fields.from.at] === endings.well)
        fields.read('ending', () => `${fields.from.uint8()}: well`)
      else fault(fields)
    },
    [frames.credit]: numbers('stream', 'bytes'),
    [frames.stop]: numbers('stream'),
    [frames.release]: numbers('reference', 'count'),
    [frames.delivered]: numbers('call'),
    [frames.cancel]: numbers('call'),
    [frames.finished]: numbers('call'),
  }

  #call(fields: Fields): void {
    const { from } = fields
    const call = fields.number('call')
    let flags = 0
    fields.read('flags', () => {
      flags = from.uvarint()
      return flagNames(flags)
    })
    fields.read('target', () => {
      const target = from.uvarint()
      return (flags & callFlags.pipelined) !== 0
        ? `what call ${target} gives`
        : target === 0
          ? '0, the root'
          : target
    })
    fields.read('method', () => this.#names.read(from))
    if ((flags & callFlags.deadline) !== 0) fields.read('deadline', () => `${from.uvarint()} ms`)
    if ((flags & callFlags.metadata) !== 0) fields.read('metadata', () => ({ ...readMetadata(from) }))
    if ((flags & callFlags.keyed) !== 0) {
      fields.number('key')
      fields.number('settled below')
    }
    this.#restorables.delete(call)
    const marks = (flags & callFlags.restore) !== 0 ? readMarks(fields) : []
    this.#arguments(call, fields, marks)
  }

  #arguments(call: number, fields: Fields, marks: readonly Mark[]): void {
    const { from } = fields
    const values = new ValueReader(from, asNumbers)
    const count = fields.read('arguments', () => from.elements(from.uvarint()))
    const isMarked = new Set(marks.map(({ position }) => position))
    const parameters = marks.map(({ position }) => argument(position, fields, values))
    if (marks.length > 0) {
      const emptied = parameters.filter(
        (one, n): one is object => marks[n]?.isOut === true && typeof one === 'object' && one !== null,
      )
      this.#restorables.set(call, { nodes: values.nodes.slice(), emptied: new Set(emptied), parameters })
    }
    for (let n = 0; n < count; n++) if (!isMarked.has(n)) argument(n, fields, values)
  }

  #result(fields: Fields): void {
    const { from } = fields
    const call = fields.number('call')
    const values = new ValueReader(from, asNumbers)
    const restorable = this.#restorables.get(call)
    this.#restorables.delete(call)
    if (restorable === undefined) {
      fields.read('result', () => value(values))
      return
    }
    fields.read('changes', () => {
      const changes = readChanges(values, restorable.nodes, restorable.emptied)
      changes.apply()
      return {
        objects: changes.changed,
        restored: restorable.parameters.map(one => jsonOf(one)),
      }
    })
    fields.read('result', () => value(values))
  }
}

/** Reads fields one after the other and remembers where they were. */
class Fields {
  readonly from: Reader
  readonly #parts: FramePart[]
  call: number | undefined

  constructor(from: Reader, parts: FramePart[]) {
    this.from = from
    this.#parts = parts
  }

  read<T extends Json>(field: string, read: () => T): T {
    const before = this.from.at
    const value = read()
    this.#parts.push({ field, offset: LENGTH_BYTES + before, bytes: this.from.at - before, value })
    return value
  }

  number(field: string): number {
    const number = this.read(field, () => this.from.uvarint())
    if (field === 'call') this.call = number
    return number
  }
}

interface Mark {
  readonly position: number
  readonly isOut: boolean
}

function readMarks(fields: Fields): readonly Mark[] {
  const { from } = fields
  const marks: Mark[] = []
  fields.read('restored', () => {
    const count = from.elements(from.uvarint())
    for (let n = 0; n < count; n++) marks.push({ position: from.uvarint(), isOut: from.uint8() === 1 })
    return marks.map(({ position, isOut }) => `${isOut ? 'out' : 'inout'} args[${position}]`).join(', ')
  })
  return marks
}

function argument(position: number, fields: Fields, values: ValueReader): unknown {
  let argument: unknown
  fields.read(`args[${position}]`, () => {
    argument = values.read()
    return jsonOf(argument)
  })
  return argument
}

function value(values: ValueReader): Json {
  return jsonOf(values.read())
}

function numbers(...names: readonly string[]): (fields: Fields) => void {
  return fields => {
    for (const name of names) fields.number(name)
  }
}

function hello(fields: Fields): void {
  const { from } = fields
  fields.read('magic', () => from.take(4).toString('latin1'))
  fields.number('version')
  fields.read('client', () => from.take(CLIENT_ID_BYTES).toString('hex'))
  fields.read('lease', () => `${from.uvarint()} ms`)
  fields.number('frame bytes max')
  // Who looks at a trace need not learn it.
  fields.read('credential', () => (readText(from) === '' ? 'none' : 'given'))
}

function fault(fields: Fields): void {
  const { from } = fields
  const ending = fields.read('ending', () => (from.uint8() === endings.thrown ? 'thrown' : 'of the engine'))
  if (ending === 'thrown') fields.read('thrown', () => value(new ValueReader(from, asNumbers)))
  else {
    fields.read('code', () => readText(from))
    fields.read('detail', () => readText(from))
  }
}

function flagNames(flags: number): string {
  const set = Object.entries(callFlags).filter(([, flag]) => (flags & flag) !== 0)
  return set.length === 0 ? 'none' : set.map(([name]) => name).join(', ')
}

/** Cuts what was given to a stream at once into its frames, without their lengths. */
export function framesOf(batch: Buffer): readonly Buffer[] {
  const found: Buffer[] = []
  for (let at = 0; at + LENGTH_BYTES <= batch.length; ) {
    const end = at + LENGTH_BYTES + batch.readUInt32BE(at)
    found.push(batch.subarray(at + LENGTH_BYTES, end))
    at = end
  }
  return found
}
