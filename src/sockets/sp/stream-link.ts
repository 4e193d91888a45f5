// Messages over a stream of bytes. Small ones are copied into one buffer, large bodies are linked between, and what a turn
// sends goes to the system when its promises have run, in one write: at 100 bytes, two chunks for each message in one writev
// cost about four times as much as the copy.

import { isFlowing, type Stream } from '../../transport/index.ts'
import { asError, SpError } from './errors.ts'
import { spLimits } from './limits.ts'
import type { Link } from './link.ts'
import type { Message } from './message.ts'
import { FrameReader, type Framing, prefixBytes, writePrefix } from './wire.ts'

export interface StreamLinkOptions {
  readonly framing: Framing
  readonly payloadBytesMax: number
  /** What came behind the handshake. */
  readonly rest: Buffer
}

type Take = (payloads: readonly Buffer[]) => Promise<void> | undefined

export class StreamLink implements Link {
  readonly peer: Stream['peer']
  readonly #stream: Stream
  readonly #reader: FrameReader
  readonly #framing: Framing
  readonly #prefixBytes: number
  readonly #rest: Buffer
  /** The batch: what is between `start` and `at` is not among the chunks yet. */
  #batch: Buffer = Buffer.alloc(0)
  #start = 0
  #at = 0
  /** What the next write takes. */
  #chunks: Buffer[] = []
  #chunkBytes = 0
  #isScheduled = false
  /** Bytes since the stream was last known to have sent all. */
  #unsent = 0
  #slow: Promise<void> | undefined
  onRoom: () => void = () => {}

  constructor(stream: Stream, { framing, payloadBytesMax, rest }: StreamLinkOptions) {
    this.peer = stream.peer
    this.#stream = stream
    this.#framing = framing
    this.#reader = new FrameReader(framing, payloadBytesMax)
    this.#rest = rest
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
      this.#link(body)
    } else {
      this.#reserve(size)
      this.#append(header, payload)
      this.#at += body.copy(this.#batch, this.#at)
    }
    if (this.#slow === undefined && this.#chunkBytes >= spLimits.flushBytes) this.#flush()
    else if (!this.#isScheduled) {
      this.#isScheduled = true
      process.nextTick(flushLater, this)
    }
  }

  #append(header: Buffer, payload: number): void {
    this.#at = writePrefix(this.#batch, this.#at, this.#framing, payload)
    if (header.length > 0) this.#at += header.copy(this.#batch, this.#at)
  }

  #reserve(bytes: number): void {
    if (this.#batch.length - this.#at >= bytes) return
    this.#cut()
    this.#batch = Buffer.allocUnsafeSlow(Math.max(bytes, spLimits.batchBytes))
    this.#start = 0
    this.#at = 0
  }

  #link(body: Buffer): void {
    this.#cut()
    this.#chunks.push(body)
    this.#chunkBytes += body.length
  }

  #cut(): void {
    if (this.#at === this.#start) return
    this.#chunks.push(this.#batch.subarray(this.#start, this.#at))
    this.#chunkBytes += this.#at - this.#start
    this.#start = this.#at
  }

  /** For `flushLater`, which is shared by all links to save a closure for each turn. */
  flushScheduled(): void {
    this.#isScheduled = false
    if (this.#slow === undefined) this.#flush()
  }

  #flush(): void {
    this.#cut()
    const chunks = this.#chunks
    if (chunks.length === 0) return
    this.#chunks = []
    this.#chunkBytes = 0
    const slow = isFlowing(this.#stream) ? this.#stream.writeNow(chunks) : this.#stream.write(chunks)
    if (slow === undefined) {
      this.#sent()
      return
    }
    this.#slow = slow
    void slow.then(() => {
      this.#slow = undefined
      this.#sent()
      this.#flush()
    })
  }

  #sent(): void {
    const wasFull = !this.hasRoom
    this.#unsent = this.#chunkBytes + this.#at - this.#start
    if (wasFull && this.hasRoom) this.onRoom()
  }

  async run(take: Take): Promise<void> {
    if (this.#rest.length > 0) await this.#read(this.#rest, take)
    for await (const chunk of this.#stream.bytes) {
      const waiting = this.#read(chunk, take)
      if (waiting !== undefined) await waiting
    }
    if (!this.#reader.isBetweenFrames)
      throw new SpError('EPROTO', 'the peer ended in the middle of a message')
  }

  /** Errors: what is wrong with the chunk, after the messages before that have been taken. */
  #read(chunk: Buffer, take: Take): Promise<void> | undefined {
    const payloads: Buffer[] = []
    const flaw = this.#payloadsOf(chunk, payloads)
    const waiting = payloads.length > 0 ? take(payloads) : undefined
    if (flaw === undefined) return waiting
    return Promise.resolve(waiting).then(() => {
      throw flaw
    })
  }

  /** What is wrong with the chunk, if anything: the messages before that are as good as others. */
  #payloadsOf(chunk: Buffer, payloads: Buffer[]): Error | undefined {
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

function flushLater(link: StreamLink): void {
  link.flushScheduled()
}
