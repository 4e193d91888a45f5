// LZ4 frames (lz4/doc/lz4_Frame_format.md), the form of Kafka's codec 3: magic, flags, block size, optional content
// size, header checksum, blocks, end mark, optional checksums. The old Kafka frames with a wrong header checksum belong
// to message format 1 and are refused. We write what Java's clients write: independent blocks of 64 KiB.

import { damaged, tooLarge } from '../refusal.ts'
import { compressLz4Block, Lz4BlockInflater, lz4BlockBound } from './lz4-block.ts'
import { xxhash32 } from './xxhash32.ts'

interface Frame {
  readonly independent: boolean
  readonly blockChecksums: boolean
  readonly contentChecksum: boolean
  /** Most bytes that one block inflates to. */
  readonly blockBytesMax: number
  readonly contentBytes: number | undefined
  /** Where the first block stands. */
  readonly start: number
}

const MAGIC = 0x184d2204
/** 0x184D2A50 to 0x184D2A5F: frames that carry nothing for us. */
const SKIPPABLE = 0x184d2a5
const VERSION = 1
const STORED = 0x8000_0000
/** A match of one length byte yields 255 bytes. */
const EXPANSION_MAX = 255
const OUR_BLOCK_BYTES = 64 * 1024
const OUR_HEADER = Buffer.from('04224d18604082', 'hex')

/** One frame without checksums: the batch has its own. */
export function compressLz4(bytes: Buffer): Buffer {
  const blocks = Math.ceil(bytes.length / OUR_BLOCK_BYTES)
  const out = Buffer.allocUnsafe(OUR_HEADER.length + 4 + blocks * 20 + lz4BlockBound(bytes.length))
  let at = OUR_HEADER.copy(out)
  for (let from = 0; from < bytes.length; from += OUR_BLOCK_BYTES) {
    const end = Math.min(bytes.length, from + OUR_BLOCK_BYTES)
    at = writeBlock(bytes, from, end, out, at)
  }
  at = out.writeUInt32LE(0, at)
  return out.subarray(0, at)
}

function writeBlock(bytes: Buffer, from: number, end: number, out: Buffer, at: number): number {
  const to = compressLz4Block(bytes, from, end, out, at + 4)
  const length = to - at - 4
  if (length < end - from) {
    out.writeUInt32LE(length, at)
    return to
  }
  out.writeUInt32LE((STORED | (end - from)) >>> 0, at)
  bytes.copy(out, at + 4, from, end)
  return at + 4 + end - from
}

/** Inflates one or more frames. Errors: LOG_BATCH_INVALID when damaged or larger than `maxBytes`. */
export function decompressLz4(bytes: Buffer, maxBytes: number): Buffer {
  const parts: Buffer[] = []
  let room = maxBytes
  for (let at = 0; at < bytes.length || at === 0; ) {
    const magic = word(bytes, at)
    if (magic >>> 4 === SKIPPABLE) {
      at += 8 + word(bytes, at + 4)
      if (at > bytes.length) throw damaged('lz4', 'its skippable frame is cut short')
      continue
    }
    if (magic !== MAGIC) throw damaged('lz4', `no frame begins at byte ${at} (0x${magic.toString(16)})`)
    const frame = readFrame(bytes, at)
    const part = inflateFrame(bytes, frame, room, maxBytes)
    parts.push(part.content)
    room -= part.content.length
    at = part.end
  }
  const [only] = parts
  return only !== undefined && parts.length === 1 ? only : Buffer.concat(parts)
}

