// Short strings (specification section 4.2.5.3): an octet of length and that many bytes of UTF-8. They are names and keys,
// read several times for each message, so plain ASCII has a way of its own.

import { isUtf8 } from 'node:buffer'
import { type Reader, WireError, type Writer } from '../../../bytes/index.ts'

/** Bytes of a short string: its length is one octet. */
export const SHORTSTR_BYTES_MAX = 255

/** A name or key is ASCII nearly always, and up to here a loop that finds out is cheaper than a call. */
const ASCII_BY_LOOP = 64

/** Errors: WireError for bytes that are not UTF-8, which would not come back as they were. */
export function readShortstr(from: Reader): string {
  const length = from.uint8()
  const at = from.at
  from.skip(length)
  return utf8Text(from.buffer, at, at + length)
}

/** Errors: WireError for a text of more than 255 bytes. */
export function writeShortstr(to: Writer, text: string): void {
  if (text.length < ASCII_BY_LOOP && isAsciiText(text)) {
    to.uint8(text.length)
    to.ascii(text)
    return
  }
  const bytes = Buffer.byteLength(text)
  if (bytes > SHORTSTR_BYTES_MAX)
    throw new WireError(
      'WIRE_OUT_OF_RANGE',
      to.bytes,
      `a short string of ${bytes} bytes is above the limit of ${SHORTSTR_BYTES_MAX}`,
    )
  to.uint8(bytes)
  to.text(text, bytes)
}

/** `buffer[at, end)` as text. Errors: WireError when it is not UTF-8. */
export function utf8Text(buffer: Buffer, at: number, end: number): string {
  if (end - at < ASCII_BY_LOOP && isAsciiBytes(buffer, at, end)) return buffer.toString('latin1', at, end)
  if (!isUtf8(buffer.subarray(at, end)))
    throw new WireError('WIRE_OUT_OF_RANGE', at, 'a short string is not UTF-8')
  return buffer.toString('utf8', at, end)
}

/** The same, but undefined when it is not UTF-8. */
export function utf8TextIfAny(buffer: Buffer): string | undefined {
  if (buffer.length < ASCII_BY_LOOP && isAsciiBytes(buffer, 0, buffer.length))
    return buffer.toString('latin1')
  return isUtf8(buffer) ? buffer.toString('utf8') : undefined
}

function isAsciiBytes(buffer: Buffer, at: number, end: number): boolean {
  for (let n = at; n < end; n++) if ((buffer[n] as number) > 0x7f) return false
  return true
}

function isAsciiText(text: string): boolean {
  for (let n = 0; n < text.length; n++) if (text.charCodeAt(n) > 0x7f) return false
  return true
}
