// Variable-length integers as protocol buffers write them: seven bits a byte, lowest first, the top bit set on all but
// the last. Kafka's records use the zigzag kinds (varint of 32 bits, varlong of 64), its flexible messages the unsigned
// one. Values are JavaScript numbers: a varlong beyond 2^53 is refused instead of being rounded.

import { WireError } from './errors.ts'

/**
 * Reads varints one after another; nothing is allocated per call. The buffer is borrowed. Errors: WIRE_TRUNCATED,
 * WIRE_OUT_OF_RANGE, with the first byte of the number as offset.
 */
export class VarintReader {
  readonly buffer: Buffer
  /** Where the next byte is read; callers move it over what they read themselves. */
  position: number
  /** Nothing is read at or past this. */
  end: number

  constructor(buffer: Buffer, position = 0, end = buffer.length) {
    this.buffer = buffer
    this.position = position
    this.end = Math.min(end, buffer.length)
  }

  /** Unsigned, 32 bits, at most five bytes. */
  uvarint(): number {
    const start = this.position
    if (start < this.end) {
      const first = this.buffer[start] as number
      if (first < 0x80) {
        this.position = start + 1
        return first
      }
    }
    return this.#longUvarint(start)
  }

  /** Zigzag, 32 bits, at most five bytes. */
  varint(): number {
    const raw = this.uvarint()
    return (raw >>> 1) ^ -(raw & 1)
  }

  /** Zigzag, 64 bits, at most ten bytes, within +-(2^53 - 1). */
  varlong(): number {
    const start = this.position
    const low = this.#group(start)
    if (this.position - start < 4 || !this.#goesOn()) return (low >>> 1) ^ -(low & 1)
    const middle = this.#group(start)
    const high = this.position - start === 8 && this.#goesOn() ? this.#tail(start) : 0
    const half = (low >>> 1) + middle * 0x800_0000
    if (high !== 0 || half > Number.MAX_SAFE_INTEGER)
      throw new WireError('WIRE_OUT_OF_RANGE', start, 'a varlong is beyond 2^53 - 1')
    return (low & 1) === 0 ? half : -half - 1
  }

  #longUvarint(start: number): number {
    let value = 0
    let at = start
    for (let shift = 0; shift < 35; shift += 7) {
      if (at >= this.end) throw new WireError('WIRE_TRUNCATED', start, 'a varint is cut short')
      const byte = this.buffer[at++] as number
      if (shift === 28 && byte > 0x0f)
        throw new WireError('WIRE_OUT_OF_RANGE', start, 'a varint is longer than 32 bits')
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    this.position = at
    return value >>> 0
  }

  /** Up to four bytes, 28 bits; stops after the last byte of the number. */
  #group(start: number): number {
    let value = 0
    let at = this.position
    for (let shift = 0; shift < 28; shift += 7) {
      if (at >= this.end) throw new WireError('WIRE_TRUNCATED', start, 'a varlong is cut short')
      const byte = this.buffer[at++] as number
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    this.position = at
    return value
  }

  /** The ninth and tenth byte: bits 56 to 63. */
  #tail(start: number): number {
    const ninth = this.#group(start)
    if (this.position - start > 10 || ninth > 0xff)
      throw new WireError('WIRE_OUT_OF_RANGE', start, 'a varlong is longer than 64 bits')
    return ninth
  }

  /** Whether the byte just read said that more follow. */
  #goesOn(): boolean {
    return (this.buffer[this.position - 1] as number) >= 0x80
  }
}

/** Bytes that `writeUvarint` takes for a whole number from 0 to 2^32 - 1. */
export function uvarintBytes(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  return value < 0x1000_0000 ? 4 : 5
}

/** Bytes that `writeVarint` takes for a signed 32-bit number. */
export function varintBytes(value: number): number {
  return uvarintBytes(zigzag(value))
}

/** Bytes that `writeVarlong` takes for a whole number within +-(2^53 - 1). */
export function varlongBytes(value: number): number {
  if (value === (value | 0)) return uvarintBytes(zigzag(value))
  let bytes = 1
  for (let rest = Math.floor(halved(value) / 64); rest > 0; rest = Math.floor(rest / 128)) bytes++
  return bytes
}

/** Writes a whole number from 0 to 2^32 - 1; gives the position after it. The caller has made the room. */
export function writeUvarint(buffer: Buffer, value: number, at: number): number {
  let rest = value
  let to = at
  while (rest > 0x7f) {
    buffer[to++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  buffer[to++] = rest
  return to
}

/** Writes a signed 32-bit number; gives the position after it. The caller has made the room. */
export function writeVarint(buffer: Buffer, value: number, at: number): number {
  return writeUvarint(buffer, zigzag(value), at)
}

/** Writes a whole number within +-(2^53 - 1); gives the position after it. The caller has made the room. */
export function writeVarlong(buffer: Buffer, value: number, at: number): number {
  if (value === (value | 0)) return writeUvarint(buffer, zigzag(value), at)
  const half = halved(value)
  let rest = Math.floor(half / 64)
  let to = at
  buffer[to++] = ((half % 64) << 1) | (value < 0 ? 1 : 0) | 0x80 // beyond 32 bits: more bytes always follow
  while (rest > 0x7f) {
    buffer[to++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  buffer[to++] = rest
  return to
}

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0
}

/** Zigzag without its lowest bit, the sign: doubling first would leave the exact numbers. */
function halved(value: number): number {
  return value < 0 ? -value - 1 : value
}
