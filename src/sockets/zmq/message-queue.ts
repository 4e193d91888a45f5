// Messages that wait, in order, counted in messages and bytes. The owner asks `isFull` before `push`; a queue refuses nothing
// by itself, because what has been read from a connection has to go somewhere.

import { bytesOf, type Frames } from './message.ts'

/** Slots in front of the first message that are kept before the array is moved together. */
const SLACK = 1024

export interface QueueMarks {
  /** Messages; 0 for no limit. */
  readonly messages: number
  /** Bytes; 0 for no limit. */
  readonly bytes: number
}

export class MessageQueue {
  #items: (Frames | undefined)[] = []
  #head = 0
  #bytes = 0
  /** High-water marks; may be changed at any time. */
  marks: QueueMarks

  constructor(marks: QueueMarks) {
    this.marks = marks
  }

  get size(): number {
    return this.#items.length - this.#head
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
    this.#items.push(frames)
    this.#bytes += frames.length === 1 ? (frames[0] as Buffer).length : bytesOf(frames)
  }

  shift(): Frames | undefined {
    if (this.#head === this.#items.length) return undefined
    const frames = this.#items[this.#head] as Frames
    this.#items[this.#head++] = undefined
    this.#bytes -= frames.length === 1 ? (frames[0] as Buffer).length : bytesOf(frames)
    if (this.#head === this.#items.length) {
      this.#items = []
      this.#head = 0
    } else if (this.#head >= SLACK && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return frames
  }

  clear(): void {
    this.#items = []
    this.#head = 0
    this.#bytes = 0
  }
}
