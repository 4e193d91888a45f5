// The field kinds of AMQP 0-9-1 (specification section 4.2.5): unsigned integers, short and long strings, packed bits,
// times, tables. The protocol has one version and no null, so each kind has one codec.

import { type FieldTable, noFields } from '../../../broker/field-value.ts'
import { type Codec, Field, type Kind, type Reader, type Writer } from '../../../bytes/index.ts'
import { readShortstr, writeShortstr } from './shortstr.ts'
import { readTable, writeTable } from './table.ts'

export const octet = number(
  'octet',
  r => r.uint8(),
  (w, v) => w.uint8(v),
)
export const short = number(
  'short',
  r => r.uint16(),
  (w, v) => w.uint16(v),
)
export const long = number(
  'long',
  r => r.uint32(),
  (w, v) => w.uint32(v),
)
/** Unsigned; exact below 2^53, and no tag or time that we give is larger. */
export const longlong = number('longlong', readLonglong, writeLonglong)
/** Seconds since 1970, unsigned. */
export const timestamp = number('timestamp', readLonglong, writeLonglong)

/** A flag, false when a writer leaves it out. Flags that stand together share octets. */
export function bit(): Field<boolean, boolean, true> {
  const kind: Kind<boolean> = {
    name: 'bit',
    zero: false,
    packed: true,
    codec: () => ({ read: r => r.uint8() !== 0, write: (w, v) => w.uint8(v ? 1 : 0) }),
  }
  return new Field(kind as Kind<unknown, unknown>)
}

/** Text of at most 255 bytes of UTF-8. */
export function shortstr(): Field<string> {
  return new Field(kindOf('shortstr', '', { read: readShortstr, write: writeShortstr }))
}

/** Bytes with a 32-bit length, borrowed from the frame when read. */
export function longstr(): Field<Buffer> {
  return new Field(
    kindOf('longstr', Buffer.alloc(0), {
      read: r => r.take(r.uint32()),
      write: (w, v) => {
        w.uint32(v.length)
        w.raw(v)
      },
    }),
  )
}

/** A field table, empty when a writer leaves it out. */
export function table(): Field<FieldTable, FieldTable, true> {
  return new Field(kindOf('table', noFields, { read: readTable, write: writeTable }))
}

function readLonglong(from: Reader): number {
  return from.uint32() * 0x1_0000_0000 + from.uint32()
}

function writeLonglong(to: Writer, value: number): void {
  to.uint32(Math.floor(value / 0x1_0000_0000))
  to.uint32(value % 0x1_0000_0000)
}

function number(
  name: string,
  read: (r: Reader) => number,
  write: (w: Writer, v: number) => void,
): () => Field<number> {
  const kind = kindOf(name, 0, { read, write })
  return () => new Field(kind)
}

function kindOf<T>(name: string, zero: T, codec: Codec<T>): Kind<unknown, unknown> {
  return { name, zero, codec: () => codec } as Kind<unknown, unknown>
}
