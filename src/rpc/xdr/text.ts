// Strings (RFC 4506, 4.11): a length in bytes, the bytes, fill. The RFC says ASCII; what travels is whatever the two ends
// agree on. Here a string is UTF-8, and anything else is refused in both directions rather than mangled: a name
// that cannot come back as it went is a wrong name. For peers that send other bytes there are latin1, in which every byte
// is a character of the same number, and `varOpaque`. Bounds are in bytes.

import { isUtf8 } from 'node:buffer'
import type { Codec, Reader, Writer } from '../../bytes/index.ts'
import { LENGTH_MAX } from './limits.ts'
import { readLength, skipPadding, writePadding } from './opaque.ts'
import { broken, plainKind, refuse, type Xdr, xdrType } from './type.ts'

/** string x<max>, in UTF-8. */
export function string(max = LENGTH_MAX): Xdr<string> {
  return text('string', max, {
    read(from) {
      const length = readLength(from, max)
      const value = readUtf8(from, length)
      skipPadding(from, length)
      return value
    },
    write: (to, value) =>
      typeof value === 'string' ? writeUtf8(to, value, max) : refuse(to, value, 'a string'),
  })
}

/** string x<max>, each byte as the character U+0000 to U+00FF of the same number: every sequence of bytes is good. */
export function latin1(max = LENGTH_MAX): Xdr<string> {
  return text('latin1', max, {
    read(from) {
      const length = readLength(from, max)
      const value = from.take(length).toString('latin1')
      skipPadding(from, length)
      return value
    },
    write: (to, value) =>
      typeof value === 'string' ? writeLatin1(to, value, max) : refuse(to, value, 'a string'),
  })
}

function text(name: string, max: number, codec: Codec<string>): Xdr<string> {
  return xdrType(plainKind(`${name}<${max === LENGTH_MAX ? '' : max}>`, codec))
}

function readUtf8(from: Reader, length: number): string {
  const begin = from.at
  const isShort = length <= SHORT_LENGTH_MAX
  if (isShort && length <= from.remaining && isAsciiAt(from.buffer, begin, length)) {
    if (length > TINY_LENGTH_MAX) return from.text(length)
    from.skip(length)
    return asciiAt(from.buffer, begin, length)
  }
  const value = from.text(length)
  // Decoding puts U+FFFD for what is not UTF-8; only then is it worth a second look whether it was sent as such.
  if (value.includes('\ufffd') && !isUtf8(from.buffer.subarray(begin, begin + length)))
    broken(begin, 'a string is not UTF-8')
  return value
}

function isAsciiAt(buffer: Buffer, begin: number, length: number): boolean {
  let all = 0
  for (let n = begin; n < begin + length; n++) all |= buffer[n] as number
  return all < 0x80
}

/** Up to this many characters V8 joins strings by copying them; and a call into C++ costs more than that. */
const TINY_LENGTH_MAX = 12

function asciiAt(buffer: Buffer, begin: number, length: number): string {
  const end = begin + length
  let value = ''
  let at = begin
  for (; at + 4 <= end; at += 4)
    value += String.fromCharCode(
      buffer[at] as number,
      buffer[at + 1] as number,
      buffer[at + 2] as number,
      buffer[at + 3] as number,
    )
  for (; at < end; at++) value += String.fromCharCode(buffer[at] as number)
  return value
}

function writeUtf8(to: Writer, value: string, max: number): void {
  if (isShortAscii(value) && value.length <= max) {
    to.word(value.length)
    to.ascii(value)
    writePadding(to, value.length)
    return
  }
  const length = Buffer.byteLength(value)
  if (length > max) refuse(to, value, `a string of at most ${max} bytes: it has ${length}`)
  if (length !== value.length && /\p{Surrogate}/u.test(value))
    refuse(to, value, 'text: it has half of a surrogate pair')
  to.word(length)
  to.text(value, length)
  writePadding(to, length)
}

/** Up to this many characters a loop is faster than asking for the length in UTF-8 and then encoding. */
const SHORT_LENGTH_MAX = 32

function isShortAscii(value: string): boolean {
  if (value.length > SHORT_LENGTH_MAX) return false
  for (let n = 0; n < value.length; n++) if (value.charCodeAt(n) > 0x7f) return false
  return true
}

function writeLatin1(to: Writer, value: string, max: number): void {
  if (value.length > max) refuse(to, value, `a string of at most ${max} bytes: it has ${value.length}`)
  for (let n = 0; n < value.length; n++)
    if (value.charCodeAt(n) > 0xff) refuse(to, value, 'latin1: it has a character above U+00FF')
  to.word(value.length)
  to.raw(Buffer.from(value, 'latin1'))
  writePadding(to, value.length)
}
