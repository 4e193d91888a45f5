// What goes to one peer, gathered into pages. The messages of one turn of the event loop go out together: with many calls in
// flight that is four times as fast as a write for each. But half of what is in flight is enough for one write: the peer works
// on that while the other half is gathered, which is half as much again.

import { Writer } from '../../bytes/index.ts'
import { isPrompt, type Stream } from '../../transport/index.ts'

const SIZE_MIN = 512
/** Less waits for the end of the turn: some 32 short calls. */
const PAGE_BYTES_MIN = 4 * 1024
/** More is sent at once, however much is in flight. */
const PAGE_BYTES_MAX = 64 * 1024

export interface PagesOptions {
  /** Calls of ours that are not answered, with those that wait here. */
  readonly inFlight?: () => number
  /** Told of each page that went to the stream. */
  readonly sent?: (page: readonly Buffer[]) => void
}

export class Pages {
  readonly #stream: Stream
  readonly #options: PagesOptions
  #writer: Writer | undefined
  /** Messages in the page. */
  #messages = 0
  #size = SIZE_MIN
  #room: Promise<void> | undefined
  /** Bytes that were given to the stream and wait there. */
  #blocked = 0
  #isOver = false
  #isHeld = false
  /** Bytes of what is answered while it is held. */
  #arrived = 0

  /** Nobody else may write to the stream. */
  constructor(stream: Stream, options: PagesOptions = {}) {
    this.#stream = stream
    this.#options = options
  }

  /** Bytes that the system has not taken. */
  get waiting(): number {
    return this.#blocked + (this.#writer?.bytes ?? 0)
  }

  /** A promise while the peer reads too slowly, for the moment when there is room again. */
  get room(): Promise<void> | undefined {
    return this.#room
  }

  /** Where the next message is to be written. */
  next(): Writer {
    // Not when a message ends: who has written it is to have it in his books before an answer can come.
    if (this.#writer !== undefined && this.#isFull(this.#writer.bytes)) this.flush()
    if (this.#writer === undefined) {
      this.#writer = new Writer(this.#size)
      if (!this.#isHeld) process.nextTick(this.flush)
    }
    this.#messages++
    return this.#writer
  }

  /** Until `release` less than a page is not sent: what arrived together is answered together. `arrived` is its bytes. */
  hold(arrived: number): void {
    this.#isHeld = true
    this.#arrived = arrived
  }

  release(): void {
    this.#isHeld = false
    this.#arrived = 0
    this.flush()
  }

  /** Sends what is there now. */
  readonly flush = (): void => {
    const writer = this.#writer
    this.#writer = undefined
    this.#messages = 0
    if (writer === undefined || this.#isOver || writer.bytes === 0) return
    const { bytes } = writer
    this.#size = Math.min(PAGE_BYTES_MAX, Math.max(SIZE_MIN, bytes))
    const chunks = writer.finish()
    const stream = this.#stream
    const room = isPrompt(stream) ? stream.writeNow(chunks) : stream.write(chunks)
    if (room !== undefined) this.#wait(bytes, room)
    this.#options.sent?.(chunks)
  }

  /** Nothing is sent any more. */
  stop(): void {
    this.#isOver = true
    this.#writer = undefined
  }

  #wait(bytes: number, room: Promise<void>): void {
    this.#blocked += bytes
    if (this.#room !== undefined) return
    const freed = (): void => {
      this.#room = undefined
      this.#blocked = 0
    }
    // What breaks a stream is heard by its reader.
    this.#room = room.then(freed, freed)
  }

  #isFull(bytes: number): boolean {
    if (bytes < PAGE_BYTES_MIN) return false
    if (bytes >= PAGE_BYTES_MAX) return true
    return 2 * bytes >= this.#arrived && 2 * this.#messages >= (this.#options.inFlight?.() ?? 0)
  }
}
