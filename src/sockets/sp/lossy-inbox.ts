// Messages that wait for a receiver of a protocol that loses rather than waits (SUB, BUS, SURVEYOR). One read from the network
// can bring more than the buffer holds, before the receiver has had a turn; so a read is taken whole, and what is too much
// is lost when the next one comes.

import { Fifo } from '../../collections/index.ts'
import type { Message } from './message.ts'

export class LossyInbox {
  readonly #messages = new Fifo<Message>()
  readonly #max: number
  readonly #prefer: 'newest' | 'oldest'
  #read = -1
  /** Messages that were lost. */
  dropped = 0

  /** `prefer`: which messages stay when it is full. A buffer of none keeps one. */
  constructor(max: number, prefer: 'newest' | 'oldest') {
    this.#max = Math.max(1, max)
    this.#prefer = prefer
  }

  get size(): number {
    return this.#messages.size
  }

  /** `read` is the number of the read that brought it. */
  push(message: Message, read: number): void {
    if (read !== this.#read) this.#startRead(read)
    this.#messages.push(message)
  }

  #startRead(read: number): void {
    this.#read = read
    const excess = this.#messages.size - this.#max
    if (excess <= 0) return
    this.dropped += excess
    if (this.#prefer === 'newest') for (let n = 0; n < excess; n++) this.#messages.shift()
    else {
      let kept = 0
      this.#messages.keep(() => kept++ < this.#max)
    }
  }

  take(): Message | undefined {
    return this.#messages.shift()
  }

  /** Keeps those that pass. */
  keep(passes: (message: Message) => boolean): void {
    this.#messages.keep(passes)
  }

  clear(): void {
    this.#messages.clear()
  }
}
