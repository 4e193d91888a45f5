// Records on their way to one peer. Those of one turn of the event loop go to the system together: with 64 calls in flight a
// write for each costs more than all the rest of the calls.

import type { Writer } from '../../bytes/index.ts'
import type { Stream } from '../../transport/index.ts'
import { Pages } from '../engine/pages.ts'
import { type WriteMessage, writeRecord } from './record.ts'

export class RecordOutbox {
  readonly #pages: Pages
  /** A record is being written. */
  #isAmid = false

  /** `inFlight` counts the calls of ours that are not answered. Nobody else may write to the stream. */
  constructor(stream: Stream, inFlight?: () => number) {
    this.#pages = new Pages(stream, inFlight && { inFlight })
  }

  /**
   * Adds the message that `write` writes. A promise means that there is no room for more until it resolves. Errors: those of
   * `write`; nothing is added then.
   */
  add(write: WriteMessage): Promise<void> | undefined {
    const to = this.#next()
    const at = to.bytes
    this.#isAmid = true
    try {
      writeRecord(to, write)
    } catch (error) {
      to.truncate(at)
      throw error
    } finally {
      this.#isAmid = false
    }
    return this.#pages.room
  }

  /** Adds a record that was made before, with its mark. As `add`. */
  addMade(record: readonly Buffer[]): Promise<void> | undefined {
    const to = this.#next()
    for (const chunk of record) to.raw(chunk)
    return this.#pages.room
  }

  /** Sends what waits. */
  flush(): void {
    this.#pages.flush()
  }

  /** What waits is not sent, and nothing that follows. */
  stop(): void {
    this.#pages.stop()
  }

  #next(): Writer {
    if (this.#isAmid) throw new TypeError('a value must not send records while it is written into one')
    return this.#pages.next()
  }
}
