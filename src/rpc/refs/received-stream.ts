// What a program holds of a stream of the peer. The session holds the stream itself, since more of it may come; so this is
// what the collector can take when nobody has read it, or has let go of it as a ReadableStream, and then the other side is
// told to stop. It would keep an unread stream as long as the connection lasts.

import { ReadableStream } from 'node:stream/web'
import type { IncomingStream } from './incoming-stream.ts'

const collected = new FinalizationRegistry<IncomingStream>(stream => stream.stop())

/** An iterable that came; it can be read once. */
export class ReceivedStream implements AsyncIterable<unknown>, AsyncDisposable {
  readonly #stream: IncomingStream

  constructor(stream: IncomingStream) {
    this.#stream = stream
    collected.register(this, stream, this)
  }

  /** From here on it is the iterator that matters, which does not hold this. Errors: TypeError the second time. */
  [Symbol.asyncIterator](): AsyncIterator<unknown, undefined> {
    collected.unregister(this)
    return this.#stream[Symbol.asyncIterator]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    collected.unregister(this)
    this.#stream.stop()
  }
}

/** The same as a ReadableStream. While somebody reads it, what he waits for holds it. */
export function readableOf(stream: IncomingStream): ReadableStream {
  const readable = ReadableStream.from(stream)
  collected.register(readable, stream)
  return readable
}
