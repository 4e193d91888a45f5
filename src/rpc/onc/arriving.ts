// What arrives on a stream that can be driven, asked for chunk by chunk. The iterator of a socket takes a chunk through several
// queues of the event loop; this takes it through one promise, which one call after the other feels.

import type { FlowingStream } from '../../transport/index.ts'

type State =
  | { readonly at: 'idle' }
  | { readonly at: 'asked'; readonly resolve: (next: Next) => void; readonly reject: (reason: Error) => void }
  | { readonly at: 'held'; readonly chunk: Buffer }

type Next = IteratorResult<Buffer, undefined>

const idle: State = { at: 'idle' }
const done: Next = { done: true, value: undefined }

/** Chunks for one loop, in order. No more than one is held: then the peer is stopped. */
export class Arriving implements AsyncIterable<Buffer>, AsyncIterator<Buffer, undefined> {
  readonly #stream: FlowingStream
  #flow: { resume(): void } | undefined
  #state: State = idle
  #isDiscarding = false
  #over: { readonly reason: Error | undefined } | undefined

  constructor(stream: FlowingStream) {
    this.#stream = stream
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    this.#flow ??= this.#stream.flow({
      chunk: chunk => this.#take(chunk),
      ended: reason => this.#end(reason),
    })
    return this
  }

  /** What still comes is thrown away, so that the end can come behind it. */
  discard(): void {
    this.#isDiscarding = true
    if (this.#state.at !== 'held') return
    this.#state = idle
    this.#flow?.resume()
  }

  next(): Promise<Next> {
    const state = this.#state
    if (state.at === 'held') {
      this.#state = idle
      this.#flow?.resume()
      return Promise.resolve({ done: false, value: state.chunk })
    }
    if (this.#over !== undefined) {
      const { reason } = this.#over
      return reason === undefined ? Promise.resolve(done) : Promise.reject(reason)
    }
    return new Promise((resolve, reject) => {
      this.#state = { at: 'asked', resolve, reject }
    })
  }

  #take(chunk: Buffer): boolean {
    if (this.#isDiscarding) return false
    const state = this.#state
    if (state.at !== 'asked') {
      this.#state = { at: 'held', chunk }
      return true
    }
    this.#state = idle
    state.resolve({ done: false, value: chunk })
    return false
  }

  #end(reason: Error | undefined): void {
    this.#over = { reason }
    const state = this.#state
    if (state.at !== 'asked') return
    this.#state = idle
    if (reason === undefined) state.resolve(done)
    else state.reject(reason)
  }
}
