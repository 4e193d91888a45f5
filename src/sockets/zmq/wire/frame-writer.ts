// Frames into bytes: heads and small bodies are copied side by side into one buffer, large bodies are linked between, so
// that a turn's messages leave in few pieces and nothing large is copied.
//
// A buffer is written from front to end and never again, for the stream keeps what it was given; a new one is as large as
// the traffic asks, so that an idle connection holds a kilobyte.

import { batches } from '../limits.ts'
import { COMMAND, LONG, MORE } from './frame-reader.ts'

export class FrameWriter {
  #buffer = Buffer.alloc(0)
  /** Where the bytes that were not taken begin, and where writing goes on. */
  #from = 0
  #at = 0
  #size: number = batches.bufferBytesMin
  #chunks: Buffer[] = []
  #linkedBytes = 0

  /** Bytes that `take` would give. */
  get bytes(): number {
    return this.#linkedBytes + this.#at - this.#from
  }

  /** One message: all frames but the last carry MORE. Bodies above `batches.copyBytesMax` are kept until they are sent. */
  message(frames: readonly Buffer[]): void {
    const last = frames.length - 1
    for (let at = 0; at < last; at++) this.frame(MORE, frames[at] as Buffer)
    this.frame(0, frames[last] as Buffer)
  }

  command(body: Buffer): void {
    this.frame(COMMAND, body)
  }

  /** `flags` without LONG. */
  frame(flags: number, body: Buffer): void {
    const size = body.length
    const isLinked = size > batches.copyBytesMax
    this.#reserve(9 + (isLinked ? 0 : size))
    const buffer = this.#buffer
    let at = this.#at
    if (size < 256) {
      buffer[at] = flags
      buffer[at + 1] = size
      at += 2
    } else {
      buffer[at] = flags | LONG
      buffer.writeUInt32BE(Math.floor(size / 0x1_0000_0000), at + 1)
      buffer.writeUInt32BE(size >>> 0, at + 5)
      at += 9
    }
    this.#at = at
    if (isLinked) this.#link(body)
    else {
      buffer.set(body, at)
      this.#at = at + size
    }
  }

  /** Bytes outside frames: greetings. */
  raw(bytes: Buffer): void {
    this.#reserve(bytes.length)
    this.#buffer.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** All that was written since the last time, in order. */
  take(): Buffer[] {
    this.#cut()
    const chunks = this.#chunks
    this.#chunks = []
    this.#linkedBytes = 0
    return chunks
  }

  #link(body: Buffer): void {
    this.#cut()
    this.#chunks.push(body)
    this.#linkedBytes += body.length
  }

  #cut(): void {
    if (this.#at === this.#from) return
    this.#chunks.push(this.#buffer.subarray(this.#from, this.#at))
    this.#linkedBytes += this.#at - this.#from
    this.#from = this.#at
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return
    this.#cut()
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(this.#size, bytes))
    this.#size = Math.min(this.#size * 4, batches.bufferBytesMax)
    this.#from = 0
    this.#at = 0
  }
}
