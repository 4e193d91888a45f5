// Snappy (google/snappy, format_description.txt). Java and most clients put raw blocks into the framing of snappy-java
// ("xerial"): 82 53 4E 41 50 50 59 00, version i32, compatible version i32, then blocks of i32 length and raw snappy.
// librdkafka and others send one raw block. Raw blocks begin with their inflated length, so a bomb shows before any
// work; a length that no block of that size could reach is refused too, so that no one makes us allocate for nothing.

import { createRequire } from 'node:module'
import { damaged, tooLarge } from '../refusal.ts'

interface Snappy {
  readonly compressSync: (bytes: Uint8Array) => Buffer
  readonly uncompressSync: (bytes: Uint8Array) => Buffer | string
}

const XERIAL_MAGIC = Buffer.from('82534e4150505900', 'hex')
const XERIAL_MAGIC_HEAD = XERIAL_MAGIC.readInt32BE(0)
const XERIAL_HEADER_BYTES = 16
const XERIAL_VERSION = 1
/** Inflated bytes of the blocks that we write, those of snappy-java. */
const BLOCK_BYTES = 32 * 1024
/** A copy element of 3 bytes yields at most 64. */
const EXPANSION_MAX = 22

let library: Snappy | undefined

/** Compresses into xerial framing, as Java's clients do. */
export function compressSnappy(bytes: Buffer): Buffer {
  const header = Buffer.alloc(XERIAL_HEADER_BYTES)
  XERIAL_MAGIC.copy(header)
  header.writeInt32BE(XERIAL_VERSION, 8)
  header.writeInt32BE(XERIAL_VERSION, 12)
  const parts: Buffer[] = [header]
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = snappy().compressSync(bytes.subarray(at, at + BLOCK_BYTES))
    const length = Buffer.allocUnsafe(4)
    length.writeInt32BE(block.length, 0)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}

/** Inflates xerial framing or one raw block. Errors: LOG_BATCH_INVALID when damaged or larger than `maxBytes`. */
export function decompressSnappy(bytes: Buffer, maxBytes: number): Buffer {
  const blocks = isXerial(bytes, 0) ? xerialBlocks(bytes) : [bytes]
  let inflatedBytes = 0
  for (const block of blocks) {
    inflatedBytes += statedBytes(block)
    if (inflatedBytes > maxBytes) throw tooLarge('snappy', maxBytes)
  }
  const parts = blocks.map(inflate)
  const [only] = parts
  return only !== undefined && parts.length === 1 ? only : Buffer.concat(parts, inflatedBytes)
}

/** The raw blocks within xerial framing. Streams may be joined end to end: then a header stands where a length would. */
function xerialBlocks(bytes: Buffer): Buffer[] {
  const blocks: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    if (isXerial(bytes, at)) {
      at += XERIAL_HEADER_BYTES
      if (at > bytes.length) throw damaged('snappy', `its xerial header is cut short (${bytes.length} bytes)`)
      continue
    }
    const length = at + 4 <= bytes.length ? bytes.readInt32BE(at) : -1
    if (length < 0 || at + 4 + length > bytes.length)
      throw damaged('snappy', `xerial block at byte ${at} of ${bytes.length} has length ${length}`)
    blocks.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return blocks
}

function isXerial(bytes: Buffer, at: number): boolean {
  if (at + XERIAL_MAGIC.length > bytes.length || bytes.readInt32BE(at) !== XERIAL_MAGIC_HEAD) return false
  return bytes.compare(XERIAL_MAGIC, 0, XERIAL_MAGIC.length, at, at + XERIAL_MAGIC.length) === 0
}

/** The inflated length that a raw block begins with: an unsigned varint of 32 bits. */
function statedBytes(block: Buffer): number {
  let value = 0
  for (let at = 0; at < 5 && at < block.length; at++) {
    const byte = block[at] as number
    value += (byte & 0x7f) * 2 ** (7 * at)
    if (byte >= 0x80) continue
    if (value > block.length * EXPANSION_MAX)
      throw damaged('snappy', `${block.length} bytes cannot inflate to ${value}`)
    return value
  }
  throw damaged('snappy', 'its length is cut short or longer than 32 bits')
}

function inflate(block: Buffer): Buffer {
  const { uncompressSync } = snappy()
  try {
    const inflated = uncompressSync(block)
    return typeof inflated === 'string' ? Buffer.from(inflated) : inflated
  } catch (cause) {
    throw damaged('snappy', cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function snappy(): Snappy {
  library ??= createRequire(import.meta.url)('snappy') as Snappy
  return library
}
