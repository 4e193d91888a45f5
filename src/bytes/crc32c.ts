// CRC-32C (Castagnoli, RFC 3720 section 12.1), the checksum of Kafka's batches. The native module is eight times as
// fast on large blocks; where it does not load (an unusual platform), and below SMALL bytes, where the call costs more
// than the work, slicing-by-8 in plain JavaScript serves.

import { createRequire } from 'node:module'

type Native = (input: Buffer, initial?: number) => number

const POLYNOMIAL = 0x82f63b78
const SMALL = 192

const native: Native | undefined = loadNative()
const tables = makeTables()

/** CRC-32C of `buffer[start, end)` as an unsigned number; `initial` is the checksum of what came before. */
export function crc32c(buffer: Buffer, start = 0, end = buffer.length, initial = 0): number {
  if (native !== undefined && end - start >= SMALL) return native(buffer.subarray(start, end), initial)
  return crc32cPlain(buffer, start, end, initial)
}

/** The same in plain JavaScript. */
export function crc32cPlain(buffer: Buffer, start = 0, end = buffer.length, initial = 0): number {
  const t = tables
  let crc = ~initial
  let at = start
  for (; at + 8 <= end; at += 8) {
    const low = crc ^ buffer.readInt32LE(at)
    const high = buffer.readInt32LE(at + 4)
    crc =
      at8(t, 1792 + (low & 255)) ^
      at8(t, 1536 + ((low >>> 8) & 255)) ^
      at8(t, 1280 + ((low >>> 16) & 255)) ^
      at8(t, 1024 + (low >>> 24)) ^
      at8(t, 768 + (high & 255)) ^
      at8(t, 512 + ((high >>> 8) & 255)) ^
      at8(t, 256 + ((high >>> 16) & 255)) ^
      at8(t, high >>> 24)
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ at8(t, (crc ^ (buffer[at] as number)) & 255)
  return ~crc >>> 0
}

function at8(table: Int32Array, index: number): number {
  return table[index] as number
}

/** Eight tables of 256 entries in one array: table k at k * 256. */
function makeTables(): Int32Array {
  const table = new Int32Array(8 * 256)
  for (let n = 0; n < 256; n++) {
    let crc = n
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    table[n] = crc
  }
  for (let n = 256; n < table.length; n++) {
    const before = at8(table, n - 256)
    table[n] = (before >>> 8) ^ at8(table, before & 255)
  }
  return table
}

function loadNative(): Native | undefined {
  try {
    const module: { readonly crc32c: Native } = createRequire(import.meta.url)('@node-rs/crc32')
    return module.crc32c
  } catch {
    return undefined // no binary for this platform: the plain one is right, and slower
  }
}
