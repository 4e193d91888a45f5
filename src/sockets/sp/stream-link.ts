// Messages over a stream of bytes. Small ones are copied into one buffer that goes out with the turn of the event loop: at
// 100 bytes, two chunks for each message in one writev cost about four times as much as the copy.

import type { Stream } from '../../transport/index.ts'
import { asError, SpError } from './errors.ts'
import { spLimits } from './limits.ts'
import type { Link } from './link.ts'
import type { Message } from './message.ts'
import { type FrameReader, type Framing, prefixBytes, writePrefix } from './wire.ts'

export class StreamLink implements Link {
  readonly peer: Stream['peer']
  readonly #stream: Stream
  readonly #reader: FrameReader
  readonly #framing: Framing
  readonly #prefixBytes: number
  /** The batch: what is between `start` and `at` has not been given to the stream. */
  #batch: Buffer = Buffer.alloc(0)
  #start = 0
  #at = 0
  #isScheduled = false
  /** Bytes since the stream was last known to have sent all. */
  #unsent = 0
  #slow: Promise<void> | undefined
  onRoom: () => void = () => {}

  /** `reader` may have seen what followed the handshake. */
  constructor(stream: Stream, framing: Framing, reader: FrameReader) {
    this.peer = stream.peer
    this.#stream = stream
    this.#framing = framing
    this.#reader = reader
    this.#prefixBytes = prefixBytes(framing)
  }

  get hasRoom(): boolean {
    return this.#unsent < spLimits.pipeBytesMax
  }

  send({ header, body }: Message): void {
    const payload = header.length + body.length
    const size = this.#prefixBytes + payload
    this.#unsent += size
    if (payload > spLimits.copyBytesMax) {
      this.#reserve(this.#prefixBytes + header.length)
      this.#append(header, payload)
      this.#flush()
      this.#write(body)
    } else {
      this.#reserve(size)
      this.#append(header, payload)
      this.#at += body.copy(this.#batch, this.#at)
    }
    if (!this.#isScheduled) this.#schedule()
  }

  #append(header: Buffer, payload: number): void {
    this.#at = writePrefix(this.#batch, this.#at, this.#framing, payload)
    if (header.length > 0) this.#at += header.copy(this.#batch, this.#at)
  }

  #reserve(bytes: number): void {
    if (this.#batch.length - this.#at >= bytes) return
    this.#flush()
    this.#batch = Buffer.allocUnsafeSlow(Math.max(bytes, spLimits.batchBytes))
    this.#start = 0
    this.#at = 0
  }

  /** Streams send what a turn wrote at its end. The empty write after ours makes this turn the one. */
  #schedule(): void {
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#flush()
      if (this.#slow === undefined) this.#sent()
    })
    this.#stream.write([])
  }

  #flush(): void {
    if (this.#at === this.#start) return
    const bytes = this.#batch.subarray(this.#start, this.#at)
    this.#start = this.#at
    this.#write(bytes)
  }

  #write(bytes: Buffer): void {
    const slow = this.#stream.write([bytes])
    if (slow === undefined || slow === this.#slow) return
    this.#slow = slow
    void slow.then(() => {
      if (this.#slow !== slow) return
      this.#slow = undefined
      if (!this.#isScheduled) this.#sent()
    })
  }

  #sent(): void {
    const wasFull = !this.hasRoom
    this.#unsent = 0
    if (wasFull) this.onRoom()
  }

  async run(take: (payloads: readonly Buffer[]) => Promise<void> | undefined): Promise<void> {
    for await (const chunk of this.#stream.bytes) {
      const payloads: Buffer[] = []
      const flaw = this.#cut(chunk, payloads)
      const waiting = payloads.length > 0 ? take(payloads) : undefined
      if (waiting !== undefined) await waiting
      if (flaw !== undefined) throw flaw
    }
    if (!this.#reader.isBetweenFrames)
      throw new SpError('EPROTO', 'the peer ended in the middle of a message')
  }

  /** What is wrong with the chunk, if anything: the messages before that are as good as others. */
  #cut(chunk: Buffer, payloads: Buffer[]): Error | undefined {
    try {
      this.#reader.push(chunk, payloads)
      return undefined
    } catch (error) {
      return asError(error)
    }
  }

  async close(): Promise<void> {
    this.#flush()
    await this.#stream.close()
  }

  abort(reason?: Error): void {
    this.#stream.abort(reason)
  }
}
