// One XDR type (RFC 4506): how its values are read and written. Everything is big-endian (4.: the byte of most weight
// comes first) and fills whole units of four bytes. The codec is compiled from the table at its first use; when bytes or a
// value do not fit, the table is walked once more to name the field.

import {
  type Codec,
  type Form,
  type Kind,
  Reader,
  WireError,
  type WireErrorCode,
  Writer,
} from '../../bytes/index.ts'
import { type XdrLimits, xdrLimits } from './limits.ts'

/** An XDR type with values of the TypeScript type T. */
export interface Xdr<T> {
  /** What the wire-table engine compiles. */
  readonly kind: Kind<T>
  /**
   * Reads a message that holds one value and nothing else. Byte arrays in the value share the memory of `bytes`.
   * Errors: WireError, with the offset and the path of the field.
   */
  decode(bytes: Uint8Array, limits?: Partial<XdrLimits>): T
  /** The bytes of a value, a multiple of four. Errors: WireError (WIRE_VALUE_INVALID), with the path of the field. */
  encode(value: T): Buffer
  /** Reads a value where the reader stands: for messages of several parts. Errors: as `decode`. */
  read(from: Reader): T
  /** Writes a value. Byte arrays of 2 KiB and more are linked in: do not change them until they are sent. */
  write(to: Writer, value: T): void
}

/** The TypeScript type of the values of an XDR type. */
export type ValueOf<X> = X extends Xdr<infer T> ? T : never

/** XDR has no versions: its tables have only the one. */
const compiledForm: Form = { version: 0, flexible: false, way: 'compiled' }
const walkedForm: Form = { version: 0, flexible: false, way: 'walked' }

/** Below this many bytes the writer copies, and its only chunk belongs to nobody else. */
const SINGLE_CHUNK_BYTES_MAX = 2047

/** Makes a type of a kind of the engine. */
export function xdrType<T>(kind: Kind<T>): Xdr<T> {
  return new XdrType(kind)
}

class XdrType<T> implements Xdr<T> {
  readonly kind: Kind<T>
  #compiled: Codec<T> | undefined

  constructor(kind: Kind<T>) {
    this.kind = kind
  }

  decode(bytes: Uint8Array, limits: Partial<XdrLimits> = xdrLimits): T {
    const {
      bytesMax = xdrLimits.bytesMax,
      elementsMax = xdrLimits.elementsMax,
      depthMax = xdrLimits.depthMax,
    } = limits
    if (bytes.length > bytesMax)
      throw new WireError(
        'WIRE_OUT_OF_RANGE',
        0,
        `a message of ${bytes.length} bytes is longer than ${bytesMax}`,
      )
    const from = new Reader(asBuffer(bytes), 0, bytes.length, elementsMax, depthMax)
    const value = this.read(from)
    if (from.remaining > 0)
      throw new WireError('WIRE_TRAILING_BYTES', from.at, `${from.remaining} bytes follow the value`)
    return value
  }

  encode(value: T): Buffer {
    const to = new Writer()
    this.write(to, value)
    const isSingle = to.bytes <= SINGLE_CHUNK_BYTES_MAX
    const chunks = to.finish()
    const [only] = chunks
    return isSingle && only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks)
  }

  read(from: Reader): T {
    this.#compiled ??= this.kind.codec(compiledForm)
    const begin = from.at
    try {
      return this.#compiled.read(from)
    } catch (error) {
      if (error instanceof WireError) this.#walk(from, begin)
      throw error
    }
  }

  write(to: Writer, value: T): void {
    this.#compiled ??= this.kind.codec(compiledForm)
    try {
      this.#compiled.write(to, value)
    } catch (error) {
      // The straight-line code does not know the field's name; writing again, to nowhere, finds it.
      if (error instanceof WireError) this.kind.codec(walkedForm).write(new Writer(), value)
      throw error
    }
  }

  /** Reads again what failed, to fail with the name of the field. */
  #walk({ buffer, end, elementsMax, depthMax }: Reader, begin: number): void {
    this.kind.codec(walkedForm).read(new Reader(buffer, begin, end, elementsMax, depthMax))
  }
}

/** The same memory as a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** A kind whose codec is the same in both forms. */
export function plainKind<T>(name: string, codec: Codec<T>): Kind<T> {
  return { name, zero: undefined as T, codec: () => codec }
}

/** Says that a value does not fit what is to be written. */
export function refuse(to: Writer, value: unknown, expected: string): never {
  throw new WireError('WIRE_VALUE_INVALID', to.bytes, `${shown(value)} is not ${expected}`)
}

/** Says that the bytes at `at` break the format. */
export function broken(at: number, message: string, code: WireErrorCode = 'WIRE_OUT_OF_RANGE'): never {
  throw new WireError(code, at, message)
}

const SHOWN_LENGTH_MAX = 40

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, SHOWN_LENGTH_MAX))
  if (typeof value === 'bigint') return `${value}n`
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}
