// A stream whose small writes of one turn of the event loop go to the system as one buffer, a page at a time. Records are
// short: with 64 calls in flight a vector of 64 buffers costs the system more than all the rest of the calls costs us. And
// the other side works on the first page while the second is filled.

import { isFlowing, type Peer, type Stream } from '../../transport/index.ts'

/** Where so much waits it is sent before the turn ends. */
const PAGE_BYTES = 4096
/** From this many bytes on nothing is copied: there is nothing to gain. */
const JOINED_BYTES_MAX = 64 * 1024

/** The stream with its writes joined; nobody else may write to it. */
export function joining(stream: Stream): Stream {
  return new JoiningStream(stream)
}

class JoiningStream implements Stream {
  readonly peer: Peer
  readonly bytes: AsyncIterable<Buffer>
  readonly #stream: Stream
  #chunks: Buffer[] = []
  #bytes = 0
  /** While the peer reads slowly. */
  #room: Promise<void> | undefined

  constructor(stream: Stream) {
    this.#stream = stream
    this.peer = stream.peer
    this.bytes = stream.bytes
  }

  write(chunks: readonly Buffer[]): Promise<void> | undefined {
    if (this.#chunks.length === 0) process.nextTick(this.#flush)
    for (const chunk of chunks) {
      this.#chunks.push(chunk)
      this.#bytes += chunk.length
    }
    if (this.#bytes >= PAGE_BYTES) this.#flush()
    return this.#room
  }

  close(): Promise<void> {
    this.#flush()
    return this.#stream.close()
  }

  abort(reason?: Error): void {
    this.#chunks = []
    this.#bytes = 0
    this.#stream.abort(reason)
  }

  readonly #flush = (): void => {
    const chunks = this.#chunks
    if (chunks.length === 0) return
    const isLarge = this.#bytes >= JOINED_BYTES_MAX
    this.#chunks = []
    this.#bytes = 0
    const sent = isLarge || chunks.length === 1 ? chunks : [Buffer.concat(chunks)]
    const stream = this.#stream
    const room = isFlowing(stream) ? stream.writeNow(sent) : stream.write(sent)
    if (room === undefined || this.#room !== undefined) return
    const freed = (): void => {
      this.#room = undefined
    }
    // What breaks a stream is heard by its reader.
    this.#room = room.then(freed, freed)
  }
}
