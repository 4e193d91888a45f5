// Frames: an int32 length and that many bytes, which begin with a request header (Kafka protocol guide, "Request and
// Response Headers"). The header's client id stays a plain string in all versions, and ApiVersions is answered with the
// plain response header in all versions, because the client cannot know yet what the broker speaks.

import { Reader, WireError, Writer } from '../../bytes/index.ts'
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

/** Collects bytes until a whole frame is there. What a peer merely announces is not allocated. */
export class FrameCutter {
  #chunks: Buffer[] = []
  #bytes = 0

  /** Bytes held of frames that are not complete. */
  get heldBytes(): number {
    return this.#bytes
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
  }

  /** The next whole frame without its length. Errors: WireError for a length below 0 or above `bytesMax`. */
  next(bytesMax: number): Buffer | undefined {
    if (this.#bytes < LENGTH_BYTES) return undefined
    const length = this.#peekLength()
    if (length < 0 || length > bytesMax)
      throw new WireError(
        'WIRE_OUT_OF_RANGE',
        0,
        `a request says it has ${length} bytes, allowed are 0 to ${bytesMax}`,
      )
    if (this.#bytes < LENGTH_BYTES + length) return undefined
    return this.#take(LENGTH_BYTES + length).subarray(LENGTH_BYTES)
  }

  #peekLength(): number {
    const [first] = this.#chunks
    if (first !== undefined && first.length >= LENGTH_BYTES) return first.readInt32BE(0)
    this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0]?.readInt32BE(0) ?? 0
  }

  #take(count: number): Buffer {
    this.#bytes -= count
    const [first] = this.#chunks
    if (first !== undefined && first.length >= count) {
      if (first.length === count) this.#chunks.shift()
      else this.#chunks[0] = first.subarray(count)
      return first.subarray(0, count)
    }
    return this.#join(count)
  }

  #join(count: number): Buffer {
    const joined = Buffer.allocUnsafe(count)
    let at = 0
    let used = 0
    for (const chunk of this.#chunks) {
      const part = Math.min(chunk.length, count - at)
      chunk.copy(joined, at, 0, part)
      at += part
      if (part < chunk.length) {
        this.#chunks[used] = chunk.subarray(part)
        break
      }
      used++
      if (at === count) break
    }
    this.#chunks.splice(0, used)
    return joined
  }
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
export function writeResponse(api: Api, version: number, correlationId: number, response: object): Buffer[] {
  const to = new Writer(256)
  to.int32(0)
  to.int32(correlationId)
  if (version >= api.flexibleSince && api.key !== ApiVersions.key) to.uvarint(0)
  api.response.encode(to, response, version)
  const length = to.bytes - LENGTH_BYTES
  const chunks = to.finish()
  chunks[0]?.writeInt32BE(length, 0)
  return chunks
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
