// Frames: an int32 length and that many bytes, which begin with a request header (Kafka protocol guide, "Request and
// Response Headers"). The header's client id stays a plain string in all versions, and ApiVersions is answered with the
// plain response header in all versions, because the client cannot know yet what the broker speaks.

import { type Piece, Reader, WireError, Writer } from '../../bytes/index.ts'
import type { Api } from './wire/api.ts'
import { ApiVersions, apiOf } from './wire/index.ts'

/** A request cut out of the stream; `body` begins after the header. */
export interface RequestFrame {
  readonly apiKey: number
  readonly version: number
  readonly correlationId: number
  readonly clientId: string | null
  /** The table of the API; undefined when it is not served. */
  readonly api: Api | undefined
  readonly body: Reader
  readonly bytes: number
}

const LENGTH_BYTES = 4

/**
 * Up to here, or to the length of the last frame, a frame gets all its room when its length arrives; a larger one grows with
 * what comes.
 */
const EAGER_BYTES = 64 * 1024

/** A frame that is not whole yet. */
interface Growing {
  readonly length: number
  room: Buffer
  filled: number
}

/**
 * Collects bytes until a whole frame is there: each in a buffer of its own, so that a batch which is kept does not keep
 * alive what came beside it, and is not copied again. What a peer merely announces is not allocated.
 */
export class FrameCutter {
  readonly #head = Buffer.alloc(LENGTH_BYTES)
  #headBytes = 0
  #growing: Growing | undefined
  readonly #whole: Buffer[] = []
  #bytes = 0
  /** Room that a frame gets at once: what the peer has shown that it sends. */
  #eagerBytes = EAGER_BYTES

  /** Bytes held of frames that were not taken. */
  get heldBytes(): number {
    return this.#bytes
  }

  /** Takes bytes in; they are copied. */
  push(chunk: Buffer): void {
    this.#bytes += chunk.length
    let at = 0
    while (at < chunk.length)
      at = this.#growing === undefined ? this.#begin(chunk, at) : this.#fill(this.#growing, chunk, at)
  }

  /** The next whole frame without its length. Errors: WireError for a length below 0 or above `bytesMax`. */
  next(bytesMax: number): Buffer | undefined {
    const frame = this.#whole[0]
    const length = frame?.length ?? this.#growing?.length ?? 0
    if (length < 0 || length > bytesMax)
      throw new WireError(
        'WIRE_OUT_OF_RANGE',
        0,
        `a request says it has ${length} bytes, allowed are 0 to ${bytesMax}`,
      )
    if (frame === undefined) return undefined
    this.#whole.shift()
    this.#bytes -= LENGTH_BYTES + length
    return frame
  }

  /** Takes bytes of a length; says where it stopped. */
  #begin(chunk: Buffer, from: number): number {
    const at = from + chunk.copy(this.#head, this.#headBytes, from)
    this.#headBytes += at - from
    if (this.#headBytes < LENGTH_BYTES) return at
    this.#headBytes = 0
    const length = this.#head.readInt32BE(0)
    if (length === 0) this.#whole.push(nothing)
    else this.#growing = { length, room: roomFor(length, this.#eagerBytes), filled: 0 }
    return at
  }

  /** Takes bytes of a frame; says where it stopped. */
  #fill(growing: Growing, chunk: Buffer, from: number): number {
    const { length, filled, room } = growing
    if (length < 0) return chunk.length // nothing after it makes sense, and `next` says so
    if (filled === room.length) {
      growing.room = roomFor(length, filled * 2)
      room.copy(growing.room)
    }
    const at = from + chunk.copy(growing.room, filled, from)
    growing.filled += at - from
    if (growing.filled < length) return at
    this.#whole.push(growing.room)
    this.#eagerBytes = Math.max(EAGER_BYTES, length)
    this.#growing = undefined
    return at
  }
}

const nothing = Buffer.alloc(0)

function roomFor(length: number, most: number): Buffer {
  return Buffer.allocUnsafe(Math.max(0, Math.min(length, most)))
}

/** Reads a request's header. Errors: WireError. */
export function readRequest(frame: Buffer, elementsMax: number): RequestFrame {
  const body = new Reader(frame, 0, frame.length, elementsMax)
  const apiKey = body.int16()
  const version = body.int16()
  const correlationId = body.int32()
  const clientId = readClientId(body)
  const api = apiOf(apiKey)
  if (api !== undefined && version >= api.flexibleSince) skipTags(body)
  return { apiKey, version, correlationId, clientId, api, body, bytes: frame.length }
}

/** A response with its length and header, ready to be sent. */
export function writeResponse(api: Api, version: number, correlationId: number, response: object): Piece[] {
  const to = new Writer(256)
  to.int32(0)
  to.int32(correlationId)
  if (version >= api.flexibleSince && api.key !== ApiVersions.key) to.uvarint(0)
  api.response.encode(to, response, version)
  const length = to.bytes - LENGTH_BYTES
  const pieces = to.pieces()
  const [first] = pieces
  if (first instanceof Buffer) first.writeInt32BE(length, 0)
  return pieces
}

function readClientId(from: Reader): string | null {
  const length = from.int16()
  return length < 0 ? null : from.text(length)
}

function skipTags(from: Reader): void {
  for (let left = from.elements(from.uvarint()); left > 0; left--) {
    from.uvarint()
    from.skip(from.uvarint())
  }
}
