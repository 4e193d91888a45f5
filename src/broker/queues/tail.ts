// Messages that were just stored and wait for being durable, kept by a lane whose consumers will ask for them, so that
// they need not be read back.

import type { Offset } from '../../log/index.ts'
import { bodyBytes, type Message } from './message.ts'

const BYTES_MAX = 4 * 1024 * 1024

/** Messages that were appended together, from `base` on. */
export interface TailBatch {
  readonly base: Offset
  readonly messages: readonly Message[]
  readonly bytes: number
  isDurable: boolean
}

export class Tail {
  #batches: TailBatch[] = []
  #bytes = 0

  get first(): TailBatch | undefined {
    return this.#batches[0]
  }
  get isFull(): boolean {
    return this.#bytes >= BYTES_MAX
  }
  /** One past its last message; undefined when it has none. */
  get end(): Offset | undefined {
    const last = this.#batches.at(-1)
    return last && last.base + last.messages.length
  }

  /** Takes a batch that begins where the last one ends. */
  push(base: Offset, messages: readonly Message[]): TailBatch {
    const bytes = messages.reduce((sum, one) => sum + bodyBytes(one), 0)
    const batch = { base, messages, bytes, isDurable: false }
    this.#batches.push(batch)
    this.#bytes += bytes
    return batch
  }

  /** Takes the first away and gives it. */
  shift(): TailBatch | undefined {
    const first = this.#batches.shift()
    this.#bytes -= first?.bytes ?? 0
    return first
  }

  clear(): void {
    this.#batches = []
    this.#bytes = 0
  }
}
