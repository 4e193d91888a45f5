// Frames (specification section 4.2.3): type octet, channel short, size long, payload, and the end octet 0xCE. frame_max counts
// these 8 bytes too. Before the first frame comes the protocol header, 8 bytes that say what the client wants to speak.
//
// Reading a frame makes no object: the cutter shows the current one in its own fields, and a slice is taken of it only where
// the payload is kept. Writing goes into one Writer for all that is sent in a turn, so that a small delivery, or many of them,
// are one buffer; large bodies are linked in.

import type { Fields, InOf, Writer } from '../../bytes/index.ts'
import { AmqpError } from './errors.ts'
import { BASIC_CLASS, type Method } from './wire/index.ts'

/** What a frame carries. */
export const frameTypes = { method: 1, header: 2, body: 3, heartbeat: 8 } as const

/** Bytes of a frame beside its payload. */
export const FRAME_OVERHEAD_BYTES = 8
export const PROTOCOL_HEADER_BYTES = 8

const PREFIX_BYTES = 7
const FRAME_END = 0xce
/** class short, weight short, body size longlong. */
const CONTENT_PREFIX_BYTES = 12

/** What is answered to a client that asks for something else: AMQP 0-9-1. */
export const preferredHeader: Buffer = Buffer.from('AMQP\x00\x00\x09\x01', 'latin1')

/** The version that connection.start names; clients of 0-9 and 0-8 are served as if they were of 0-9-1. */
export interface Version {
  readonly major: number
  readonly minor: number
}

const versions: readonly { readonly header: Buffer; readonly version: Version }[] = [
  { header: preferredHeader, version: { major: 0, minor: 9 } },
  { header: Buffer.from('AMQP\x01\x01\x00\x09', 'latin1'), version: { major: 0, minor: 9 } },
  { header: Buffer.from('AMQP\x01\x01\x08\x00', 'latin1'), version: { major: 8, minor: 0 } },
]

/** The version that a protocol header asks for, or undefined when it is none of this protocol's. */
export function versionOf(header: Buffer): Version | undefined {
  return versions.find(one => one.header.equals(header.subarray(0, PROTOCOL_HEADER_BYTES)))?.version
}

const noBytes = Buffer.alloc(0)

/** Collects bytes until a whole frame is there. What a peer merely announces is not allocated. */
export class FrameCutter {
  /** The current frame, valid until the next call of `next` or `push`: its payload is `buffer[start, end)`. */
  type = 0
  channel = 0
  start = 0
  end = 0

  #buffer: Buffer = noBytes
  #at = 0
  /** Chunks after `#buffer`, joined to it when they complete a frame. */
  #later: Buffer[] = []
  #laterBytes = 0
  /** Bytes that the frame which is not whole yet has in all, as far as that is known. */
  #needed = PREFIX_BYTES

  get buffer(): Buffer {
    return this.#buffer
  }

  /** Bytes that were pushed and not cut yet. */
  get heldBytes(): number {
    return this.#buffer.length - this.#at + this.#laterBytes
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return
    if (this.#at === this.#buffer.length && this.#laterBytes === 0) {
      this.#buffer = chunk
      this.#at = 0
    } else {
      this.#later.push(chunk)
      this.#laterBytes += chunk.length
    }
  }

