// Messages that wait, in order, counted in messages and bytes. The owner asks `isFull` before `push`; a queue refuses nothing
// by itself, because what has been read from a connection has to go somewhere.

import { Fifo } from '../../collections/index.ts'
import { bytesOf, type Frames } from './message.ts'

export interface QueueMarks {
  /** Messages; 0 for no limit. */
  readonly messages: number
  /** Bytes; 0 for no limit. */
  readonly bytes: number
}

export class MessageQueue {
  readonly #messages = new Fifo<Frames>()
  #bytes = 0
  /** High-water marks; may be changed at any time. */
  marks: QueueMarks

  constructor(marks: QueueMarks) {
    this.marks = marks
  }

  get size(): number {
    return this.#messages.size
  }
  get bytes(): number {
    return this.#bytes
  }

  /** At a high-water mark. */
  get isFull(): boolean {
    const { messages, bytes } = this.marks
    return (messages > 0 && this.size >= messages) || (bytes > 0 && this.#bytes >= bytes)
  }

  /** At half the marks or below: whoever was refused may come again (libzmq's low-water mark). */
  get isLow(): boolean {
    const { messages, bytes } = this.marks
    return (messages === 0 || this.size <= messages / 2) && (bytes === 0 || this.#bytes <= bytes / 2)
  }

  push(frames: Frames): void {
    this.#messages.push(frames)
    this.#bytes += lengthOf(frames)
  }

  shift(): Frames | undefined {
    const frames = this.#messages.shift()
    if (frames !== undefined) this.#bytes -= lengthOf(frames)
    return frames
  }

  clear(): void {
    this.#messages.clear()
    this.#bytes = 0
  }
}

function lengthOf(frames: Frames): number {
  return frames.length === 1 ? (frames[0] as Buffer).length : bytesOf(frames)
}
