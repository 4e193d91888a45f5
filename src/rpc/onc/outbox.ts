// Records on their way to one peer. Those of one turn of the event loop go to the system together, a page at a time: with 64
// calls in flight a write for each costs more than all the rest of the calls, and the other side works on the first page
// while the second is filled.

import { Writer } from '../../bytes/index.ts'
import { isFlowing, type Stream } from '../../transport/index.ts'
import { type WriteMessage, writeRecord } from './record.ts'

const SIZE_MIN = 512
const SIZE_MAX = 64 * 1024
/** Where so much waits it is sent before the turn ends: some 32 short calls. */
const PAGE_BYTES = 5 * 1024

export class RecordOutbox {
  readonly #stream: Stream
  #writer: Writer | undefined
  #size = SIZE_MIN
  /** A record is being written. */
  #isAmid = false
  /** While the peer reads slowly. */
  #room: Promise<void> | undefined

  /** Nobody else may write to the stream. */
  constructor(stream: Stream) {
    this.#stream = stream
  }

  /**
   * Adds the message that `write` writes. A promise means that there is no room for more until it resolves. Errors: those of
   * `write`; nothing is added then.
   */
  add(write: WriteMessage): Promise<void> | undefined {
    const to = this.#begin()
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
    return this.#room
  }

  /** Adds a record that was made before, with its mark. As `add`. */
  addMade(record: readonly Buffer[]): Promise<void> | undefined {
    const to = this.#begin()
    for (const chunk of record) to.raw(chunk)
    return this.#room
  }

  /** Sends what waits. */
  readonly flush = (): void => {
    const writer = this.#writer
    this.#writer = undefined
    if (writer === undefined || writer.bytes === 0) return
    this.#size = Math.min(SIZE_MAX, Math.max(SIZE_MIN, writer.bytes))
    const stream = this.#stream
    const chunks = writer.finish()
    const room = isFlowing(stream) ? stream.writeNow(chunks) : stream.write(chunks)
    if (room === undefined || this.#room !== undefined) return
    const freed = (): void => {
      this.#room = undefined
    }
    // What breaks a stream is heard by its reader.
    this.#room = room.then(freed, freed)
  }

  /** What waits is not sent. */
  drop(): void {
    this.#writer = undefined
  }

  #begin(): Writer {
    if (this.#isAmid) throw new TypeError('a value must not send records while it is written into one')
    // Not when a record ends: who has added it is to have it in his books before an answer can come.
    if (this.#writer !== undefined && this.#writer.bytes >= PAGE_BYTES) this.flush()
    if (this.#writer === undefined) {
      this.#writer = new Writer(this.#size)
      process.nextTick(this.flush)
    }
    return this.#writer
  }
}
