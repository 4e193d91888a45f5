// LZ4 blocks (lz4/doc/lz4_Block_format.md): sequences of token, literals, offset, match. Written by hand because no
// library for Node inflates under a limit. The compressor is the greedy kind with one hash table, like LZ4's own fast
// mode: it looks only at the last place where the same four bytes stood.

import { damaged } from '../refusal.ts'

const HASH_BITS = 14
const OFFSET_MAX = 0xffff
const MATCH_MIN = 4
/** A match starts at least 12 bytes before the end of its block, and the last 5 bytes are literals. */
const MATCH_START_MARGIN = 12
const MATCH_END_MARGIN = 5
/** After 2^6 misses the step grows by one: bytes that do not compress are passed over quickly. */
const SKIP_BITS = 6
/** Below this a loop is faster than the call that copies. */
const COPY_BY_CALL = 24

const lastSeen = new Int32Array(1 << HASH_BITS)

/** The most bytes that `length` bytes take as a block. */
export function lz4BlockBound(length: number): number {
  return length + Math.ceil(length / 255) + 16
}

/**
 * Compresses `source[start, end)` into `out` at `at`, independent of what came before; gives the position after it.
 * The caller has made room for lz4BlockBound bytes.
 */
export function compressLz4Block(
  source: Buffer,
  start: number,
  end: number,
  out: Buffer,
  at: number,
): number {
  lastSeen.fill(-1) // equal input gives equal output, whatever was compressed before
  let to = at
  let anchor = start
  let misses = 0
  for (let i = start; i <= end - MATCH_START_MARGIN; ) {
    const word = wordAt(source, i)
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS)
    const seen = lastSeen[slot] as number
    lastSeen[slot] = i
    if (seen < start || i - seen > OFFSET_MAX || wordAt(source, seen) !== word) {
      i += 1 + (misses++ >> SKIP_BITS)
      continue
    }
    const length = matchLength(source, seen, i, end - MATCH_END_MARGIN)
    to = writeLiterals(source, anchor, i, out, to, Math.min(15, length - MATCH_MIN))
    to = writeMatch(out, to, i - seen, length)
    i += length
    anchor = i
    misses = 0
  }
  return writeLiterals(source, anchor, end, out, to, 0)
}

function wordAt(source: Buffer, at: number): number {
  return (
    (source[at] as number) |
    ((source[at + 1] as number) << 8) |
    ((source[at + 2] as number) << 16) |
    ((source[at + 3] as number) << 24)
  )
}

function matchLength(source: Buffer, seen: number, at: number, limit: number): number {
  let length = MATCH_MIN
  while (at + length < limit && source[seen + length] === source[at + length]) length++
  return length
}

function writeLiterals(
  source: Buffer,
  from: number,
  end: number,
  out: Buffer,
  at: number,
  matchBits: number,
): number {
  const length = end - from
  out[at] = (Math.min(15, length) << 4) | matchBits
  const to = length >= 15 ? writeLength(out, at + 1, length - 15) : at + 1
  if (length < COPY_BY_CALL) for (let i = 0; i < length; i++) out[to + i] = source[from + i] as number
  else source.copy(out, to, from, end)
  return to + length
}

function writeMatch(out: Buffer, at: number, offset: number, length: number): number {
  out[at] = offset & 0xff
  out[at + 1] = offset >>> 8
  const over = length - MATCH_MIN - 15
  return over >= 0 ? writeLength(out, at + 2, over) : at + 2
}

function writeLength(out: Buffer, at: number, length: number): number {
  let rest = length
  let to = at
  for (; rest >= 255; rest -= 255) out[to++] = 255
  out[to++] = rest
  return to
}

/** Inflates LZ4 blocks one after another into one buffer, so that linked blocks can look back. */
export class Lz4BlockInflater {
  readonly out: Buffer
  /** Bytes of `out` that are filled. */
  filled = 0
  readonly #source: Buffer
  #at = 0
  #end = 0

  constructor(source: Buffer, out: Buffer) {
    this.#source = source
    this.out = out
  }

  /**
   * Inflates the block `source[start, end)`. Matches may reach back to `floor` of `out`. Gives false when the block
   * needs more room than up to `limit`; errors with LOG_BATCH_INVALID when it is damaged.
   */
  inflate(start: number, end: number, floor: number, limit: number): boolean {
    this.#at = start
    this.#end = end
    while (this.#at < end) {
      const token = this.#source[this.#at++] as number
      const literals = this.#length(token >>> 4)
      if (this.#at + literals > end) throw damaged('lz4', `literals at byte ${this.#at} are cut short`)
      if (this.filled + literals > limit) return false
      this.#copyLiterals(literals)
      if (this.#at === end) return true // the last sequence has literals only
      if (!this.#match(token, floor, limit)) return false
    }
    throw damaged('lz4', `the block ending at byte ${end} lacks its last literals`)
  }

  #match(token: number, floor: number, limit: number): boolean {
    const at = this.#at
    if (at + 2 > this.#end) throw damaged('lz4', `the offset at byte ${at} is cut short`)
    const offset = (this.#source[at] as number) | ((this.#source[at + 1] as number) << 8)
    this.#at = at + 2
    if (offset === 0 || this.filled - offset < floor)
      throw damaged('lz4', `the offset ${offset} at byte ${at} points before the first byte`)
    const length = this.#length(token & 15) + MATCH_MIN
    if (this.filled + length > limit) return false
    this.#copyMatch(offset, length)
    return true
  }

  /** A length of 15 goes on in further bytes, up to and with the first that is not 255. */
  #length(nibble: number): number {
    let length = nibble
    if (nibble < 15) return length
    for (let byte = 255; byte === 255; length += byte) {
      if (this.#at >= this.#end) throw damaged('lz4', `the length at byte ${this.#at} is cut short`)
      byte = this.#source[this.#at++] as number
    }
    return length
  }

  #copyLiterals(length: number): void {
    const { out, filled } = this
    const source = this.#source
    const from = this.#at
    if (length < COPY_BY_CALL) for (let i = 0; i < length; i++) out[filled + i] = source[from + i] as number
    else source.copy(out, filled, from, from + length)
    this.#at = from + length
    this.filled = filled + length
  }

  /** A match may overlap what it writes: then its bytes repeat. */
  #copyMatch(offset: number, length: number): void {
    const { out, filled } = this
    const from = filled - offset
    if (length < COPY_BY_CALL || offset < length)
      for (let i = 0; i < length; i++) out[filled + i] = out[from + i] as number
    else out.copyWithin(filled, from, from + length)
    this.filled = filled + length
  }
}
