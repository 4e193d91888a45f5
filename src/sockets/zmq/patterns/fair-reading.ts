// What most patterns share: reading fairly from all peers, waking whoever waits, and knowing whose message it was.

import { FairQueue } from '../../routes/index.ts'
import type { Frames } from '../message.ts'
import type { Pipe } from '../pipe.ts'
import type { PatternContext } from './pattern.ts'

/** The receiving half of a pattern that reads fairly from all of its peers. */
export class FairReading {
  readonly #queue = new FairQueue<Frames, Pipe>()
  readonly #context: PatternContext

  constructor(context: PatternContext) {
    this.#context = context
  }

  get peers(): ReadonlySet<Pipe> {
    return this.#queue.peers
  }
  /** Where the message that was taken last came from; it may have gone with that message. */
  get last(): Pipe | undefined {
    return this.#queue.last
  }
  get canTake(): boolean {
    for (const pipe of this.#queue.peers) if (pipe.size > 0) return true
    return false
  }

  add(pipe: Pipe): void {
    this.#queue.add(pipe)
    if (pipe.size > 0) this.#context.wakeReceivers()
  }

  remove(pipe: Pipe): void {
    this.#queue.remove(pipe)
  }

  /** The pipe has something that can be taken. */
  wake(pipe: Pipe): void {
    this.#queue.wake(pipe)
    this.#context.wakeReceivers()
  }

  take(): Frames | undefined {
    return this.#queue.take()
  }
}
