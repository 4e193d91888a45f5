// What a peer is to be sent. The frames of one turn of the event loop go out together, a page at a time: with many calls in
// flight that is four times as fast as a write for each, and the peer works on the first page while the second is filled,
// which is half as much again as one write for all.

import { Writer } from '../../bytes/index.ts'
import type { FlowingStream, Stream } from '../../transport/index.ts'
import { isFlowing } from '../../transport/index.ts'
import { CallError } from './errors.ts'
import { HEAD_BYTES } from './frames.ts'
import type { FrameObserver } from './observe.ts'

const SIZE_MIN = 512
const SIZE_MAX = 64 * 1024
/** Where so much waits it is sent before the turn ends. */
const PAGE_BYTES = 4096

export interface OutboxOptions {
  /** Bytes of one frame that the peer takes, until it says. */
  readonly frameBytesMax: number
  /** Where more bytes wait no calls are added. */
  readonly waitingMax: number
  /** Told when a frame of ours more than that waits: the peer does not read. */
  readonly overflow: () => void
  readonly observe?: FrameObserver | undefined
}

export class Outbox {
  readonly #stream: Stream | FlowingStream
  readonly #observe: FrameObserver | undefined
  /** Bytes of one frame that the peer takes. */
  frameBytesMax: number
  #writer: Writer | undefined
  #frameAt = 0
  #kind = 0
  #size = SIZE_MIN
  #room: Promise<void> | undefined
  #isOver = false
  #isHeld = false
  /** Bytes that were given to the stream and wait there. */
  #waiting = 0
  readonly #waitingMax: number
  readonly #overflowAt: number
  readonly #overflow: () => void
  /** When something was last sent: world time is not asked for each frame, so it is a count of batches. */
  batches = 0

  constructor(stream: Stream, { frameBytesMax, waitingMax, overflow, observe }: OutboxOptions) {
    this.#stream = stream
    this.#observe = observe
    this.frameBytesMax = frameBytesMax
    this.#waitingMax = waitingMax
    this.#overflowAt = waitingMax + frameBytesMax
    this.#overflow = overflow
  }

  /** Whether so much waits that nothing should be added which need not be. */
  get isFull(): boolean {
    return this.#waiting + (this.#writer?.bytes ?? 0) > this.#waitingMax
  }

  /** Begins a frame. `end` finishes it, `undo` takes it back; nothing else may happen between. */
  begin(kind: number): Writer {
    // Not when a frame ends: who has written it is to have it in his books before an answer can come.
    if (this.#writer !== undefined && this.#writer.bytes >= PAGE_BYTES) this.#flush()
    let writer = this.#writer
    if (writer === undefined) {
      writer = new Writer(this.#size)
      this.#writer = writer
      if (!this.#isHeld) process.nextTick(this.#flush)
    }
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
    return this.#room
  }

  /** Until `release` less than a page is not sent: what arrived together is answered together, and not later than then. */
  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
    this.#flush()
  }

  /** Sends what is there now. */
  flush(): void {
    this.#flush()
  }

  /** Nothing is sent any more. */
  stop(): void {
    this.#isOver = true
    this.#writer = undefined
  }

  readonly #flush = (): void => {
    const writer = this.#writer
    this.#writer = undefined
    if (writer === undefined || this.#isOver || writer.bytes === 0) return
    this.batches++
    this.#size = Math.min(SIZE_MAX, Math.max(SIZE_MIN, writer.bytes))
    const { bytes } = writer
    const chunks = writer.finish()
    const room = isFlowing(this.#stream) ? this.#stream.writeNow(chunks) : this.#stream.write(chunks)
    if (this.#observe !== undefined) this.#observe({ at: 'sent', batch: Buffer.concat(chunks) })
    if (room === undefined) return
    this.#waiting += bytes
    if (this.#waiting > this.#overflowAt) this.#overflow()
    if (this.#room !== undefined) return
    const freed = (): void => {
      this.#room = undefined
      this.#waiting = 0
    }
    // What breaks a stream is heard by its reader.
    this.#room = room.then(freed, freed)
  }
}
