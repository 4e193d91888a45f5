// A stream of the peer. Nothing comes before somebody reads; then as much as the window has room for.

import { type Deferred, deferred } from '../../flow/index.ts'
import { CallError } from '../engine/errors.ts'

/** What a stream needs of its session. */
export interface StreamReceiver {
  /** Bytes that may be on their way, or wait to be read. */
  readonly windowBytes: number
  /** Tells the peer that it may send so many more. */
  credit(id: number, bytes: number): void
  /** Tells the peer that nobody reads any more. */
  stop(id: number): void
  /** It has ended, in any way. */
  over(id: number): void
}

type State =
  | { readonly at: 'open' }
  | { readonly at: 'ended' }
  | { readonly at: 'failed'; readonly reason: unknown }

interface Item {
  readonly value: unknown
  readonly bytes: number
}

/** A stream that comes from the other side. It can be read once. */
export class IncomingStream implements AsyncIterable<unknown>, AsyncDisposable {
  readonly #id: number
  readonly #receiver: StreamReceiver
  #items: Item[] = []
  #head = 0
  #state: State = { at: 'open' }
  #arrival: Deferred<void> | undefined
  #used = 0
  /** Bytes that were asked for and have not come. */
  #asked = 0
  #isRead = false

  constructor(id: number, receiver: StreamReceiver) {
    this.#id = id
    this.#receiver = receiver
  }

  /** Errors: CallError CALL_PROTOCOL, when more comes than was asked for. */
  item(value: unknown, bytes: number): void {
    if (this.#state.at !== 'open') return // it was on its way when we left
    if (this.#asked <= 0)
      throw new CallError('CALL_PROTOCOL', `stream ${this.#id} sends more than it was asked for`)
    this.#asked -= bytes
    this.#items.push({ value, bytes })
    this.#wake()
  }

  /** The peer has ended it; or, with a reason, it failed, or the connection did. */
  end(failed?: { readonly reason: unknown }): void {
    if (this.#state.at !== 'open') return
    this.#state = failed === undefined ? { at: 'ended' } : { at: 'failed', reason: failed.reason }
    this.#receiver.over(this.#id)
    this.#wake()
  }

  /** Nobody reads any more. Idempotent. */
  stop(): void {
    this.#items = []
    this.#head = 0
    if (this.#state.at !== 'open') return
    this.#state = { at: 'ended' }
    this.#receiver.stop(this.#id)
    this.#receiver.over(this.#id)
    this.#wake()
  }

  /** Errors: TypeError when it is read a second time. Leaving the loop early ends the stream at the other side, too. */
  [Symbol.asyncIterator](): AsyncIterator<unknown, undefined> {
    if (this.#isRead) throw new TypeError('a stream of the other side can be read once')
    this.#isRead = true
    this.#ask(this.#receiver.windowBytes)
    return {
      next: () => this.#next(),
      return: async () => {
        this.stop()
        return { done: true, value: undefined }
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop()
  }

  async #next(): Promise<IteratorResult<unknown, undefined>> {
    while (this.#head === this.#items.length && this.#state.at === 'open') {
      this.#arrival ??= deferred()
      await this.#arrival.promise
    }
    const item = this.#items[this.#head]
    if (item !== undefined) {
      this.#take(item)
      return { done: false, value: item.value }
    }
    if (this.#state.at === 'failed') throw this.#state.reason
    return { done: true, value: undefined }
  }

  #take(item: Item): void {
    this.#head++
    if (this.#head === this.#items.length) {
      this.#items = []
      this.#head = 0
    }
    this.#used += item.bytes
    if (this.#state.at !== 'open' || this.#used * 2 < this.#receiver.windowBytes) return
    const used = this.#used
    this.#used = 0
    this.#ask(used)
  }

  #ask(bytes: number): void {
    if (this.#state.at !== 'open') return
    this.#asked += bytes
    this.#receiver.credit(this.#id, bytes)
  }

  #wake(): void {
    this.#arrival?.resolve()
    this.#arrival = undefined
  }
}
