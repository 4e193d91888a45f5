// The door of bytes/: cursors, checksums, the wire-table engine. Pure; imports nothing of ours.

export { type ByteSource, isSource, type Piece } from './byte-source.ts'
export { crc32c } from './crc32c.ts'
export { WireError, type WireErrorCode } from './errors.ts'
export { readInt64, writeInt64 } from './int64.ts'
export { DEPTH_MAX, ELEMENTS_MAX, Reader } from './reader.ts'
export { code, oncePerForm, readOf, writeOf } from './table/code.ts'
export { type AnyField, Field, type Fields, type InOf, type OutOf } from './table/field.ts'
export type { Codec, Form, Inline, Kind } from './table/kind.ts'
export { named } from './table/path.ts'
export { type StructDialect, structKind, type Trailer } from './table/struct.ts'
export { Writer } from './writer.ts'
