// One direction of a pair in one process: chunks go in at one end and come out at the other, uncopied, in order.
//
//   open --end--> ended (what is there is still read)      open or ended --fail--> failed (what is there is lost)
//
// Like a socket it never refuses a write; beyond `bufferBytesMax` it asks the writer to wait.

import { type Deferred, deferred } from '../flow/index.ts'

type State =
  | { readonly at: 'open' }
  | { readonly at: 'ended' }
  | { readonly at: 'failed'; readonly reason: Error }

export class Pipe {
  readonly #bufferBytesMax: number
  readonly #finished = deferred()
  #state: State = { at: 'open' }
  #chunks: Buffer[] = []
  #head = 0
  #bytes = 0
  #isRead = true
  #arrival: Deferred<void> | undefined
  #room: Deferred<void> | undefined

  constructor(bufferBytesMax: number) {
    this.#bufferBytesMax = bufferBytesMax
  }

  /** Resolves when the end was read, or nobody will read it: the pipe is over. */
  get finished(): Promise<void> {
    return this.#finished.promise
  }

  /** Takes the chunks. A promise means that more than `bufferBytesMax` waits, and resolves when all was read. */
  write(chunks: readonly Buffer[]): Promise<void> | undefined {
    if (this.#state.at !== 'open' || !this.#isRead) return undefined
    for (const chunk of chunks) {
      if (chunk.length === 0) continue
      this.#chunks.push(chunk)
      this.#bytes += chunk.length
    }
    this.#wakeReader()
    if (this.#bytes <= this.#bufferBytesMax) return undefined
    this.#room ??= deferred()
    return this.#room.promise
  }

  end(): void {
    if (this.#state.at !== 'open') return
    this.#state = { at: 'ended' }
    this.#wakeReader()
    if (!this.#isRead) this.#finished.resolve()
  }

  /** The reader gets the reason. */
  fail(reason: Error): void {
    if (this.#state.at === 'failed') return
    this.#state = { at: 'failed', reason }
    this.#clear()
    this.#wakeReader()
    this.#finished.resolve()
  }

  /** Nothing is read any more: what is there and what comes is thrown away, up to the end. */
  discard(): void {
    this.#isRead = false
    this.#clear()
    this.#wakeReader()
    if (this.#state.at !== 'open') this.#finished.resolve()
  }

  /** What comes out. Leaving the loop early leaves the rest. */
  read(): AsyncIterator<Buffer, undefined> {
    return { next: () => this.#next(), return: async () => ({ done: true, value: undefined }) }
  }

  async #next(): Promise<IteratorResult<Buffer, undefined>> {
    while (this.#isRead && this.#state.at === 'open' && this.#head === this.#chunks.length) {
      this.#arrival ??= deferred()
      await this.#arrival.promise
    }
    if (this.#state.at === 'failed') throw this.#state.reason
    const chunk = this.#chunks[this.#head]
    if (chunk !== undefined) {
      this.#chunks[this.#head++] = none
      this.#bytes -= chunk.length
      if (this.#head === this.#chunks.length) this.#clear()
      return { done: false, value: chunk }
    }
    if (this.#state.at === 'ended') this.#finished.resolve()
    return { done: true, value: undefined }
  }

  #clear(): void {
    this.#chunks = []
    this.#head = 0
    this.#bytes = 0
    this.#room?.resolve()
    this.#room = undefined
  }

  #wakeReader(): void {
    this.#arrival?.resolve()
    this.#arrival = undefined
  }
}

/** Stands where a chunk was, so that the chunk can be collected. */
const none = Buffer.alloc(0)
