// Frames out of bytes (RFC 23 and 37, "Framing"): flags octet, size of one or eight octets, body. Many frames in one chunk
// are slices of one copy of it; a frame that spans chunks is put together in a buffer of its own, into which the system's
// bytes are copied once.

import { ProtocolError } from '../errors.ts'
import { zmqLimits } from '../limits.ts'

export const MORE = 1
export const LONG = 2
export const COMMAND = 4

/** Octets of the longest head. */
const HEAD_BYTES_MAX = 9

export class FrameReader {
  readonly #head = Buffer.alloc(HEAD_BYTES_MAX)
  readonly #onFrame: (flags: number, body: Buffer) => void
  readonly #frameBytesMax: number
  #headLength = 0
  /** The frame that is not whole yet. */
  #flags = 0
  #missing = 0
  #body: Buffer | undefined
  #parts: Buffer[] = []

  /** `frameBytesMax`: a larger frame is refused when its head arrives. */
  constructor(frameBytesMax: number, onFrame: (flags: number, body: Buffer) => void) {
    this.#frameBytesMax = frameBytesMax < 0 ? zmqLimits.frameBytesMax : frameBytesMax
    this.#onFrame = onFrame
  }

  /** Takes bytes in, and keeps nothing of the chunk; each whole frame goes to `onFrame`. Errors: ProtocolError. */
  push(chunk: Buffer): void {
    let at = this.#missing > 0 ? this.#fill(chunk, 0) : 0
    if (this.#headLength > 0) at = this.#completeHead(chunk, at)
    if (at === chunk.length) return
    if (beginsLarge(chunk, at)) this.#cut(chunk, at)
    else this.#cut(Buffer.from(chunk.subarray(at)), 0)
  }

  /** Frames from a head on, as slices; the last may go on in the next chunk. */
  #cut(chunk: Buffer, first: number): void {
    let at = first
    const end = chunk.length
    while (at + 2 <= end) {
      const flags = chunk[at] as number
      let from = at + 2
      let size = chunk[at + 1] as number
      if ((flags & LONG) !== 0) {
        from = at + HEAD_BYTES_MAX
        if (from > end) break
        size = longSize(chunk, at + 1)
      }
      this.#check(flags, size)
      at = from + size
      if (at <= end) this.#onFrame(flags, chunk.subarray(from, at))
      else {
        this.#begin(flags, size)
        this.#fill(chunk, from)
        return
      }
    }
    if (at < end) this.#headLength = chunk.copy(this.#head, 0, at)
  }

  #check(flags: number, size: number): void {
    if ((flags & ~(MORE | LONG | COMMAND)) !== 0 || (flags & (MORE | COMMAND)) === (MORE | COMMAND))
      throw new ProtocolError('ERR_ZMTP_UNSPECIFIED', `a frame has the flags 0x${flags.toString(16)}`)
    const max = (flags & COMMAND) !== 0 ? zmqLimits.commandBytesMax : this.#frameBytesMax
    if (size > max)
      throw new ProtocolError('ERR_ZMTP_UNSPECIFIED', `a frame of ${size} bytes, at most ${max} are taken`)
  }

  #completeHead(chunk: Buffer, from: number): number {
    let at = from
    while (at < chunk.length) {
      this.#head[this.#headLength++] = chunk[at++] as number
      const flags = this.#head[0] as number
      if (this.#headLength < ((flags & LONG) === 0 ? 2 : HEAD_BYTES_MAX)) continue
      const size = (flags & LONG) === 0 ? (this.#head[1] as number) : longSize(this.#head, 1)
      this.#headLength = 0
      this.#check(flags, size)
      this.#begin(flags, size)
      if (size > 0) return this.#fill(chunk, at)
      this.#end()
      return at
    }
    return at
  }

  #begin(flags: number, size: number): void {
    this.#flags = flags
    this.#missing = size
    this.#body = size <= zmqLimits.eagerFrameBytesMax ? Buffer.allocUnsafeSlow(size) : undefined
  }

  /** Takes bytes for the frame that has begun; says where it stopped. */
  #fill(chunk: Buffer, from: number): number {
    const to = Math.min(chunk.length, from + this.#missing)
    if (this.#body !== undefined) chunk.copy(this.#body, this.#body.length - this.#missing, from, to)
    else if (to > from) this.#parts.push(Buffer.from(chunk.subarray(from, to)))
    this.#missing -= to - from
    if (this.#missing === 0) this.#end()
    return to
  }

  #end(): void {
    const body = this.#body ?? Buffer.concat(this.#parts)
    this.#body = undefined
    this.#parts = []
    this.#onFrame(this.#flags, body)
  }
}

/** Whether a frame begins here that is not whole, with all of its head. */
function beginsLarge(chunk: Buffer, at: number): boolean {
  const left = chunk.length - at
  if (left < HEAD_BYTES_MAX) return false
  const isLong = ((chunk[at] as number) & LONG) !== 0
  return isLong && longSize(chunk, at + 1) > left - HEAD_BYTES_MAX
}

/** Eight octets, the most significant first; more than 2^53 is far above every limit. */
function longSize(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4)
}
