// Kafka's field kinds: every value as the protocol writes it, in the plain and in the flexible (KIP-482) encoding.
// Plain strings and arrays carry an int16 or int32 length, -1 for null; flexible ones an unsigned varint of length + 1,
// 0 for null, and every flexible struct ends in a section of tagged fields.

import {
  type AnyField,
  type Codec,
  Field,
  type Fields,
  type Form,
  type InOf,
  isSource,
  type Kind,
  named,
  type OutOf,
  type Piece,
  type Reader,
  type StructDialect,
  structKind,
  type Trailer,
  WireError,
  Writer,
} from '../../../bytes/index.ts'

/** Kafka's textual UUID: 16 bytes in URL-safe base64 without padding. */
export type Uuid = string
export const ZERO_UUID: Uuid = 'AAAAAAAAAAAAAAAAAAAAAA'
const UUID_BYTES = 16

/** Tagged fields that one struct may carry. */
const TAGS_MAX = 128

export const int8 = number(
  'int8',
  r => r.int8(),
  (w, v) => w.int8(v),
)
export const int16 = number(
  'int16',
  r => r.int16(),
  (w, v) => w.int16(v),
)
export const uint16 = number(
  'uint16',
  r => r.uint16(),
  (w, v) => w.uint16(v),
)
export const int32 = number(
  'int32',
  r => r.int32(),
  (w, v) => w.int32(v),
)
export const uint32 = number(
  'uint32',
  r => r.uint32(),
  (w, v) => w.uint32(v),
)
/** As a number: exact below 2^53 in size. */
export const int64 = number(
  'int64',
  r => r.int64(),
  (w, v) => w.int64(v),
)
export const float64 = number(
  'float64',
  r => r.float64(),
  (w, v) => w.float64(v),
)

export function bool(): Field<boolean> {
  return new Field(plain('bool', false, { read: r => r.int8() !== 0, write: (w, v) => w.int8(v ? 1 : 0) }))
}

export function uuid(): Field<Uuid> {
  return new Field(
    plain('uuid', ZERO_UUID, {
      read: r => r.take(UUID_BYTES).toString('base64url'),
      write: (w, v) => w.raw(Buffer.from(v, 'base64url')),
    }),
  )
}

export function string(): Field<string> {
  return new Field(sized('string', '', shortLength, (r, length) => r.text(length), writeText))
}

/** Bytes, borrowed from the message when read. */
export function bytes(): Field<Buffer> {
  return new Field(sized('bytes', Buffer.alloc(0), longLength, (r, length) => r.take(length), writeBytes))
}

/** Record batches: borrowed when read; written from several pieces, linked in without a copy. */
export function records(): Field<Buffer, readonly Piece[]> {
  return new Field(sized('records', Buffer.alloc(0), longLength, (r, length) => r.take(length), writePieces))
}

export function array<Out, In, Optional extends boolean>(
  of: Field<Out, In, Optional>,
): Field<readonly Out[], readonly In[]> {
  const make = (form: Form, length: Length): Codec<readonly unknown[] | null, readonly unknown[] | null> => {
    const element = of.codec(form)
    return {
      read(from) {
        const count = length.read(from)
        return count < 0 ? null : readElements(from, from.elements(count), element, form)
      },
      write(to, value) {
        length.write(to, value === null ? -1 : value.length)
        for (const one of value ?? []) element.write(to, one)
      },
    }
  }
  const kind: Kind<readonly unknown[], readonly unknown[]> = {
    name: `[]${of.kind.name}`,
    zero: Object.freeze([]),
    element: of,
    codec: form => refuseNull(make(form, countLength(form)), 'array', []),
    nullable: form => make(form, countLength(form)),
  }
  return new Field(kind as Kind<unknown, unknown>)
}

export function struct<F extends Fields>(fields: F): Field<OutOf<F>, InOf<F>> {
  return new Field(structKind(fields, kafka) as Kind<unknown, unknown>)
}

interface Length {
  /** -1 for null. */
  read(from: Reader): number
  write(to: Writer, length: number): void
}

const int16Length: Length = { read: r => r.int16(), write: (w, n) => w.int16(n) }
const int32Length: Length = { read: r => r.int32(), write: (w, n) => w.int32(n) }
const compactLength: Length = { read: r => r.uvarint() - 1, write: (w, n) => w.uvarint(n + 1) }

const shortLength = (form: Form): Length => (form.flexible ? compactLength : int16Length)
const longLength = (form: Form): Length => (form.flexible ? compactLength : int32Length)
const countLength = longLength

/** A null struct (KIP-893): one byte before it, -1 for null and 1 otherwise. Tagged fields go last. */
const kafka: StructDialect = {
  trailer: (fields, form) => (form.flexible ? tagSection(fields, form) : undefined),
  nullable: codec => ({
    read: r => (r.int8() < 0 ? null : codec.read(r)),
    write(w, v) {
      w.int8(v === null ? -1 : 1)
      if (v !== null) codec.write(w, v)
    },
  }),
}

