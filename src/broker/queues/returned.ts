// Messages of a lane that are ready again below where it reads: they came back, and are read once more when their turn
// comes, with others that lie near.

import type { Offset } from '../../log/index.ts'
import type { Message } from './message.ts'
import type { MessageReader } from './message-reader.ts'
import { OffsetHeap } from './offset-heap.ts'

/** Messages that are read at once at most, and how far they may lie apart. */
const RECALLED_MAX = 1024

export class Returned {
  readonly #offsets = new OffsetHeap()
  #recalled: Map<Offset, Message> | undefined

  get size(): number {
    return this.#offsets.size
  }
  /** The lowest offset. */
  get first(): Offset | undefined {
    return this.#offsets.first
  }
  /** All of them, in no order. */
  get offsets(): readonly Offset[] {
    return this.#offsets.values()
  }
  /** What was read of it. */
  messageOf(offset: Offset): Message | undefined {
    return this.#recalled?.get(offset)
  }

  push(offset: Offset): void {
    this.#offsets.push(offset)
  }

  /** Takes the lowest away. */
  shift(): void {
    const first = this.#offsets.pop()
    if (first !== undefined) this.#recalled?.delete(first)
  }

  remove(offset: Offset): void {
    const others = this.offsets.filter(one => one !== offset)
    this.#offsets.clear()
    for (const one of others) this.#offsets.push(one)
    this.#recalled?.delete(offset)
  }

  clear(): void {
    this.#offsets.clear()
    this.#recalled?.clear()
  }

  /**
   * Reads messages by a reader that stands at one of them; a promise when that takes until later. Errors (thrown or by
   * the promise): what the reader throws.
   */
  recall(reader: MessageReader): Promise<void> | undefined {
    const wanted = new Set(this.offsets)
    const end = reader.at + RECALLED_MAX
    this.#recalled ??= new Map()
    const recalled = this.#recalled
    const step = (): Promise<void> | undefined => {
      for (;;) {
        const next = reader.next(one => wanted.has(one))
        if (next instanceof Promise) return next.then(step)
        if (next === undefined) return undefined
        recalled.set(next.offset, next)
        if (recalled.size >= RECALLED_MAX || reader.at > end) return undefined
      }
    }
    return step()
  }
}
