// The frames that a peer is to be sent: each is written where it goes out from, as long as the peer takes it, and can be
// taken back until it has ended.

import type { Writer } from '../../bytes/index.ts'
import type { Stream } from '../../transport/index.ts'
import { CallError } from './errors.ts'
import { HEAD_BYTES } from './frames.ts'
import type { FrameObserver } from './observe.ts'
import { Pages } from './pages.ts'

export interface OutboxOptions {
  /** Bytes of one frame that the peer takes, until it says. */
  readonly frameBytesMax: number
  /** Where more bytes wait no calls are added. */
  readonly waitingMax: number
  /** Calls of ours that are not answered. */
  readonly inFlight: () => number
  /** Told when a frame of ours more than that waits: the peer does not read. */
  readonly overflow: () => void
  readonly observe?: FrameObserver | undefined
}

export class Outbox {
  readonly #pages: Pages
  readonly #observe: FrameObserver | undefined
  /** Bytes of one frame that the peer takes. */
  frameBytesMax: number
  #frameAt = 0
  #kind = 0
  readonly #waitingMax: number
  readonly #overflowAt: number
  readonly #overflow: () => void
  /** When something was last sent: world time is not asked for each frame, so it is a count of pages. */
  batches = 0

  constructor(stream: Stream, { frameBytesMax, waitingMax, inFlight, overflow, observe }: OutboxOptions) {
    this.#pages = new Pages(stream, { inFlight, sent: page => this.#sent(page) })
    this.#observe = observe
    this.frameBytesMax = frameBytesMax
    this.#waitingMax = waitingMax
    this.#overflowAt = waitingMax + frameBytesMax
    this.#overflow = overflow
  }

  /** Whether so much waits that nothing should be added which need not be. */
  get isFull(): boolean {
    return this.#pages.waiting > this.#waitingMax
  }

  /** Begins a frame. `end` finishes it, `undo` takes it back; nothing else may happen between. */
  begin(kind: number): Writer {
    const writer = this.#pages.next()
    this.#frameAt = writer.bytes
    this.#kind = kind
    writer.word(0)
    writer.byte(kind)
    return writer
  }

  /** Errors: CallError CALL_TOO_LARGE; the frame is taken back. */
  end(writer: Writer): void {
    const bytes = writer.bytes - this.#frameAt - HEAD_BYTES
    if (bytes > this.frameBytesMax) {
      this.undo(writer)
      throw new CallError('CALL_TOO_LARGE', `${bytes} bytes, the other side takes ${this.frameBytesMax}`)
    }
    writer.patchUint32(this.#frameAt, bytes)
    if (this.#observe !== undefined) this.#observe({ at: 'packed', kind: this.#kind, bytes })
  }

  undo(writer: Writer): void {
    writer.truncate(this.#frameAt)
  }

  /** A promise while the peer reads too slowly, for the moment when there is room again. */
  get room(): Promise<void> | undefined {
    return this.#pages.room
  }

  /** Until `release` less than a page is not sent: what arrived together is answered together, and not later than then. */
  hold(arrived: number): void {
    this.#pages.hold(arrived)
  }

  release(): void {
    this.#pages.release()
  }

  /** Sends what is there now. */
  flush(): void {
    this.#pages.flush()
  }

  /** Nothing is sent any more. */
  stop(): void {
    this.#pages.stop()
  }

  #sent(page: readonly Buffer[]): void {
    this.batches++
    if (this.#observe !== undefined) this.#observe({ at: 'sent', batch: Buffer.concat(page) })
    if (this.#pages.waiting > this.#overflowAt) this.#overflow()
  }
}
