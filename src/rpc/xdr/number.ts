// Numbers (RFC 4506, 4.1, 4.2, 4.5 to 4.8): int and unsigned int as numbers, hyper as bigint, float and double as numbers,
// quadruple, which JavaScript cannot hold, as its 16 bytes. char and short are what rpcgen makes of them: four bytes on
// the wire, in a smaller range.

import type { Codec, Inline, Kind, Reader, Writer } from '../../bytes/index.ts'
import { opaque } from './opaque.ts'
import { broken, plainKind, refuse, type Xdr, xdrType } from './type.ts'

/** int: 32 bits with a sign. Also what C calls long in an .x file. */
export const int: Xdr<number> = xdrType(
  scalar('int', {
    read: r => r.int32(),
    write: (w, v) => ((v | 0) === v ? w.word(v) : refuse(w, v, 'an int: whole, -2147483648 to 2147483647')),
    inline: {
      read: 'r.int32()',
      write: (v, c) => `(${v} | 0) === ${v} ? w.word(${v}) : ${c}.write(w, ${v})`,
    },
  }),
)

/** unsigned int: 32 bits. */
export const uint: Xdr<number> = xdrType(
  scalar('unsigned int', {
    read: r => r.uint32(),
    write: (w, v) => (v >>> 0 === v ? w.word(v) : refuse(w, v, 'an unsigned int: whole, 0 to 4294967295')),
    inline: {
      read: 'r.uint32()',
      write: (v, c) => `${v} >>> 0 === ${v} ? w.word(${v}) : ${c}.write(w, ${v})`,
    },
  }),
)

/** hyper: 64 bits with a sign. Always a bigint: a type that depends on the value would be no type. */
export const hyper: Xdr<bigint> = xdrType(
  plainKind('hyper', {
    read: (r: Reader) => r.bigInt64(),
    write: (w: Writer, v: bigint) =>
      typeof v === 'bigint' && BigInt.asIntN(64, v) === v
        ? w.bigInt64(v)
        : refuse(w, v, 'a hyper: a bigint of 64 bits'),
    inline: { read: 'r.bigInt64()' },
  }),
)

/** unsigned hyper: 64 bits, as a bigint. */
export const uhyper: Xdr<bigint> = xdrType(
  plainKind('unsigned hyper', {
    read: (r: Reader) => r.bigUint64(),
    write: (w: Writer, v: bigint) =>
      typeof v === 'bigint' && BigInt.asUintN(64, v) === v
        ? w.bigUint64(v)
        : refuse(w, v, 'an unsigned hyper: a bigint of 64 bits without a sign'),
    inline: { read: 'r.bigUint64()' },
  }),
)

/** float: IEEE 754 with 32 bits. Writing rounds to the nearest; the payload of a NaN is not kept. */
export const float: Xdr<number> = xdrType(
  scalar('float', {
    read: r => r.float32(),
    write: (w, v) => (typeof v === 'number' ? w.float32(v) : refuse(w, v, 'a number')),
    inline: {
      read: 'r.float32()',
      write: (v, c) => `typeof ${v} === 'number' ? w.float32(${v}) : ${c}.write(w, ${v})`,
    },
  }),
)

/** double: IEEE 754 with 64 bits. */
export const double: Xdr<number> = xdrType(
  scalar('double', {
    read: r => r.float64(),
    write: (w, v) => (typeof v === 'number' ? w.float64(v) : refuse(w, v, 'a number')),
    inline: {
      read: 'r.float64()',
      write: (v, c) => `typeof ${v} === 'number' ? w.float64(${v}) : ${c}.write(w, ${v})`,
    },
  }),
)

/** quadruple: IEEE 754 with 128 bits, as 16 bytes, the one of most weight first. */
export const quadruple: Xdr<Uint8Array> = opaque(16)

/**
 * char and short of rpcgen: an int on the wire, which must lie in the range of the C type. Whether char has a sign is left
 * to the compiler in C (it has on x86, it has not on ARM), so that both ranges are good.
 */
export const char: Xdr<number> = ranged('char', -0x80, 0xff)
export const uchar: Xdr<number> = ranged('unsigned char', 0, 0xff)
export const short: Xdr<number> = ranged('short', -0x8000, 0x7fff)
export const ushort: Xdr<number> = ranged('unsigned short', 0, 0xffff)

function ranged(name: string, min: number, max: number): Xdr<number> {
  const fits = (value: number): boolean => (value | 0) === value && value >= min && value <= max
  return xdrType(
    scalar(name, {
      read(from) {
        const value = from.int32()
        return fits(value) ? value : broken(from.at - 4, `${value} is no ${name}: ${min} to ${max}`)
      },
      write: (to, value) => (fits(value) ? to.word(value) : refuse(to, value, `a ${name}: ${min} to ${max}`)),
    }),
  )
}

function scalar(name: string, codec: Codec<number> & { readonly inline?: Inline }): Kind<number> {
  return plainKind(name, codec)
}
