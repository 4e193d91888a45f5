// Field tables as RabbitMQ reads and writes them (its errata to specification section 4.2.5.5), which every client
// follows: the letters are not those of the specification, `s` is a 16-bit integer and `l` and `L` are the same.
//
//   table = long length, then entries of: name shortstr, letter octet, value        array = long length, then letter, value
//   S longstr  I s32  i u32  D decimal  T seconds  F table  A array  b s8  B u8  s s16  u u16  l s64  L s64  f d  t  V  x
//
// A neutral value does not know the letter it came by; where the very bytes matter, `editTable` changes some entries and
// leaves all others as they are.

import { isUtf8 } from 'node:buffer'
import { Decimal, type FieldTable, type FieldValue, isFieldTable } from '../../../broker/field-value.ts'
import { Reader, WireError, Writer } from '../../../bytes/index.ts'
import { limits } from '../limits.ts'
import { readShortstr, writeShortstr } from './shortstr.ts'

/** What one table may still hold, and how deep it is in. */
interface Budget {
  elements: number
}

const INT32_MIN = -0x8000_0000
const INT32_MAX = 0x7fff_ffff
const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n
/** The largest time that a Date holds, in seconds. */
const DATE_SECONDS_MAX = 8_640_000_000_000

/** A table with its length. Texts that are not UTF-8 are Buffers. Errors: WireError with the offset and the letter. */
export function readTable(from: Reader): FieldTable {
  return readEntries(from, { elements: limits.tableElementsMax }, 1)
}

/** A table with its length. Errors: WireError for a name above 255 bytes, or tables too deep. */
export function writeTable(to: Writer, table: FieldTable): void {
  writeEntries(to, table, 1)
}

/** A table of its own, its length included. */
export function encodeTable(table: FieldTable): Buffer {
  const to = new Writer(128)
  writeTable(to, table)
  return joined(to)
}

/**
 * The table in `bytes` (its length included) without the entries of these names and with those of `add` at its end. All
 * other entries stay byte for byte. Errors: WireError when the table is broken.
 */
export function editTable(bytes: Buffer, remove: (name: string) => boolean, add: FieldTable): Buffer {
  const to = new Writer(bytes.length + 256)
  to.uint32(0)
  const from = within(new Reader(bytes))
  while (from.remaining > 0) {
    const start = from.at
    const name = readShortstr(from)
    skipValue(from, from.uint8(), 1)
    if (!remove(name)) to.raw(bytes.subarray(start, from.at))
  }
  for (const [name, value] of add) writeEntry(to, name, value, 1)
  to.patchUint32(0, to.bytes - 4)
  return joined(to)
}

/** Whether a table with its length has an entry whose name satisfies `matches`; values are passed over. */
export function tableHas(bytes: Buffer, matches: (name: string) => boolean): boolean {
  const from = within(new Reader(bytes))
  while (from.remaining > 0) {
    if (matches(readShortstr(from))) return true
    skipValue(from, from.uint8(), 1)
  }
  return false
}

/** The part that the length before it announces, as a reader of its own. */
function within(from: Reader): Reader {
  const length = from.uint32()
  const start = from.at
  from.skip(length)
  return new Reader(from.buffer, start, start + length)
}

function readEntries(from: Reader, budget: Budget, depth: number): FieldTable {
  checkDepth(from.at, depth)
  const inner = within(from)
  const entries = new Map<string, FieldValue>()
  while (inner.remaining > 0) {
    spend(inner, budget)
    const name = readShortstr(inner)
    entries.set(name, readValue(inner, budget, depth))
  }
  return entries
}

function readArray(from: Reader, budget: Budget, depth: number): FieldValue[] {
  checkDepth(from.at, depth)
  const inner = within(from)
  const values: FieldValue[] = []
  while (inner.remaining > 0) {
    spend(inner, budget)
    values.push(readValue(inner, budget, depth))
  }
  return values
}

function readValue(from: Reader, budget: Budget, depth: number): FieldValue {
  const letter = from.uint8()
  switch (letter) {
    case 0x53: // S
      return readText(from)
    case 0x49: // I
      return from.int32()
    case 0x69: // i
      return from.uint32()
    case 0x44: // D
      return new Decimal(from.uint8(), from.int32())
    case 0x54: // T
      return readTime(from)
    case 0x46: // F
      return readEntries(from, budget, depth + 1)
    case 0x41: // A
      return readArray(from, budget, depth + 1)
    case 0x62: // b
      return from.int8()
    case 0x42: // B
      return from.uint8()
    case 0x73: // s
      return from.int16()
    case 0x75: // u
      return from.uint16()
    case 0x6c: // l
    case 0x4c: // L
      return readWhole(from)
    case 0x66: // f
      return readFloat(from)
    case 0x64: // d
      return from.float64()
    case 0x74: // t
      return from.uint8() !== 0
    case 0x56: // V
      return null
    case 0x78: // x
      return Buffer.from(from.take(from.uint32()))
    default:
      throw unknownLetter(letter, from.at - 1)
  }
}

/** Passes a value; checks lengths and letters as reading does. */
function skipValue(from: Reader, letter: number, depth: number): void {
  const bytes = fixedBytes(letter)
  if (bytes !== undefined) from.skip(bytes)
  else if (letter === 0x53 || letter === 0x78) from.skip(from.uint32())
  else if (letter === 0x46 || letter === 0x41) skipNested(from, letter === 0x46, depth + 1)
  else throw unknownLetter(letter, from.at - 1)
}

