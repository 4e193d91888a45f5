// Looking at a queue without touching it: every message that is not settled, lane by lane in the order in which they
// are read, up to where the queue ended when it began.

import type { Lane } from './lane.ts'
import type { Message } from './message.ts'
import { MessageReader } from './message-reader.ts'

export class Browser implements AsyncIterable<Message> {
  readonly #lanes: readonly Lane[]
  readonly #signal: AbortSignal | undefined

  constructor(lanes: readonly Lane[], signal?: AbortSignal) {
    this.#lanes = lanes
    this.#signal = signal
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Message> {
    for (const lane of this.#lanes) {
      const { end } = lane
      const reader = new MessageReader(lane.partition, lane.cursor)
      while (reader.at < end) {
        this.#signal?.throwIfAborted()
        const message = reader.next(offset => !lane.isSettled(offset))
        if (message === undefined || (!(message instanceof Promise) && message.offset >= end)) break
        if (message instanceof Promise) await message
        else yield message
      }
    }
  }
}