function readFrame(bytes: Buffer, at: number): Frame {
  if (at + 7 > bytes.length) throw damaged('lz4', 'its frame header is cut short')
  const flags = bytes.readUInt8(at + 4)
  const block = bytes.readUInt8(at + 5)
  if (flags >>> 6 !== VERSION) throw damaged('lz4', `frame version ${flags >>> 6}, expected ${VERSION}`)
  if ((flags & 0x03) !== 0) throw damaged('lz4', 'dictionaries and reserved flags are not allowed')
  if ((block & 0x8f) !== 0 || block >>> 4 < 4)
    throw damaged('lz4', `block size descriptor 0x${block.toString(16)}`)
  const hasContentBytes = (flags & 0x08) !== 0
  const start = at + (hasContentBytes ? 15 : 7)
  if (start > bytes.length) throw damaged('lz4', 'its frame header is cut short')
  const checksum = (xxhash32(bytes, at + 4, start - 1) >>> 8) & 0xff
  if (checksum !== bytes[start - 1]) throw damaged('lz4', 'its header checksum is wrong')
  return {
    independent: (flags & 0x20) !== 0,
    blockChecksums: (flags & 0x10) !== 0,
    contentChecksum: (flags & 0x04) !== 0,
    blockBytesMax: 1 << (8 + 2 * (block >>> 4)),
    contentBytes: hasContentBytes
      ? bytes.readUInt32LE(at + 6) + bytes.readUInt32LE(at + 10) * 2 ** 32
      : undefined,
    start,
  }
}

/** Inflates the blocks of a frame into at most `room` bytes; gives the content and where the frame ends. */
function inflateFrame(bytes: Buffer, frame: Frame, room: number, maxBytes: number) {
  if ((frame.contentBytes ?? 0) > room) throw tooLarge('lz4', maxBytes)
  const capacity = Math.min(room, contentBound(bytes, frame))
  const inflater = new Lz4BlockInflater(bytes, Buffer.allocUnsafe(capacity))
  let at = frame.start
  for (let head = word(bytes, at); head !== 0; head = word(bytes, at)) {
    const from = at + 4
    const end = from + (head & ~STORED)
    const limit = Math.min(capacity, inflater.filled + frame.blockBytesMax)
    if (frame.blockChecksums) check(bytes, from, end, word(bytes, end), 'block')
    if (!inflateBlock(inflater, bytes, frame, head, from, limit)) {
      if (limit === room) throw tooLarge('lz4', maxBytes)
      throw damaged('lz4', `the block at byte ${at} inflates to more than ${frame.blockBytesMax} bytes`)
    }
    at = end + (frame.blockChecksums ? 4 : 0)
  }
  at += 4
  const { filled, out } = inflater
  if (frame.contentBytes !== undefined && frame.contentBytes !== filled)
    throw damaged('lz4', `content size says ${frame.contentBytes} bytes, there are ${filled}`)
  if (frame.contentChecksum) check(out, 0, filled, word(bytes, at), 'content')
  return { content: trimmed(out, filled), end: at + (frame.contentChecksum ? 4 : 0) }
}

function inflateBlock(
  inflater: Lz4BlockInflater,
  bytes: Buffer,
  frame: Frame,
  head: number,
  from: number,
  limit: number,
): boolean {
  const length = head & ~STORED
  if (head < STORED)
    return inflater.inflate(from, from + length, frame.independent ? inflater.filled : 0, limit)
  if (inflater.filled + length > limit) return false
  bytes.copy(inflater.out, inflater.filled, from, from + length)
  inflater.filled += length
  return true
}

/** The most bytes that the frame's blocks can inflate to. Checks that all of them are there. */
function contentBound(bytes: Buffer, frame: Frame): number {
  let bound = 0
  let at = frame.start
  for (let head = word(bytes, at); head !== 0; head = word(bytes, at)) {
    const length = head & ~STORED
    at += 4 + length + (frame.blockChecksums ? 4 : 0)
    if (at > bytes.length) throw damaged('lz4', `the block ending at byte ${at} is cut short`)
    bound += head < STORED ? Math.min(frame.blockBytesMax, length * EXPANSION_MAX) : length
  }
  return bound
}

function check(bytes: Buffer, start: number, end: number, expected: number, what: string): void {
  if (xxhash32(bytes, start, end) !== expected) throw damaged('lz4', `its ${what} checksum is wrong`)
}

/** `out[0, filled)`, copied when most of `out` would be held for nothing. */
function trimmed(out: Buffer, filled: number): Buffer {
  return filled * 2 < out.length ? Buffer.from(out.subarray(0, filled)) : out.subarray(0, filled)
}

function word(bytes: Buffer, at: number): number {
  if (at + 4 > bytes.length) throw damaged('lz4', `it is cut short at byte ${at} of ${bytes.length}`)
  return bytes.readUInt32LE(at)
}