function skipNested(from: Reader, hasNames: boolean, depth: number): void {
  checkDepth(from.at, depth)
  const inner = within(from)
  while (inner.remaining > 0) {
    if (hasNames) readShortstr(inner)
    skipValue(inner, inner.uint8(), depth)
  }
}

function fixedBytes(letter: number): number | undefined {
  switch (letter) {
    case 0x56: // V
      return 0
    case 0x62: // b
    case 0x42: // B
    case 0x74: // t
      return 1
    case 0x73: // s
    case 0x75: // u
      return 2
    case 0x49: // I
    case 0x69: // i
    case 0x66: // f
      return 4
    case 0x44: // D
      return 5
    case 0x54: // T
    case 0x6c: // l
    case 0x4c: // L
    case 0x64: // d
      return 8
    default:
      return undefined
  }
}

function readText(from: Reader): string | Buffer {
  const bytes = from.take(from.uint32())
  // A copy: what is kept of a table must not hold on to the whole chunk it came in.
  return isUtf8(bytes) ? bytes.toString('utf8') : Buffer.from(bytes)
}

function readFloat(from: Reader): number {
  return from.take(4).readFloatBE(0)
}

function readWhole(from: Reader): number | bigint {
  const value = from.take(8).readBigInt64BE(0)
  return narrowed(value)
}

/** A time that no Date can hold is the number of its seconds. */
function readTime(from: Reader): Date | number | bigint {
  const seconds = narrowed(from.take(8).readBigUInt64BE(0))
  return typeof seconds === 'number' && seconds <= DATE_SECONDS_MAX ? new Date(seconds * 1000) : seconds
}

function narrowed(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function writeEntries(to: Writer, table: FieldTable, depth: number): void {
  checkDepth(to.bytes, depth)
  const start = to.bytes
  to.uint32(0)
  for (const [name, value] of table) writeEntry(to, name, value, depth)
  to.patchUint32(start, to.bytes - start - 4)
}

function writeEntry(to: Writer, name: string, value: FieldValue, depth: number): void {
  writeShortstr(to, name)
  writeValue(to, value, depth)
}

function writeArray(to: Writer, values: readonly FieldValue[], depth: number): void {
  checkDepth(to.bytes, depth)
  const start = to.bytes
  to.uint32(0)
  for (const value of values) writeValue(to, value, depth)
  to.patchUint32(start, to.bytes - start - 4)
}

function writeValue(to: Writer, value: FieldValue, depth: number): void {
  if (value === null) to.uint8(0x56)
  else if (typeof value === 'string') writeText(to, value)
  else if (typeof value === 'number') writeNumber(to, value)
  else if (typeof value === 'bigint') writeBigint(to, value)
  else if (typeof value === 'boolean') writeBoolean(to, value)
  else if (value instanceof Date) writeTime(to, value)
  else if (Buffer.isBuffer(value)) writeBytes(to, value)
  else if (value instanceof Decimal) writeDecimal(to, value)
  else if (isFieldTable(value)) {
    to.uint8(0x46)
    writeEntries(to, value, depth + 1)
  } else {
    to.uint8(0x41)
    writeArray(to, value, depth + 1)
  }
}

function writeBoolean(to: Writer, value: boolean): void {
  to.uint8(0x74)
  to.uint8(value ? 1 : 0)
}

function writeDecimal(to: Writer, { scale, unscaled }: Decimal): void {
  to.uint8(0x44)
  to.uint8(scale)
  to.int32(unscaled)
}

function writeText(to: Writer, value: string): void {
  const bytes = Buffer.byteLength(value)
  to.uint8(0x53)
  to.uint32(bytes)
  to.text(value, bytes)
}

function writeBytes(to: Writer, value: Buffer): void {
  to.uint8(0x78)
  to.uint32(value.length)
  to.raw(value)
}

function writeNumber(to: Writer, value: number): void {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    to.uint8(0x64)
    to.float64(value)
  } else if (value >= INT32_MIN && value <= INT32_MAX) {
    to.uint8(0x49)
    to.int32(value)
  } else {
    to.uint8(0x6c)
    to.int64(value)
  }
}

/** What no 64-bit integer holds goes as text: a wrong number would be worse. */
function writeBigint(to: Writer, value: bigint): void {
  if (value < INT64_MIN || value > INT64_MAX) {
    writeText(to, value.toString())
    return
  }
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigInt64BE(value, 0)
  to.uint8(0x6c)
  to.raw(bytes)
}

/** Times before 1970 have no place in an unsigned field and go as the number of their seconds. */
function writeTime(to: Writer, value: Date): void {
  const seconds = Math.floor(value.getTime() / 1000)
  if (Number.isNaN(seconds)) {
    to.uint8(0x56) // a Date that holds no time
    return
  }
  to.uint8(seconds < 0 ? 0x6c : 0x54)
  to.int64(seconds)
}

function checkDepth(at: number, depth: number): void {
  if (depth > limits.tableDepthMax)
    throw new WireError('WIRE_OUT_OF_RANGE', at, `tables lie more than ${limits.tableDepthMax} deep`)
}

function spend(from: Reader, budget: Budget): void {
  if (budget.elements-- > 0) return
  throw new WireError(
    'WIRE_OUT_OF_RANGE',
    from.at,
    `a table has more than ${limits.tableElementsMax} entries`,
  )
}

function unknownLetter(letter: number, at: number): WireError {
  const shown =
    letter > 0x20 && letter < 0x7f ? `'${String.fromCharCode(letter)}'` : `0x${letter.toString(16)}`
  return new WireError('WIRE_OUT_OF_RANGE', at, `a field table has no type ${shown}`)
}

function joined(to: Writer): Buffer {
  const chunks = to.finish()
  const [only] = chunks
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)
}
