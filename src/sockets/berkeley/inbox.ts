// What has arrived on a stream and was not taken: receive takes from it, exactly so many bytes or up to a delimiter. A
// receive that is called off takes nothing, so nothing is ever lost between two calls. It reads ahead by at most one
// chunk; beyond that the stream is not read, which stops the peer.

import { withSignal } from '../../flow/index.ts'
import { EndOfStreamError } from './errors.ts'

type Source =
  | { readonly at: 'open' }
  | { readonly at: 'ended' }
  | { readonly at: 'failed'; readonly reason: unknown }

export class Inbox {
  readonly #iterator: AsyncIterator<Buffer>
  #source: Source = { at: 'open' }
  #chunks: Buffer[] = []
  #bytes = 0
  #reading: Promise<void> | undefined

  constructor(bytes: AsyncIterable<Buffer>) {
    this.#iterator = bytes[Symbol.asyncIterator]()
  }

  get bytes(): number {
    return this.#bytes
  }

  /** No more will be given: what is there is thrown away, and every receive sees the end. */
  shut(): void {
    this.#source = { at: 'ended' }
    this.#chunks = []
    this.#bytes = 0
  }

  /** 1 to `most` bytes; none at the end of the stream. */
  async some(most: number, signal: AbortSignal | undefined): Promise<Buffer> {
    while (this.#bytes === 0 && (await this.#more(signal)));
    const first = this.#chunks[0]
    return first === undefined ? Buffer.alloc(0) : this.#take(Math.min(most, first.length))
  }

  /** Exactly `count` bytes. Errors: EndOfStreamError, with what there was. */
  async exactly(count: number, signal: AbortSignal | undefined): Promise<Buffer> {
    while (this.#bytes < count)
      if (!(await this.#more(signal))) throw new EndOfStreamError(this.#take(this.#bytes), `${count}`)
    return this.#take(count)
  }

  /**
   * Up to and with the delimiter; undefined when it is not among the first `most` bytes, which then stay. Errors:
   * EndOfStreamError, with what there was.
   */
  async until(delimiter: Buffer, most: number, signal: AbortSignal | undefined): Promise<Buffer | undefined> {
    let searched = 0
    let tail: Buffer = Buffer.alloc(0) // the delimiter may begin in one chunk and end in the next
    for (let n = 0; ; ) {
      for (; n < this.#chunks.length; n++) {
        const chunk = this.#chunks[n] as Buffer
        const piece = tail.length === 0 ? chunk : Buffer.concat([tail, chunk])
        const at = piece.indexOf(delimiter)
        const length = searched - tail.length + at + delimiter.length
        if (at >= 0) return length <= most ? this.#take(length) : undefined
        searched += chunk.length
        tail = piece.subarray(Math.max(0, piece.length - delimiter.length + 1))
      }
      if (searched >= most) return undefined
      if (!(await this.#more(signal)))
        throw new EndOfStreamError(this.#take(this.#bytes), `the delimiter ${JSON.stringify(`${delimiter}`)}`)
    }
  }

  /** Reads one chunk more; false at the end. Throws what broke the stream. */
  async #more(signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#source.at === 'failed') throw this.#source.reason
    if (this.#source.at === 'ended') return false
    this.#reading ??= this.#read()
    await withSignal(this.#reading, signal)
    return true
  }

  /** Never rejects: it outlives the call that began it. */
  async #read(): Promise<void> {
    try {
      const { done, value } = await this.#iterator.next()
      if (this.#source.at !== 'open') return
      if (done === true) this.#source = { at: 'ended' }
      else if (value.length > 0) {
        this.#chunks.push(value)
        this.#bytes += value.length
      }
    } catch (reason) {
      if (this.#source.at === 'open') this.#source = { at: 'failed', reason }
    } finally {
      this.#reading = undefined
    }
  }

  #joined(): Buffer {
    const [first] = this.#chunks
    if (this.#chunks.length === 1 && first !== undefined) return first
    const all = Buffer.concat(this.#chunks)
    this.#chunks = all.length === 0 ? [] : [all]
    return all
  }

  #take(count: number): Buffer {
    const [first] = this.#chunks
    const all = first !== undefined && first.length >= count ? first : this.#joined()
    this.#bytes -= count
    if (count === all.length) this.#chunks.shift()
    else this.#chunks[0] = all.subarray(count)
    return all.subarray(0, count)
  }
}
