// Cuts what arrives into frames. A frame that lies in one chunk is read where it lies.

import { markAsUntransferable } from 'node:worker_threads'
import { CallError } from './errors.ts'
import { HEAD_BYTES } from './frames.ts'

export class Splitter {
  readonly #bytesMax: number
  readonly #frame: (buffer: Buffer, start: number, end: number) => void
  /** The beginning of a frame that is not whole, in pieces. */
  #pieces: Buffer[] = []
  #held = 0
  /** Bytes of the frame that is not whole, with its head; unknown before the head is there. */
  #wanted = HEAD_BYTES

  /** `frame` gets each frame without its length; it may keep slices of the buffer, which is not written again. */
  constructor(bytesMax: number, frame: (buffer: Buffer, start: number, end: number) => void) {
    this.#bytesMax = bytesMax
    this.#frame = frame
  }

  /** Takes what arrived. Errors: CallError CALL_PROTOCOL, CALL_TOO_LARGE; nothing more can be read then. */
  push(chunk: Buffer): void {
    share(chunk)
    let at = 0
    while (this.#held > 0) {
      const piece = chunk.subarray(at, at + this.#wanted - this.#held)
      at += piece.length
      this.#pieces.push(piece)
      this.#held += piece.length
      if (this.#held < this.#wanted) return
      this.#complete()
    }
    at = this.#wholeFrames(chunk, at)
    if (at === chunk.length) return
    this.#pieces.push(chunk.subarray(at))
    this.#held = chunk.length - at
    if (this.#held >= HEAD_BYTES) this.#wanted = HEAD_BYTES + this.#lengthAt(chunk, at)
  }

  /** Frames that lie in the chunk as a whole; gives where the rest begins. */
  #wholeFrames(chunk: Buffer, from: number): number {
    let at = from
    while (at + HEAD_BYTES <= chunk.length) {
      const end = at + HEAD_BYTES + this.#lengthAt(chunk, at)
      if (end > chunk.length) break
      this.#frame(chunk, at + HEAD_BYTES, end)
      at = end
    }
    return at
  }

  /** The head, or the frame, has become whole. */
  #complete(): void {
    const whole = Buffer.concat(this.#pieces, this.#held)
    share(whole)
    if (this.#held === HEAD_BYTES) {
      this.#pieces = [whole]
      this.#wanted = HEAD_BYTES + this.#lengthAt(whole, 0)
      return
    }
    this.#pieces = []
    this.#held = 0
    this.#wanted = HEAD_BYTES
    this.#frame(whole, HEAD_BYTES, whole.length)
  }

  #lengthAt(chunk: Buffer, at: number): number {
    const length = chunk.readUInt32BE(at)
    if (length > this.#bytesMax)
      throw new CallError('CALL_TOO_LARGE', `a frame of ${length} bytes, at most ${this.#bytesMax}`)
    if (length === 0) throw new CallError('CALL_PROTOCOL', 'a frame without a kind')
    return length
  }
}

/** Slices become Buffers of the program: who transfers the memory of one to a thread must not take that of others along. */
function share(chunk: Buffer): void {
  markAsUntransferable(chunk.buffer)
}
