// Bytes (RFC 4506, 4.9 and 4.10): of fixed length, or with their length before them; filled up with zeros to whole units
// of four. What is read shares the memory of the message. A fill byte that is not zero is refused: it would come back
// as another message than it was.

import type { Codec, Reader, Writer } from '../../bytes/index.ts'
import { LENGTH_MAX } from './limits.ts'
import { asBuffer, broken, plainKind, refuse, type Xdr, xdrType } from './type.ts'

/** opaque x[length]. */
export function opaque(length: number): Xdr<Uint8Array> {
  const codec: Codec<Uint8Array> = {
    read: from => padded(from, length),
    write(to, value) {
      if (!(value instanceof Uint8Array) || value.length !== length)
        refuse(to, value, `a Uint8Array of ${length} bytes`)
      writePadded(to, value)
    },
  }
  return xdrType(plainKind(`opaque[${length}]`, codec))
}

/** opaque x<max>. */
export function varOpaque(max = LENGTH_MAX): Xdr<Uint8Array> {
  const codec: Codec<Uint8Array> = {
    read: from => padded(from, readLength(from, max)),
    write(to, value) {
      if (!(value instanceof Uint8Array) || value.length > max)
        refuse(to, value, `a Uint8Array of at most ${max} bytes`)
      to.word(value.length)
      writePadded(to, value)
    },
  }
  return xdrType(plainKind(`opaque<${max === LENGTH_MAX ? '' : max}>`, codec))
}

/** A length before bytes or elements, checked against its bound. */
export function readLength(from: Reader, max: number): number {
  const length = from.uint32()
  if (length > max) broken(from.at - 4, `a length of ${length} is above its bound of ${max}`)
  return length
}

/** Steps over the fill bytes behind `length` bytes, which must be zero. */
export function skipPadding(from: Reader, length: number): void {
  const fill = -length & 3
  if (fill !== 0 && !from.zeros(fill)) broken(from.at - fill, 'fill bytes are not all zero')
}

/** The fill bytes behind `length` bytes. */
export function writePadding(to: Writer, length: number): void {
  const fill = -length & 3
  if (fill !== 0) to.zeros(fill)
}

function padded(from: Reader, length: number): Buffer {
  const bytes = from.take(length)
  skipPadding(from, length)
  return bytes
}

function writePadded(to: Writer, value: Uint8Array): void {
  to.raw(asBuffer(value))
  writePadding(to, value.length)
}
