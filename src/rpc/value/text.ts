// Text. Short text takes one byte more than it has characters, for most text is short and Latin-1. JavaScript's strings
// are UTF-16 that may be ill-formed (a lone surrogate), which UTF-8 cannot say: those few go as they are.

import { isUtf8 } from 'node:buffer'
import { type Reader, WireError, type Writer } from '../../bytes/index.ts'
import { LATIN1, SHORT_TEXT, SHORT_TEXT_MAX, UTF8, UTF16 } from './tags.ts'

/** ES2024, in Node since 20. */
interface WellFormed {
  isWellFormed(): boolean
}

export function writeText(to: Writer, value: string): void {
  if (value.length <= SHORT_TEXT_MAX && to.taggedLatin1(SHORT_TEXT, value)) return
  writeLongText(to, value)
}

function writeLongText(to: Writer, value: string): void {
  const bytes = Buffer.byteLength(value)
  if (bytes === value.length) {
    to.byte(LATIN1)
    to.uvarint(bytes)
    to.latin1(value)
  } else if ((value as unknown as WellFormed).isWellFormed()) {
    to.byte(UTF8)
    to.uvarint(bytes)
    to.text(value, bytes)
  } else {
    to.byte(UTF16)
    to.uvarint(value.length)
    to.copy(Buffer.from(value, 'utf16le'))
  }
}

/** Text whose tag was read. */
export function readTextOf(from: Reader, tag: number): string {
  if (tag >= SHORT_TEXT && tag <= SHORT_TEXT + SHORT_TEXT_MAX) return from.latin1(tag - SHORT_TEXT)
  switch (tag) {
    case LATIN1:
      return from.latin1(from.uvarint())
    case UTF8:
      return readUtf8(from)
    case UTF16:
      return from.take(from.uvarint() * 2).toString('utf16le')
    default:
      throw new WireError('WIRE_OUT_OF_RANGE', from.at - 1, `text is expected, the tag is ${tag}`)
  }
}

export function readText(from: Reader): string {
  return readTextOf(from, from.uint8())
}

function readUtf8(from: Reader): string {
  const bytes = from.take(from.uvarint())
  if (!isUtf8(bytes)) throw new WireError('WIRE_OUT_OF_RANGE', from.at, 'text is not well-formed UTF-8')
  return bytes.toString('utf8')
}
