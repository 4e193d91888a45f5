// Field kinds: what a dialect (Kafka, AMQP, XDR, ...) supplies to the wire-table engine.

import type { Reader } from '../reader.ts'
import type { Writer } from '../writer.ts'
import type { AnyField } from './field.ts'

/** Reads and writes one value at one version. `In` may be looser than `Out`: fields with a default may be left out. */
export interface Codec<Out, In = Out> {
  read(from: Reader): Out
  write(to: Writer, value: In): void
  /** For values so small that a call would cost more than they do. */
  readonly inline?: Inline
}

/**
 * The same codec as expressions of the compiled code, in which `r` is the reader and `w` the writer. `value` is the name
 * of what to write, `codec` that of this codec, for cases that the expression leaves to it.
 */
export interface Inline {
  readonly read?: string
  write?(value: string, codec: string): string
}

/** For which version a codec is made, and how: compiled for speed, or walking the table and naming fields in errors. */
export interface Form {
  readonly version: number
  /** Whether this version is of the dialect's newer encoding, where it has two. */
  readonly flexible: boolean
  readonly way: 'compiled' | 'walked'
}

/** A kind of value. */
export interface Kind<Out, In = Out> {
  /** As the specification writes it, for people. */
  readonly name: string
  /** What a field of this kind holds at versions that do not have it, unless it declares a default. */
  readonly zero: Out
  /** What it is made of, for those that print tables: the fields of a struct, the element of an array. */
  readonly fields?: Readonly<Record<string, AnyField>>
  readonly element?: AnyField
  /** A flag of one bit, which shares an octet with the flags directly beside it, lowest bit first (AMQP 0-9-1). */
  readonly packed?: true
  codec(form: Form): Codec<Out, In>
  /** The codec of a value that may be null; undefined where the dialect has no null for this kind. */
  nullable?(form: Form): Codec<Out | null, In | null>
}
