// Messages that a lane has read ahead and nobody has taken yet, in the order of their offsets.

import type { Offset } from '../../log/index.ts'
import { bodyBytes, type Message } from './message.ts'

/** Messages read ahead, and their bytes: whichever is reached first. */
const MESSAGES_MAX = 1024
const BYTES_MAX = 1024 * 1024

export class ReadAhead {
  /** Those before `#at` are taken. */
  #messages: Message[] = []
  #at = 0
  #bytes = 0

  get count(): number {
    return this.#messages.length - this.#at
  }
  get first(): Message | undefined {
    return this.#messages[this.#at]
  }
  get isFull(): boolean {
    return this.count >= MESSAGES_MAX || this.#bytes >= BYTES_MAX
  }
  get offsets(): Offset[] {
    return this.#messages.slice(this.#at).map(({ offset }) => offset)
  }

  /** Takes a message that follows all others. */
  push(message: Message): void {
    this.#messages.push(message)
    this.#bytes += bodyBytes(message)
  }

  /** Takes the first away. */
  shift(): void {
    const gone = this.first
    if (gone === undefined) return
    this.#bytes -= bodyBytes(gone)
    this.#at++
    if (this.count === 0) this.clear()
    else if (this.#at >= MESSAGES_MAX) {
      this.#messages.splice(0, this.#at)
      this.#at = 0
    }
  }

  /** Takes a message away from wherever it is; false when it is not there. */
  remove(offset: Offset): boolean {
    const at = this.#indexOf(offset)
    const found = this.#messages[at]
    if (found?.offset !== offset) return false
    this.#messages.splice(at, 1)
    this.#bytes -= bodyBytes(found)
    if (this.count === 0) this.clear()
    return true
  }

  clear(): void {
    this.#messages = []
    this.#at = 0
    this.#bytes = 0
  }

  /** Of the first message at or above the offset. */
  #indexOf(offset: Offset): number {
    let low = this.#at
    let high = this.#messages.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#messages[middle] as Message).offset < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