  /** The protocol header, or undefined as long as it is not whole. */
  protocolHeader(): Buffer | undefined {
    if (!this.#have(PROTOCOL_HEADER_BYTES)) return undefined
    const header = this.#buffer.subarray(this.#at, this.#at + PROTOCOL_HEADER_BYTES)
    this.#at += PROTOCOL_HEADER_BYTES
    return header
  }

  /** Moves to the next whole frame; false when there is none. Errors: FRAME_ERROR for a size or an end that is wrong. */
  next(frameBytesMax: number): boolean {
    if (!this.#have(this.#needed)) return false
    const size = this.#sizeWithin(frameBytesMax)
    this.#needed = size + FRAME_OVERHEAD_BYTES
    if (!this.#have(this.#needed)) return false
    const buffer = this.#buffer
    const at = this.#at
    const end = at + PREFIX_BYTES + size
    if (buffer[end] !== FRAME_END)
      throw new AmqpError(
        'FRAME_ERROR',
        `a frame of ${size} bytes ends in 0x${(buffer[end] ?? 0).toString(16)}, not in 0xce`,
      )
    this.type = buffer[at] as number
    this.channel = ((buffer[at + 1] as number) << 8) | (buffer[at + 2] as number)
    this.start = at + PREFIX_BYTES
    this.end = end
    this.#at = end + 1
    this.#needed = PREFIX_BYTES
    return true
  }

  /** The payload of the current frame, sharing the memory of the chunk it came in. */
  payload(): Buffer {
    return this.#buffer.subarray(this.start, this.end)
  }

  #sizeWithin(frameBytesMax: number): number {
    const buffer = this.#buffer
    const at = this.#at
    const size =
      (buffer[at + 3] as number) * 0x100_0000 +
      (((buffer[at + 4] as number) << 16) | ((buffer[at + 5] as number) << 8) | (buffer[at + 6] as number))
    if (size + FRAME_OVERHEAD_BYTES > frameBytesMax)
      throw new AmqpError(
        'FRAME_ERROR',
        `a frame of ${size} bytes of payload on channel ${buffer.readUInt16BE(at + 1)} is too large, ` +
          `allowed are ${frameBytesMax - FRAME_OVERHEAD_BYTES}`,
      )
    return size
  }

  /** Whether so many bytes are there; makes them lie in one buffer. */
  #have(count: number): boolean {
    let left = this.#buffer.length - this.#at
    if (left >= count) return true
    if (left + this.#laterBytes < count) return false
    if (left === 0) left = this.#nextChunk()
    if (left < count) this.#join(count)
    return true
  }

  #nextChunk(): number {
    this.#buffer = this.#later.shift() ?? noBytes
    this.#at = 0
    this.#laterBytes -= this.#buffer.length
    return this.#buffer.length
  }

  /** Copies the one frame that lies across chunks; what follows it stays where it is. */
  #join(count: number): void {
    const joined = Buffer.allocUnsafe(count)
    let filled = this.#buffer.copy(joined, 0, this.#at)
    let used = 0
    for (const chunk of this.#later) {
      const copied = chunk.copy(joined, filled)
      filled += copied
      this.#laterBytes -= copied
      if (copied === chunk.length) used++
      else this.#later[used] = chunk.subarray(copied)
      if (filled === count) break
    }
    this.#later.splice(0, used)
    this.#buffer = joined
    this.#at = 0
  }
}

/** A method frame. Errors: WireError for a text that is too long; the writer is of no use then. */
export function writeMethod<F extends Fields>(
  to: Writer,
  channel: number,
  method: Method<F>,
  args: InOf<F>,
): void {
  const sizeAt = beginFrame(to, frameTypes.method, channel)
  method.encode(to, args)
  to.patchUint32(sizeAt, to.bytes - sizeAt - 4)
  to.uint8(FRAME_END)
}

/** What follows a method that has content. `properties` are flags and values; a large `body` is linked, not copied. */
export interface Content {
  readonly properties: Buffer
  readonly body: Buffer
}

/**
 * A method with its content: method frame, header frame, and as many body frames as `frameBytesMax` asks for (0: one).
 * Errors: RESOURCE_ERROR, with nothing written, when the properties do not fit into a frame, which cannot be split.
 */
export function writeContent<F extends Fields>(
  to: Writer,
  channel: number,
  method: Method<F>,
  args: InOf<F>,
  { properties, body }: Content,
  frameBytesMax: number,
): void {
  const room = frameBytesMax === 0 ? Number.POSITIVE_INFINITY : frameBytesMax - FRAME_OVERHEAD_BYTES
  const headerBytes = CONTENT_PREFIX_BYTES + properties.length
  if (headerBytes > room)
    throw new AmqpError(
      'RESOURCE_ERROR',
      `the properties of a message take ${headerBytes} bytes, the connection's frames ${room}`,
    )
  writeMethod(to, channel, method, args)
  writeHeader(to, channel, properties, body.length)
  for (let at = 0; at < body.length; at += room)
    writeBody(to, channel, body.length <= room ? body : body.subarray(at, at + room))
}

/** A heartbeat frame. */
export function writeHeartbeat(to: Writer): void {
  to.raw(heartbeatFrame)
}

const heartbeatFrame = Buffer.from([frameTypes.heartbeat, 0, 0, 0, 0, 0, 0, FRAME_END])

function writeHeader(to: Writer, channel: number, properties: Buffer, bodyBytes: number): void {
  beginFrame(to, frameTypes.header, channel, CONTENT_PREFIX_BYTES + properties.length)
  to.uint32(BASIC_CLASS << 16) // and a weight of 0
  to.int64(bodyBytes)
  to.raw(properties)
  to.uint8(FRAME_END)
}

function writeBody(to: Writer, channel: number, part: Buffer): void {
  beginFrame(to, frameTypes.body, channel, part.length)
  to.raw(part)
  to.uint8(FRAME_END)
}

/** Gives where the size stands, for a payload whose size is known only afterwards. */
function beginFrame(to: Writer, type: number, channel: number, size = 0): number {
  to.uint8(type)
  to.uint16(channel)
  to.uint32(size)
  return to.bytes - 4
}
