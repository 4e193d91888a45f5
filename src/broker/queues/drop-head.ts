// A queue that drops its oldest messages when it holds more than it may (overflow `drop-head`).

import { deferred } from '../../flow/index.ts'
import type { Lane } from './lane.ts'
import type { Message } from './message.ts'

interface DropHeadParts {
  /** The queue's lanes, lowest priority first. */
  readonly lowestFirst: () => readonly Lane[]
  /** Whether the queue holds ready messages beyond its limits. */
  readonly isOver: () => boolean
  /** A message that was taken from its lane goes. */
  readonly drop: (lane: Lane, message: Message) => void
}

export class DropHead {
  readonly #parts: DropHeadParts
  #dropped: Promise<void> | undefined
  #mustDrop = false

  constructor(parts: DropHeadParts) {
    this.#parts = parts
  }

  /** Resolves when what is beyond the limits now is dropped; undefined when nothing is. */
  get dropped(): Promise<void> | undefined {
    return this.#dropped
  }

  /** Drops the oldest ready messages, of the lowest priority first, until the queue is within its limits. */
  makeRoom(): void {
    if (!this.#parts.isOver()) return
    this.#mustDrop = true
    if (this.#dropped !== undefined) return
    const dropped = deferred<void>()
    this.#dropped = dropped.promise // before it begins: what it settles may lead here again
    void this.#drop().finally(() => {
      this.#dropped = undefined
      dropped.resolve()
      if (this.#mustDrop) this.makeRoom()
    })
  }

  /** Until nothing came while it dropped; not until it is within its limits: what waits for its group cannot be dropped. */
  async #drop(): Promise<void> {
    while (this.#mustDrop) {
      this.#mustDrop = false
      for (const lane of this.#parts.lowestFirst()) await this.#dropFrom(lane)
    }
  }

  async #dropFrom(lane: Lane): Promise<void> {
    while (this.#parts.isOver()) {
      const message = lane.peek()
      if (message === undefined) return
      if (message instanceof Promise) {
        await message
        continue
      }
      lane.take(message)
      this.#parts.drop(lane, message)
    }
  }
}
