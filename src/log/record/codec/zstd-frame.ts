// The outside of Zstandard frames (RFC 8878 section 3.1.1): header and block headers, without inflating anything. It
// tells where each frame ends and the most that it can hold.

import { damaged } from '../refusal.ts'

/** One frame of a block of bytes. */
export interface ZstdFrame {
  /** The frame, borrowed. */
  readonly bytes: Buffer
  /** What the header says it holds, when it says so. */
  readonly contentBytes: number | undefined
  /** It cannot hold more than this. */
  readonly bound: number
}

interface Header {
  readonly contentBytes: number | undefined
  /** Most bytes that one block holds. */
  readonly blockBytesMax: number
  readonly hasChecksum: boolean
  /** Where the first block stands. */
  readonly start: number
}

const MAGIC = 0xfd2fb528
/** 0x184D2A50 to 0x184D2A5F: frames that carry nothing for us. */
const SKIPPABLE = 0x184d2a5
const BLOCK_BYTES_MAX = 128 * 1024
const RLE = 1
const COMPRESSED = 2
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const

/** The frames in order, skippable ones left out. Errors: LOG_BATCH_INVALID when they are cut short or not frames. */
export function zstdFrames(bytes: Buffer): ZstdFrame[] {
  const frames: ZstdFrame[] = []
  for (let at = 0; at < bytes.length || at === 0; ) {
    need(bytes, at, 4)
    const magic = bytes.readUInt32LE(at)
    if (magic >>> 4 === SKIPPABLE) {
      need(bytes, at, 8)
      at += 8 + bytes.readUInt32LE(at + 4)
      need(bytes, at, 0)
      continue
    }
    if (magic !== MAGIC) throw damaged('zstd', `no frame begins at byte ${at} (0x${magic.toString(16)})`)
    const { frame, end } = readFrame(bytes, at)
    frames.push(frame)
    at = end
  }
  return frames
}

function readFrame(bytes: Buffer, at: number): { frame: ZstdFrame; end: number } {
  const header = readHeader(bytes, at)
  const { contentBytes } = header
  const blocks = readBlocks(bytes, header)
  if (contentBytes !== undefined && contentBytes > blocks.bound)
    throw damaged('zstd', `content size says ${contentBytes} bytes, its blocks hold at most ${blocks.bound}`)
  const end = blocks.end + (header.hasChecksum ? 4 : 0)
  if (end > bytes.length) throw cutShort(bytes)
  return {
    frame: { bytes: bytes.subarray(at, end), contentBytes, bound: contentBytes ?? blocks.bound },
    end,
  }
}

/** Section 3.1.1.1: descriptor, window, dictionary id, content size. */
function readHeader(bytes: Buffer, at: number): Header {
  need(bytes, at, 6)
  const descriptor = bytes.readUInt8(at + 4)
  const isSingleSegment = (descriptor & 0x20) !== 0
  let next = at + 5
  const window = isSingleSegment ? 0 : windowBytes(bytes.readUInt8(next++))
  const idBytes = DICTIONARY_ID_BYTES[descriptor & 0x03] ?? 0
  need(bytes, next, idBytes)
  if (idBytes > 0 && bytes.readUIntLE(next, idBytes) !== 0)
    throw damaged('zstd', 'it needs a dictionary, and there is none')
  next += idBytes
  const sizeBytes = contentSizeBytes(descriptor >>> 6, isSingleSegment)
  need(bytes, next, sizeBytes)
  const contentBytes = sizeBytes === 0 ? undefined : contentSize(bytes, next, sizeBytes)
  return {
    contentBytes,
    blockBytesMax: Math.min(BLOCK_BYTES_MAX, isSingleSegment ? (contentBytes ?? 0) : window),
    hasChecksum: (descriptor & 0x04) !== 0,
    start: next + sizeBytes,
  }
}

function windowBytes(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3))
  return base + (base / 8) * (descriptor & 7)
}

function contentSizeBytes(flag: number, isSingleSegment: boolean): number {
  if (flag === 0) return isSingleSegment ? 1 : 0
  return 1 << flag
}

function contentSize(bytes: Buffer, at: number, sizeBytes: number): number {
  if (sizeBytes === 8) return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32
  return bytes.readUIntLE(at, sizeBytes) + (sizeBytes === 2 ? 256 : 0)
}

/** Section 3.1.1.2: walks the block headers to the last block. */
function readBlocks(bytes: Buffer, header: Header): { bound: number; end: number } {
  let bound = 0
  let at = header.start
  for (let isLast = false; !isLast; ) {
    need(bytes, at, 3)
    const head = bytes.readUIntLE(at, 3)
    const kind = (head >>> 1) & 3
    const size = head >>> 3
    if (kind > COMPRESSED || size > BLOCK_BYTES_MAX)
      throw damaged('zstd', `the block at byte ${at} has kind ${kind} and size ${size}`)
    bound += kind === COMPRESSED ? header.blockBytesMax : size
    at += 3 + (kind === RLE ? 1 : size)
    if (at > bytes.length) throw cutShort(bytes)
    isLast = (head & 1) === 1
  }
  return { bound, end: at }
}

function need(bytes: Buffer, at: number, count: number): void {
  if (at + count > bytes.length) throw cutShort(bytes)
}

function cutShort(bytes: Buffer): Error {
  return damaged('zstd', `it is cut short after ${bytes.length} bytes`)
}
