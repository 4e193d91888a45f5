// A stream of messages that arrives, as an async iterator: it reads when it is asked, so that who does not ask stops the
// sender. Not Node's own iterator of a stream, for three reasons: leaving that one early destroys the stream, with which a
// server could no longer answer; it throws the status before the messages that came before it; and the end of a
// cancelled call must not look like the end of the messages.

import type { Readable } from 'node:stream'
import { type Deferred, deferred } from '../../flow/index.ts'

export interface IncomingParts {
  /** Somebody left the iteration before the end. */
  readonly left: () => void
  /** What an error of the stream is to who reads. */
  readonly failure: (error: unknown) => unknown
  /** Waited for at the end of the messages: it may turn out that they were cut off. */
  readonly atEnd?: () => Promise<void>
}

export class Incoming implements AsyncIterableIterator<unknown> {
  readonly #source: Readable
  readonly #parts: IncomingParts
  #wake: Deferred<void> | undefined
  #isAtEnd = false
  #isInterrupted = false
  #isOver = false
  #failed: { readonly reason: unknown } | undefined

  constructor(source: Readable, parts: IncomingParts) {
    this.#source = source
    this.#parts = parts
    source.on('readable', () => this.#look())
    source.on('error', error => {
      this.#failed ??= { reason: parts.failure(error) }
      this.#look()
    })
    for (const event of ['end', 'close'])
      source.on(event, () => {
        this.#isAtEnd = true
        this.#look()
      })
  }

  /** Fails at once; what arrived and was not read is dropped. */
  interrupt(reason: unknown): void {
    if (this.#isOver) return
    this.#failed = { reason }
    this.#isInterrupted = true
    this.#look()
  }

  async next(): Promise<IteratorResult<unknown>> {
    for (;;) {
      if (this.#isOver) return { done: true, value: undefined }
      const message = this.#isInterrupted ? null : this.#source.read()
      if (message !== null) return { done: false, value: message }
      if (this.#isAtEnd || this.#isInterrupted) break
      this.#wake ??= deferred()
      await this.#wake.promise
    }
    await this.#parts.atEnd?.()
    if (this.#isOver) return { done: true, value: undefined }
    this.#isOver = true
    if (this.#failed !== undefined) throw this.#failed.reason
    return { done: true, value: undefined }
  }

  async return(): Promise<IteratorResult<unknown>> {
    if (!this.#isOver) {
      this.#isOver = true
      this.#look()
      this.#parts.left()
    }
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #look(): void {
    this.#wake?.resolve()
    this.#wake = undefined
  }
}
