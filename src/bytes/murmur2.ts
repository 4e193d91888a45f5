// MurmurHash2, 32 bits, by Austin Appleby (public domain), as Java's Kafka client applies it to keys: its seed and its
// byte order. Every client that wants a key to land where Java's producer puts it computes exactly this.

const SEED = 0x9747b28c
const M = 0x5bd1e995
const R = 24

/** The hash as a signed 32-bit number. */
export function murmur2(bytes: Uint8Array): number {
  const { length } = bytes
  let hash = SEED ^ length
  const whole = length & ~3
  for (let at = 0; at < whole; at += 4) {
    let k = word(bytes, at)
    k = Math.imul(k, M)
    k ^= k >>> R
    k = Math.imul(k, M)
    hash = Math.imul(hash, M) ^ k
  }
  hash = withTail(hash, bytes, whole)
  hash ^= hash >>> 13
  hash = Math.imul(hash, M)
  return (hash ^ (hash >>> 15)) | 0
}

/** The partition of a key, as Java's default partitioner chooses it. */
export function partitionOfKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fff_ffff) % partitions
}

function word(bytes: Uint8Array, at: number): number {
  return (
    byte(bytes, at) | (byte(bytes, at + 1) << 8) | (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24)
  )
}

function withTail(hash: number, bytes: Uint8Array, at: number): number {
  const left = bytes.length - at
  if (left === 0) return hash
  let mixed = hash
  for (let n = left - 1; n >= 0; n--) mixed ^= byte(bytes, at + n) << (8 * n)
  return Math.imul(mixed, M)
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0
}
