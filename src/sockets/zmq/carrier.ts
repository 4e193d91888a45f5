// How frames travel: as bytes of a stream (ZMTP), or one to a message of a WebSocket (ZWS 2.0, RFC 45: the first octet is 0
// for the last frame of a message, 1 for more, 2 for a command).

import { isFlowing, type MessageStream, type Stream } from '../../transport/index.ts'
import type { FrameSink } from './engine.ts'
import { ProtocolError } from './errors.ts'
import { batches } from './limits.ts'
import type { Frames } from './message.ts'
import { COMMAND, MORE } from './wire/frame-reader.ts'
import { FrameWriter } from './wire/frame-writer.ts'

/** A way out. What is written is kept until `flush`, which asks to wait when the peer reads slowly. */
export interface Carrier extends FrameSink {
  /** Bytes outside frames: a greeting. Streams only. */
  raw(bytes: Buffer): void
  message(frames: Frames): void
  /** Bytes that `flush` would send. */
  readonly bytes: number
  flush(): Promise<void> | undefined
  /** A heartbeat of the transport's own; resolves with the answer. */
  readonly ping?: () => Promise<void>
  /** Sends what was written, then ends. */
  close(): Promise<void>
  abort(reason?: Error): void
}

export class StreamCarrier extends FrameWriter implements Carrier {
  readonly #stream: Stream
  constructor(stream: Stream) {
    super()
    this.#stream = stream
  }
  flush(): Promise<void> | undefined {
    const chunks = this.take()
    if (chunks.length === 0) return undefined
    return isFlowing(this.#stream) ? this.#stream.writeNow(chunks) : this.#stream.write(chunks)
  }
  close(): Promise<void> {
    void this.flush()
    return this.#stream.close()
  }
  abort(reason?: Error): void {
    this.#stream.abort(reason)
  }
}

/** First octets of ZWS frames, one buffer each: they are only read. */
const heads = [Buffer.from([0]), Buffer.from([1]), Buffer.from([2])] as const

export class WsCarrier implements Carrier {
  readonly #stream: MessageStream
  #slow: Promise<void> | undefined
  #bytes = 0

  constructor(stream: MessageStream) {
    this.#stream = stream
  }
  get bytes(): number {
    return this.#bytes
  }
  readonly ping = (): Promise<void> => this.#stream.ping()
  raw(): void {}
  frame(flags: number, body: Buffer): void {
    const head = (flags & COMMAND) !== 0 ? heads[2] : heads[(flags & MORE) !== 0 ? 1 : 0]
    // Small bodies may be used again by the caller before the WebSocket has sent them.
    const chunk = body.length <= batches.copyBytesMax ? Buffer.from(body) : body
    this.#slow = this.#stream.send([head, chunk]) ?? this.#slow
    this.#bytes += body.length + 1
  }
  message(frames: Frames): void {
    const last = frames.length - 1
    for (let at = 0; at <= last; at++) this.frame(at < last ? MORE : 0, frames[at] as Buffer)
  }
  flush(): Promise<void> | undefined {
    const slow = this.#slow
    this.#slow = undefined
    this.#bytes = 0
    return slow
  }
  close(): Promise<void> {
    return this.#stream.close()
  }
  abort(reason?: Error): void {
    this.#stream.abort(reason)
  }
}

/** Flags and body of a ZWS message. Errors: ProtocolError. */
export function zwsFrame(message: Buffer): { readonly flags: number; readonly body: Buffer } {
  const [head] = message
  if (head === undefined || head > 2)
    throw new ProtocolError('ERR_ZMTP_UNSPECIFIED', `a ZWS frame begins with ${head}`)
  return { flags: head === 1 ? MORE : head === 2 ? COMMAND : 0, body: message.subarray(1) }
}
