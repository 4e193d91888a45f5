// A cursor that reads a message. Every length is checked against what is there before anything is allocated, and the
// number of elements that one message may declare is bounded, because an element costs far more memory than its byte.

import { WireError } from './errors.ts'
import { readInt64 } from './int64.ts'

/** Array elements that one message may hold in all, unless its reader is told otherwise. */
export const ELEMENTS_MAX = 250_000

/** How deep values may be nested in values of their own kind, unless a reader or writer is told otherwise. */
export const DEPTH_MAX = 256

/** What `toString('latin1')` calls after it has found out the encoding, which takes as long; in every Node, and in no types. */
interface Slicing {
  latin1Slice(start: number, end: number): string
}

/** Text up to this length is put together here, longer text by the runtime. */
const LATIN1_JOINED_MAX = 12

export class Reader {
  readonly buffer: Buffer
  readonly end: number
  at: number
  readonly elementsMax: number
  readonly depthMax: number
  #elementsLeft: number
  #depth = 0

  /** Reads `buffer[start, end)`, which is borrowed: slices that `take` gives share its memory. */
  constructor(
    buffer: Buffer,
    start = 0,
    end = buffer.length,
    elementsMax = ELEMENTS_MAX,
    depthMax = DEPTH_MAX,
  ) {
    this.buffer = buffer
    this.at = start
    this.end = end
    this.elementsMax = elementsMax
    this.#elementsLeft = elementsMax
    this.depthMax = depthMax
  }

  get remaining(): number {
    return this.end - this.at
  }

  int8(): number {
    return this.buffer.readInt8(this.#advance(1))
  }
  uint8(): number {
    const { at } = this
    if (at >= this.end) throw this.#truncated(1)
    this.at = at + 1
    return this.buffer[at] as number
  }
  int16(): number {
    return this.buffer.readInt16BE(this.#advance(2))
  }
  uint16(): number {
    return this.buffer.readUInt16BE(this.#advance(2))
  }
  // By hand: Buffer's readInt32BE checks again what #advance has checked, which takes half of the time.
  int32(): number {
    const { buffer } = this
    const at = this.#advance(4)
    return (
      ((buffer[at] as number) << 24) |
      ((buffer[at + 1] as number) << 16) |
      ((buffer[at + 2] as number) << 8) |
      (buffer[at + 3] as number)
    )
  }
  uint32(): number {
    return this.int32() >>> 0
  }
  /** Exact below 2^53 in size. */
  int64(): number {
    return readInt64(this.buffer, this.#advance(8))
  }
  /** Every value, at ten times the price of `int64`. */
  bigInt64(): bigint {
    return this.buffer.readBigInt64BE(this.#advance(8))
  }
  bigUint64(): bigint {
    return this.buffer.readBigUInt64BE(this.#advance(8))
  }
  float32(): number {
    return this.buffer.readFloatBE(this.#advance(4))
  }
  float64(): number {
    return this.buffer.readDoubleBE(this.#advance(8))
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  uvarint(): number {
    const from = this.at
    if (from < this.end) {
      const first = this.buffer[from] as number
      if (first < 0x80) {
        this.at = from + 1
        return first
      }
    }
    return this.#longUvarint(from)
  }

  #longUvarint(from: number): number {
    let value = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.uint8()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    const last = this.uint8()
    if (last <= 0x0f) return last * 2 ** 28 + value
    throw new WireError('WIRE_OUT_OF_RANGE', from, 'a varint is longer than 32 bits')
  }

  /** The next `length` bytes, sharing the message's memory. */
  take(length: number): Buffer {
    const from = this.#advance(length)
    return this.buffer.subarray(from, from + length)
  }

  /** The next `length` bytes as UTF-8. */
  text(length: number): string {
    const from = this.#advance(length)
    return this.buffer.toString('utf8', from, from + length)
  }

  /** The next `length` bytes as Latin-1, fast for short text: a call into the runtime costs as much as 20 characters. */
  latin1(length: number): string {
    const from = this.#advance(length)
    const { buffer } = this
    if (length > LATIN1_JOINED_MAX) return (buffer as Buffer & Slicing).latin1Slice(from, from + length)
    const end = from + length
    let at = from + (length & 3)
    let text = ''
    for (let n = from; n < at; n++) text += String.fromCharCode(buffer[n] as number)
    for (; at < end; at += 4) text += fourCharacters(buffer, at)
    return text
  }

  skip(length: number): void {
    this.#advance(length)
  }

  /** Steps over `count` bytes, and says whether all are zero; few, for padding. */
  zeros(count: number): boolean {
    const from = this.#advance(count)
    let all = 0
    for (let n = from; n < from + count; n++) all |= this.buffer[n] ?? 0
    return all === 0
  }

  /** Accepts that `count` elements of at least one byte each follow, or says why that cannot be. */
  elements(count: number): number {
    if (count < 0 || count > this.remaining)
      throw new WireError(
        'WIRE_OUT_OF_RANGE',
        this.at,
        `${count} elements are declared, ${this.remaining} bytes are left`,
      )
    if (count > this.#elementsLeft)
      throw new WireError(
        'WIRE_OUT_OF_RANGE',
        this.at,
        `${count} elements are more than the ${this.#elementsLeft} that this message may still hold`,
      )
    this.#elementsLeft -= count
    return count
  }

  /** Begins a value inside a value of its own kind, or says that they are nested too deep. `leave` ends it. */
  enter(): void {
    if (++this.#depth > this.depthMax)
      throw new WireError('WIRE_OUT_OF_RANGE', this.at, `values are nested deeper than ${this.depthMax}`)
  }
  leave(): void {
    this.#depth--
  }

  #advance(count: number): number {
    const from = this.at
    if (count < 0 || count > this.end - from) throw this.#truncated(count)
    this.at = from + count
    return from
  }

  #truncated(count: number): WireError {
    return new WireError(
      'WIRE_TRUNCATED',
      this.at,
      `${count} bytes are needed, ${this.end - this.at} are left`,
    )
  }
}

function fourCharacters(buffer: Buffer, at: number): string {
  return String.fromCharCode(
    buffer[at] as number,
    buffer[at + 1] as number,
    buffer[at + 2] as number,
    buffer[at + 3] as number,
  )
}
