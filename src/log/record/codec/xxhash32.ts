// xxHash32 (Cyan4973/xxHash, doc/xxhash_spec.md), the checksum of LZ4 frames. By hand: no library does it in fewer bytes.

const PRIME_1 = 0x9e3779b1
const PRIME_2 = 0x85ebca77
const PRIME_3 = 0xc2b2ae3d
const PRIME_4 = 0x27d4eb2f
const PRIME_5 = 0x165667b1

/** xxHash32 of `buffer[start, end)` with seed 0, as an unsigned number. */
export function xxhash32(buffer: Buffer, start = 0, end = buffer.length): number {
  const length = end - start
  let at = start
  let hash = PRIME_5
  if (length >= 16) {
    hash = stripes(buffer, start, end)
    at = start + length - (length % 16)
  }
  hash = (hash + length) | 0
  for (; at + 4 <= end; at += 4)
    hash = Math.imul(rotate(hash + Math.imul(buffer.readInt32LE(at), PRIME_3), 17), PRIME_4)
  for (; at < end; at++)
    hash = Math.imul(rotate(hash + Math.imul(buffer[at] as number, PRIME_5), 11), PRIME_1)
  return avalanche(hash)
}

/** All whole stripes of 16 bytes, in four lanes. */
function stripes(buffer: Buffer, start: number, end: number): number {
  let a = (PRIME_1 + PRIME_2) | 0
  let b = PRIME_2 | 0
  let c = 0
  let d = -PRIME_1 | 0
  for (let at = start; at + 16 <= end; at += 16) {
    a = round(a, buffer.readInt32LE(at))
    b = round(b, buffer.readInt32LE(at + 4))
    c = round(c, buffer.readInt32LE(at + 8))
    d = round(d, buffer.readInt32LE(at + 12))
  }
  return (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0
}

function round(lane: number, word: number): number {
  return Math.imul(rotate(lane + Math.imul(word, PRIME_2), 13), PRIME_1)
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}

function avalanche(hash: number): number {
  const one = Math.imul(hash ^ (hash >>> 15), PRIME_2)
  const two = Math.imul(one ^ (one >>> 13), PRIME_3)
  return (two ^ (two >>> 16)) >>> 0
}
