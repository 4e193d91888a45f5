// A WritableStream that goes by reference: an object at the end of its owner, a stream again at the other.

import { WritableStream, type WritableStreamDefaultWriter } from 'node:stream/web'
import { CallError } from '../engine/errors.ts'
import { ByReference } from './by-reference.ts'

/** The method of a Sink that is told so. */
export const gone: unique symbol = Symbol('the other end is gone')

/** What the owner has: a writer that can be called. */
export class Sink extends ByReference {
  readonly #writer: WritableStreamDefaultWriter<unknown>
  #isEnded = false

  /** Locks the stream. Errors: TypeError when it is locked already. */
  constructor(stream: WritableStream<unknown>) {
    super()
    this.#writer = stream.getWriter()
  }

  /** Resolves when there is room for the next. */
  async write(chunk: unknown): Promise<void> {
    const written = this.#writer.write(chunk)
    written.catch(() => {}) // `ready` or the next write says it, too
    await this.#writer.ready
  }

  close(): Promise<void> {
    this.#isEnded = true
    return this.#writer.close()
  }

  abort(reason: unknown): Promise<void> {
    this.#isEnded = true
    return this.#writer.abort(reason)
  }

  /** Nobody can write or end it any more. By a symbol, which no name of the network reaches. */
  [gone](): void {
    if (this.#isEnded) return
    const lost = new CallError('CALL_REFERENCE_LOST', 'the other end of the stream is gone')
    void this.abort(lost).catch(() => {}) // what the stream says to it nobody hears
  }
}

/** A sink as it looks from the other side. */
export interface RemoteSink extends Disposable {
  write(chunk: unknown): Promise<void>
  close(): Promise<void>
  abort(reason: unknown): Promise<void>
}

/** A stream that writes into the sink of the other side, one chunk after the other. */
export function writableOf(sink: RemoteSink): WritableStream<unknown> {
  const released = (): void => sink[Symbol.dispose]()
  return new WritableStream<unknown>({
    write: chunk => sink.write(chunk),
    close: () => sink.close().finally(released),
    abort: reason => sink.abort(reason).finally(released),
  })
}
