// SP on a stream of bytes (nanomsg's rfc/sp-tcp-mapping-01 and sp-ipc-mapping): 8 octets each way, then frames.
//
//   header  00 53 50 00, protocol number (u16), 00 00
//   frame   length (u64), payload; over IPC with an octet 01 in front
//
// All numbers are big-endian.

import { SpError } from './errors.ts'
import { spLimits } from './limits.ts'

export const HEADER_BYTES = 8

/** The header of one who speaks this protocol. */
export function headerOf(protocolId: number): Buffer {
  return Buffer.from([0x00, 0x53, 0x50, 0x00, protocolId >> 8, protocolId & 0xff, 0x00, 0x00])
}

/** The number of the protocol that the peer speaks. Errors: SpError EPROTO when it does not speak SP. */
export function readHeader(bytes: Buffer): number {
  const id = bytes.readUInt16BE(4)
  if (headerOf(id).equals(bytes)) return id
  throw new SpError('EPROTO', `the peer does not speak SP, it sent ${bytes.toString('hex')}`)
}

/** How frames begin: over IPC an octet says what kind of message follows, and 1 is the only kind. */
export type Framing = 'tcp' | 'ipc'

/** Octets before the payload. */
export function prefixBytes(framing: Framing): 8 | 9 {
  return framing === 'ipc' ? 9 : 8
}

/** Writes what stands before a payload of `length` bytes; gives the place after it. */
export function writePrefix(into: Buffer, at: number, framing: Framing, length: number): number {
  let place = at
  if (framing === 'ipc') into[place++] = 1
  into.writeUInt32BE(Math.floor(length / 0x1_0000_0000), place)
  into.writeUInt32BE(length >>> 0, place + 4)
  return place + 8
}

/** Cuts the bytes of a stream into payloads. A payload is a slice of the chunk that it came in, or a buffer of its own. */
export class FrameReader {
  readonly #framing: Framing
  readonly #prefixBytes: number
  readonly #payloadBytesMax: number
  readonly #prefix = Buffer.alloc(9)
  #prefixFilled = 0
  #gathering: Gathering | undefined

  constructor(framing: Framing, payloadBytesMax: number) {
    this.#framing = framing
    this.#prefixBytes = prefixBytes(framing)
    this.#payloadBytesMax = payloadBytesMax
  }

  /** Whether the stream may end here. */
  get isBetweenFrames(): boolean {
    return this.#prefixFilled === 0 && this.#gathering === undefined
  }

  /** Adds the payloads that are whole to `out`. Errors: SpError EMSGSIZE, EPROTO; then the reader is of no more use. */
  push(chunk: Buffer, out: Buffer[]): void {
    const prefix = this.#prefixBytes
    for (let at = 0; at < chunk.length; ) {
      const left = chunk.length - at
      if (this.#gathering !== undefined) at += this.#gather(this.#gathering, chunk.subarray(at), out)
      else if (this.#prefixFilled > 0 || left < prefix) at += this.#gatherPrefix(chunk.subarray(at), out)
      else {
        const length = this.#lengthAt(chunk, at)
        at += prefix
        if (chunk.length - at >= length) {
          out.push(chunk.subarray(at, at + length))
          at += length
        } else this.#gathering = new Gathering(length)
      }
    }
  }

  /** Takes what belongs to the payload that has begun; says how much that was. */
  #gather(gathering: Gathering, bytes: Buffer, out: Buffer[]): number {
    const piece = bytes.subarray(0, gathering.missing)
    gathering.add(piece)
    if (gathering.missing === 0) {
      this.#gathering = undefined
      out.push(gathering.whole())
    }
    return piece.length
  }

  #gatherPrefix(bytes: Buffer, out: Buffer[]): number {
    const taken = bytes.copy(this.#prefix, this.#prefixFilled, 0, this.#prefixBytes - this.#prefixFilled)
    this.#prefixFilled += taken
    if (this.#prefixFilled === this.#prefixBytes) {
      this.#prefixFilled = 0
      const length = this.#lengthAt(this.#prefix, 0)
      if (length === 0) out.push(Buffer.alloc(0))
      else this.#gathering = new Gathering(length)
    }
    return taken
  }

  #lengthAt(bytes: Buffer, at: number): number {
    let place = at
    if (this.#framing === 'ipc') {
      const kind = bytes[place++]
      if (kind !== 1) throw new SpError('EPROTO', `a frame of the kind ${kind}`)
    }
    const length = bytes.readUInt32BE(place) * 0x1_0000_0000 + bytes.readUInt32BE(place + 4)
    if (length > this.#payloadBytesMax)
      throw new SpError(
        'EMSGSIZE',
        `a message of ${length} bytes, at most ${this.#payloadBytesMax} are taken`,
      )
    return length
  }
}

/** A payload that comes in pieces. */
class Gathering {
  missing: number
  readonly #length: number
  readonly #buffer: Buffer | undefined
  readonly #pieces: Buffer[] = []

  constructor(length: number) {
    this.#length = length
    this.missing = length
    this.#buffer = length <= spLimits.aheadBytesMax ? Buffer.allocUnsafeSlow(length) : undefined
  }

  add(piece: Buffer): void {
    if (this.#buffer === undefined) this.#pieces.push(piece)
    else piece.copy(this.#buffer, this.#length - this.missing)
    this.missing -= piece.length
  }

  whole(): Buffer {
    return this.#buffer ?? Buffer.concat(this.#pieces, this.#length)
  }
}
