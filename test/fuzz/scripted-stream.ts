// A connection without a socket: its bytes are a list, and its answers are counted and looked at.

import { deferred } from '../../src/flow/index.ts'
import type { Stream } from '../../src/transport/index.ts'

export class ScriptedStream implements Stream {
  readonly peer = { address: '127.0.0.1', port: 1, encrypted: false }
  readonly #input: readonly Buffer[]
  readonly #answers: Buffer[] = []
  readonly #left = deferred<void>()
  aborted = false
  /** Writes so far: one for each answer. */
  writes = 0

  constructor(input: readonly Buffer[]) {
    this.#input = input
  }

  get bytes(): AsyncIterable<Buffer> {
    return this.#read()
  }

  /** What was answered, cut into frames without their lengths. Throws when the last is not whole. */
  answers(): Buffer[] {
    const all = Buffer.concat(this.#answers)
    const frames: Buffer[] = []
    for (let at = 0; at < all.length; ) {
      const length = all.readInt32BE(at)
      if (length < 4 || at + 4 + length > all.length)
        throw new Error(`an answer says ${length} bytes, ${all.length - at - 4} are there`)
      frames.push(all.subarray(at + 4, at + 4 + length))
      at += 4 + length
    }
    return frames
  }

  /** All that was written. */
  written(): readonly Buffer[] {
    return this.#answers
  }

  write(chunks: readonly Buffer[]): undefined {
    if (this.aborted) return undefined
    this.writes++
    this.#answers.push(...chunks)
    return undefined
  }

  async close(): Promise<void> {}

  /** The client sends nothing more. */
  leave(): void {
    this.#left.resolve()
  }

  abort(): void {
    this.aborted = true
    this.leave()
  }

  async *#read(): AsyncGenerator<Buffer> {
    for (const chunk of this.#input) {
      if (this.aborted) return
      yield chunk
    }
    await this.#left.promise
  }
}
