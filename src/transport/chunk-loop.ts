// Chunks that are handed over as they come, for a loop that asks for them one by one:
//
//   idle --next()--> asked --chunk--> idle        idle --chunk--> held --next()--> idle
//
// No more than one is held: then the source is told to stop. The iterator of a Readable takes a chunk through several queues
// of the event loop; this takes it through one promise, which one call after the other feels. Leaving the loop leaves the
// rest to the next one: a handshake reads first, then the session.

import type { FlowSink } from './stream.ts'

type Next = IteratorResult<Buffer, undefined>

type State =
  | { readonly at: 'idle' }
  | { readonly at: 'asked'; readonly resolve: (next: Next) => void; readonly reject: (reason: Error) => void }
  | { readonly at: 'held'; readonly chunk: Buffer }

const idle: State = { at: 'idle' }
const done: Next = { done: true, value: undefined }

export class ChunkLoop implements FlowSink, AsyncIterator<Buffer, undefined> {
  readonly #resume: () => void
  #state: State = idle
  #over: { readonly reason: Error | undefined } | undefined

  /** `resume` asks the source for more, after it was stopped. */
  constructor(resume: () => void) {
    this.#resume = resume
  }

  next(): Promise<Next> {
    const held = this.held()
    if (held !== undefined) {
      this.#resume()
      return Promise.resolve({ done: false, value: held })
    }
    if (this.#over !== undefined) {
      const { reason } = this.#over
      return reason === undefined ? Promise.resolve(done) : Promise.reject(reason)
    }
    return new Promise((resolve, reject) => {
      this.#state = { at: 'asked', resolve, reject }
    })
  }

  return(): Promise<Next> {
    return Promise.resolve(done)
  }

  /** Takes out what is held. */
  held(): Buffer | undefined {
    const state = this.#state
    if (state.at !== 'held') return undefined
    this.#state = idle
    return state.chunk
  }

  chunk(chunk: Buffer): boolean {
    const state = this.#state
    if (state.at !== 'asked') {
      this.#state = { at: 'held', chunk }
      return true
    }
    this.#state = idle
    state.resolve({ done: false, value: chunk })
    return false
  }

  ended(reason?: Error): void {
    this.#over = { reason }
    const state = this.#state
    if (state.at !== 'asked') return
    this.#state = idle
    if (reason === undefined) state.resolve(done)
    else state.reject(reason)
  }
}
