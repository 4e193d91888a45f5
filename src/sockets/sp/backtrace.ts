// The backtrace in front of requests and surveys: words of 32 bits, the pipes that the message came by (highest bit 0), then
// the id of the request (highest bit 1). Answers carry it back, each hop taking its own word off.

/** Bytes of a word. */
export const WORD = 4
const END = 0x8000_0000

export type Backtrace =
  | { readonly at: 'whole'; readonly header: Buffer; readonly body: Buffer }
  | { readonly at: 'too many hops' }
  | { readonly at: 'broken' }

/** Cuts the backtrace off. More than `ttlMax` words, the id counted in, are too many hops. */
export function cutBacktrace(payload: Buffer, ttlMax: number): Backtrace {
  for (let at = 0, hops = 1; at + WORD <= payload.length; at += WORD, hops++) {
    if (hops > ttlMax) return { at: 'too many hops' }
    if (payload.readUInt32BE(at) >= END)
      return { at: 'whole', header: payload.subarray(0, at + WORD), body: payload.subarray(at + WORD) }
  }
  return { at: 'broken' }
}

export function word(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(WORD)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

/** The id after this one; ids have the highest bit. */
export function nextId(id: number): number {
  return (((id + 1) & 0x7fff_ffff) | END) >>> 0
}
