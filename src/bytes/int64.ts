// 64-bit integers as JavaScript numbers: exact below 2^53 in size, which offsets, ids and times are; anything larger
// loses its low bits and is for the caller to refuse. BigInt is ten times slower and is used nowhere on a hot path.

/** A signed big-endian 64-bit integer at `at`. */
export function readInt64(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * 0x1_0000_0000 + buffer.readUInt32BE(at + 4)
}

/** Writes a signed big-endian 64-bit integer at `at`; `value` must be a whole number. */
export function writeInt64(buffer: Buffer, at: number, value: number): void {
  const high = Math.floor(value / 0x1_0000_0000)
  buffer.writeInt32BE(high, at)
  buffer.writeUInt32BE(value - high * 0x1_0000_0000, at + 4)
}
