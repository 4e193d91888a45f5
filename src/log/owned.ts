// Keeping a batch that came out of a larger buffer.

/** The buffer itself, or a copy when it is a small slice: that would keep all of a large receive buffer alive. */
export function owned(buffer: Buffer): Buffer {
  return buffer.length * 2 < buffer.buffer.byteLength ? Buffer.from(buffer) : buffer
}
