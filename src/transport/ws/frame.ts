// Frames of RFC 6455 section 5.2: header, masking, and writing. Reading is incoming.ts.
//
//   FIN RSV1-3 opcode(4) | MASK length(7) | length 16 or 64 | masking key 32 | payload

import { endianness } from 'node:os'

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

const FIN = 0x80
const MASKED = 0x80
const LENGTH_16 = 126
const LENGTH_64 = 127

/** Payloads up to this size are copied behind their header: one piece costs less than two in a writev. */
const COPIED_MAX = 4096

/** Where four unpredictable bytes for each frame come from (RFC 6455 section 10.3). */
export type MaskSource = () => Buffer

/** A message as frames of at most `frameBytesMax` payload bytes each (RFC 6455 section 5.4), as chunks to write. */
export function framesOf(
  opcode: number,
  chunks: readonly Buffer[],
  mask: MaskSource | undefined,
  frameBytesMax: number,
): Buffer[] {
  let length = 0
  for (const chunk of chunks) length += chunk.length
  if (length <= frameBytesMax) return frameOf(opcode, chunks, mask)
  const whole = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
  const frames: Buffer[] = []
  for (let at = 0; at < length; at += frameBytesMax) {
    const isLast = at + frameBytesMax >= length
    const part = whole.subarray(at, at + frameBytesMax)
    frames.push(...frameOf(at === 0 ? opcode : opcodes.continuation, [part], mask, isLast))
  }
  return frames
}

/**
 * One frame, a whole message or control frame unless it is not the last, as chunks to write. With `mask` the payload is copied and masked, as a client
 * must (section 5.3); without, large chunks are passed on as they are.
 */
export function frameOf(
  opcode: number,
  chunks: readonly Buffer[],
  mask: MaskSource | undefined,
  isLast = true,
): Buffer[] {
  let length = 0
  for (const chunk of chunks) length += chunk.length
  const headBytes = headBytesOf(length, mask !== undefined)
  const isCopied = mask !== undefined || length <= COPIED_MAX
  const head = Buffer.allocUnsafe(isCopied ? headBytes + length : headBytes)
  writeHead(head, isLast ? FIN | opcode : opcode, length, mask !== undefined)
  if (!isCopied) return [head, ...chunks]
  let at = headBytes
  for (const chunk of chunks) at += chunk.copy(head, at)
  if (mask !== undefined) {
    const key = mask()
    key.copy(head, headBytes - 4)
    applyMask(head.subarray(headBytes), key)
  }
  return [head]
}

function headBytesOf(length: number, masked: boolean): number {
  return 2 + (length < LENGTH_16 ? 0 : length <= 0xffff ? 2 : 8) + (masked ? 4 : 0)
}

/** The shortest form of the length, as section 5.2 demands. */
function writeHead(head: Buffer, first: number, length: number, masked: boolean): void {
  const bit = masked ? MASKED : 0
  head[0] = first
  if (length < LENGTH_16) head[1] = bit | length
  else if (length <= 0xffff) {
    head[1] = bit | LENGTH_16
    head.writeUInt16BE(length, 2)
  } else {
    head[1] = bit | LENGTH_64
    head.writeBigUInt64BE(BigInt(length), 2)
  }
}

/** From here on a view of whole words pays for being made. */
const WORDS_MIN = 256
const isLittleEndian = endianness() === 'LE'

/** Masks or unmasks in place (section 5.3): the same both ways. Long payloads four bytes at a time. */
export function applyMask(bytes: Buffer, key: Buffer): void {
  const { length } = bytes
  if (length < WORDS_MIN) {
    maskBytes(bytes, key, 0, length)
    return
  }
  const lead = (4 - (bytes.byteOffset & 3)) & 3
  const words = (length - lead) >>> 2
  maskBytes(bytes, key, 0, lead)
  maskWords(new Int32Array(bytes.buffer, bytes.byteOffset + lead, words), wordOf(key, lead))
  maskBytes(bytes, key, lead + words * 4, length)
}

function maskBytes(bytes: Buffer, key: Buffer, from: number, to: number): void {
  for (let at = from; at < to; at++) bytes[at] = (bytes[at] ?? 0) ^ (key[at & 3] ?? 0)
}

function maskWords(words: Int32Array, word: number): void {
  for (let at = 0; at < words.length; at++) words[at] = (words[at] ?? 0) ^ word
}

/** The key as it falls on a word that begins at `at`, in the machine's own byte order. */
function wordOf(key: Buffer, at: number): number {
  const byte = (offset: number): number => key[(at + offset) & 3] ?? 0
  return isLittleEndian
    ? byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24)
    : byte(3) | (byte(2) << 8) | (byte(1) << 16) | (byte(0) << 24)
}
