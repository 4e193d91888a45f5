// A cursor that writes a message into chunks. It grows by itself; large buffers are linked in, not copied.

import type { ByteSource, Piece } from './byte-source.ts'
import { WireError } from './errors.ts'
import { writeInt64 } from './int64.ts'
import { DEPTH_MAX } from './reader.ts'

/** Below this many bytes a copy is cheaper than another entry in the socket's write vector. */
const LINK_BYTES_MIN = 2048

/** A chunk in which so much is written is continued in another instead of being copied into one twice as large. */
const FULL_BYTES = 32_768
/** Room of that other. */
const CHUNK_BYTES = 65_536

/** Up to this many bytes a loop copies faster than a call of `set`. */
const COPY_LOOP_BYTES_MAX = 64

export class Writer {
  readonly #done: Buffer[] = []
  #doneBytes = 0
  #buffer: Buffer
  #start = 0
  #at = 0
  #depth = 0
  /** Sources, and before which chunk they come. */
  #sources: { readonly source: ByteSource; readonly before: number }[] | undefined

  constructor(sizeHint = 512) {
    this.#buffer = Buffer.allocUnsafe(sizeHint)
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#doneBytes + this.#at - this.#start
  }

  int8(value: number): void {
    const at = this.#room(1)
    this.#buffer.writeInt8(value, at)
  }
  uint8(value: number): void {
    const at = this.#room(1)
    this.#buffer.writeUInt8(value, at)
  }
  int16(value: number): void {
    const at = this.#room(2)
    this.#buffer.writeInt16BE(value, at)
  }
  uint16(value: number): void {
    const at = this.#room(2)
    this.#buffer.writeUInt16BE(value, at)
  }
  int32(value: number): void {
    const at = this.#room(4)
    this.#buffer.writeInt32BE(value, at)
  }
  uint32(value: number): void {
    const at = this.#room(4)
    this.#buffer.writeUInt32BE(value, at)
  }
  /** A whole number of 32 bits, with a sign or without, that the caller has checked: twice as fast as the two above. */
  word(value: number): void {
    const at = this.#room(4)
    const buffer = this.#buffer
    buffer[at] = value >>> 24
    buffer[at + 1] = value >>> 16
    buffer[at + 2] = value >>> 8
    buffer[at + 3] = value
  }
  /** A whole number below 2^53 in size. */
  int64(value: number): void {
    const at = this.#room(8)
    writeInt64(this.#buffer, at, value)
  }
  bigInt64(value: bigint): void {
    const at = this.#room(8)
    this.#buffer.writeBigInt64BE(value, at)
  }
  bigUint64(value: bigint): void {
    const at = this.#room(8)
    this.#buffer.writeBigUInt64BE(value, at)
  }
  float32(value: number): void {
    const at = this.#room(4)
    this.#buffer.writeFloatBE(value, at)
  }
  float64(value: number): void {
    const at = this.#room(8)
    this.#buffer.writeDoubleBE(value, at)
  }

  /** A whole number from 0 to 255 that the caller has checked: faster than `uint8`. */
  byte(value: number): void {
    const at = this.#room(1)
    this.#buffer[at] = value
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  uvarint(value: number): void {
    let rest = value
    for (; rest > 0x7f; rest >>>= 7) this.byte((rest & 0x7f) | 0x80)
    this.byte(rest)
  }

  /** UTF-8 without a length; `length` is Buffer.byteLength(value). */
  text(value: string, length: number): void {
    const at = this.#room(length)
    this.#buffer.write(value, at, length, 'utf8')
  }

  /** Text of ASCII characters only, which the caller has checked. For short text faster than `text`. */
  ascii(value: string): void {
    const at = this.#room(value.length)
    const buffer = this.#buffer
    for (let n = 0; n < value.length; n++) buffer[at + n] = value.charCodeAt(n)
  }

  /**
   * The byte `tag + value.length`, then `value` in Latin-1, for short text; if a character is beyond Latin-1, nothing is
   * written and the answer is false.
   */
  taggedLatin1(tag: number, value: string): boolean {
    const { length } = value
    let at = this.#room(length + 1)
    const buffer = this.#buffer
    buffer[at++] = tag + length
    for (let n = 0; n < length; n++) {
      const unit = value.charCodeAt(n)
      if (unit > 0xff) {
        this.#at -= length + 1
        return false
      }
      buffer[at++] = unit
    }
    return true
  }

  /** Text whose characters all are Latin-1, which the caller has checked. For long text. */
  latin1(value: string): void {
    const at = this.#room(value.length)
    this.#buffer.write(value, at, 'latin1')
  }

  /** A copy of bytes, however many: their owner may change them afterwards. */
  copy(value: Uint8Array): void {
    const { length } = value
    const at = this.#room(length)
    if (length <= COPY_LOOP_BYTES_MAX) {
      const buffer = this.#buffer
      for (let n = 0; n < length; n++) buffer[at + n] = value[n] as number
    } else this.#buffer.set(value, at)
  }

  /** Bytes as they are. A large buffer is kept until the message is sent: its owner must not change it. */
  raw(value: Buffer): void {
    if (value.length >= LINK_BYTES_MIN) this.#link(value)
    else this.#copy(value)
  }

  /** Bytes that are not there yet: `pieces` names their source. What was written is neither patched nor taken back then. */
  source(source: ByteSource): void {
    this.#closeChunk()
    this.#sources ??= []
    this.#sources.push({ source, before: this.#done.length })
    this.#doneBytes += source.bytes
  }

  /** Overwrites four bytes that were written before, `offset` bytes from the beginning: a length known only afterwards. */
  patchUint32(offset: number, value: number): void {
    let before = this.#doneBytes
    if (offset >= before) {
      this.#buffer.writeUInt32BE(value, this.#start + offset - before)
      return
    }
    for (let n = this.#done.length - 1; n >= 0; n--) {
      const chunk = this.#done[n] as Buffer
      before -= chunk.length
      if (offset < before) continue
      chunk.writeUInt32BE(value, offset - before)
      return
    }
  }

  /** Takes back what was written behind the first `bytes` bytes, and leaves all values: a message that could not be finished. */
  truncate(bytes: number): void {
    this.#depth = 0
    if (bytes >= this.#doneBytes) {
      this.#at = this.#start + bytes - this.#doneBytes
      return
    }
    this.#at = this.#start
    while (this.#doneBytes > bytes) {
      const last = this.#done.pop() as Buffer
      this.#doneBytes -= last.length
      if (this.#doneBytes >= bytes) continue
      const kept = last.subarray(0, bytes - this.#doneBytes)
      this.#done.push(kept)
      this.#doneBytes += kept.length
    }
  }

  /** `count` bytes of zero; few, for padding. */
  zeros(count: number): void {
    const at = this.#room(count)
    for (let n = at; n < at + count; n++) this.#buffer[n] = 0
  }

  /** Begins a value inside a value of its own kind, or says that they are nested too deep. `leave` ends it. */
  enter(): void {
    if (++this.#depth > DEPTH_MAX)
      throw new WireError('WIRE_VALUE_INVALID', this.bytes, `values are nested deeper than ${DEPTH_MAX}`)
  }
  leave(): void {
    this.#depth--
  }

  /** The message. The writer must not be used afterwards. */
  finish(): Buffer[] {
    this.#closeChunk()
    return this.#done
  }

  /** As `finish`, of a message that may have sources. */
  pieces(): Piece[] {
    const chunks = this.finish()
    if (this.#sources === undefined) return chunks
    const pieces: Piece[] = []
    let taken = 0
    for (const { source, before } of this.#sources) {
      pieces.push(...chunks.slice(taken, before), source)
      taken = before
    }
    return [...pieces, ...chunks.slice(taken)]
  }

  #copy(value: Buffer): void {
    const at = this.#room(value.length)
    value.copy(this.#buffer, at)
  }

  #link(value: Buffer): void {
    this.#closeChunk()
    this.#done.push(value)
    this.#doneBytes += value.length
  }

  #closeChunk(): void {
    if (this.#at === this.#start) return
    this.#done.push(this.#buffer.subarray(this.#start, this.#at))
    this.#doneBytes += this.#at - this.#start
    this.#start = this.#at
  }

  /** Makes room for `count` bytes and gives where they begin. May replace the buffer: call it first. */
  #room(count: number): number {
    const at = this.#at
    if (at + count > this.#buffer.length) return this.#grow(count)
    this.#at = at + count
    return at
  }

  #grow(count: number): number {
    const used = this.#at - this.#start
    if (used >= FULL_BYTES) return this.#nextChunk(count)
    const larger = Buffer.allocUnsafe(Math.max(512, (used + count) * 2))
    this.#buffer.copy(larger, 0, this.#start, this.#at)
    this.#buffer = larger
    this.#start = 0
    this.#at = used + count
    return used
  }

  #nextChunk(count: number): number {
    this.#closeChunk()
    this.#buffer = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, count))
    this.#start = 0
    this.#at = count
    return 0
  }
}