interface Tagged {
  readonly name: string
  readonly tag: number
  readonly codec: Codec<unknown, unknown>
  readonly otherwise: unknown
}

function tagSection(fields: readonly (readonly [string, AnyField])[], form: Form): Trailer {
  const known: Tagged[] = fields
    .filter(([, field]) => field.isTaggedAt(form.version))
    .map(([name, field]) => ({
      name,
      tag: field.shape.tag ?? 0,
      codec: field.codec(form),
      otherwise: field.shape.otherwise,
    }))
    .sort((a, b) => a.tag - b.tag)
  return {
    read: (from, into) => readTags(from, into, known),
    write: (to, value) => writeTags(to, value, known),
  }
}

function readTags(from: Reader, into: Record<string, unknown>, known: readonly Tagged[]): void {
  const count = from.uvarint()
  if (count > TAGS_MAX)
    throw new WireError(
      'WIRE_OUT_OF_RANGE',
      from.at,
      `${count} tagged fields are more than the ${TAGS_MAX} allowed`,
    )
  for (let n = 0; n < count; n++) {
    const tag = from.uvarint()
    const size = from.uvarint()
    const field = known.find(one => one.tag === tag)
    if (field === undefined) from.skip(size)
    else readTag(from, size, field, into)
  }
}

function readTag(from: Reader, size: number, field: Tagged, into: Record<string, unknown>): void {
  const begin = from.at
  into[field.name] = field.codec.read(from)
  if (from.at - begin !== size)
    throw new WireError(
      'WIRE_OUT_OF_RANGE',
      begin,
      `tag ${field.tag} says ${size} bytes and has ${from.at - begin}`,
      field.name,
    )
}

function writeTags(to: Writer, value: Record<string, unknown>, known: readonly Tagged[]): void {
  const present = known.filter(({ name, otherwise }) => !isDefault(value[name], otherwise))
  to.uvarint(present.length)
  for (const { name, tag, codec } of present) {
    const body = new Writer(64)
    codec.write(body, value[name])
    to.uvarint(tag)
    to.uvarint(body.bytes)
    for (const chunk of body.finish()) to.raw(chunk)
  }
}

function isDefault(value: unknown, otherwise: unknown): boolean {
  if (value === undefined || value === otherwise) return true
  return Array.isArray(value) && value.length === 0 && Array.isArray(otherwise) && otherwise.length === 0
}

function number(
  name: string,
  read: (r: Reader) => number,
  write: (w: Writer, v: number) => void,
): () => Field<number> {
  const kind = plain(name, 0, { read, write })
  return () => new Field(kind)
}

/** A kind that is written the same way in both encodings and has no null. */
function plain<T>(name: string, zero: T, codec: Codec<T>): Kind<unknown, unknown> {
  return { name, zero, codec: () => codec } as Kind<unknown, unknown>
}

/** A kind of a length and that many bytes, null being length -1. */
function sized<Out, In>(
  name: string,
  zero: Out,
  lengthOf: (form: Form) => Length,
  read: (from: Reader, length: number) => Out,
  write: (to: Writer, value: In, length: Length) => void,
): Kind<unknown, unknown> {
  const make = (form: Form): Codec<Out | null, In | null> => {
    const length = lengthOf(form)
    return {
      read(from) {
        const bytes = length.read(from)
        return bytes < 0 ? null : read(from, bytes)
      },
      write(to, value) {
        if (value === null) length.write(to, -1)
        else write(to, value, length)
      },
    }
  }
  return { name, zero, codec: form => refuseNull(make(form), name, zero as never), nullable: make } as Kind<
    unknown,
    unknown
  >
}

/** A null in a version that has none is refused in requests, and is nothing in answers: fields became nullable later. */
function refuseNull<Out, In>(codec: Codec<Out | null, In | null>, name: string, zero: In): Codec<Out, In> {
  return {
    read(from) {
      const begin = from.at
      const value = codec.read(from)
      if (value === null) throw new WireError('WIRE_OUT_OF_RANGE', begin, `this ${name} may not be null`)
      return value
    },
    write: (to, value) => codec.write(to, value ?? zero),
  }
}

function readElements(from: Reader, count: number, element: Codec<unknown, unknown>, form: Form): unknown[] {
  const list: unknown[] = []
  if (form.way === 'walked')
    for (let n = 0; n < count; n++) list.push(named(`[${n}]`, () => element.read(from)))
  else for (let n = 0; n < count; n++) list.push(element.read(from))
  return list
}

function writeText(to: Writer, value: string, length: Length): void {
  const size = Buffer.byteLength(value)
  length.write(to, size)
  to.text(value, size)
}

function writeBytes(to: Writer, value: Buffer, length: Length): void {
  length.write(to, value.length)
  to.raw(value)
}

function writePieces(to: Writer, value: readonly Piece[], length: Length): void {
  let total = 0
  for (const piece of value) total += isSource(piece) ? piece.bytes : piece.length
  length.write(to, total)
  for (const piece of value)
    if (isSource(piece)) to.source(piece)
    else to.raw(piece)
}
