// Record marking (RFC 5531, section 11): on a stream a message is a row of fragments, each behind a word whose top bit says
// that it is the last, and whose other bits are its length. What we send is one fragment, because real servers (rpcbind)
// end the connection of who sends several; what we read may be cut in any way.

import { Writer } from '../../bytes/index.ts'
import { OncError } from './errors.ts'
import { oncLimits } from './limits.ts'

const LAST = 0x8000_0000
/** Bytes of the mark before a fragment. */
export const MARK_BYTES = 4

/** Room for what most records need, until it is known what they are like; and the most that is guessed. */
const ROOM_MIN = 64
const ROOM = 512
const ROOM_MAX = 4096

/** Writes a message, without a mark. */
export type WriteMessage = (to: Writer) => void

/** Makes records for one peer or one service: each has the room that those of late have taken. */
export class RecordMaker {
  #room = ROOM

  /** As `marked`. */
  make(write: WriteMessage): Buffer[] {
    const record = marked(write, this.#room)
    const bytes = record.length === 1 ? (record[0] as Buffer).length : ROOM_MAX
    this.#room = Math.min(ROOM_MAX, Math.max(ROOM_MIN, bytes, this.#room >> 1))
    return record
  }
}

/** A message with its mark: `write` writes it, into `room` bytes at first. */
export function marked(write: WriteMessage, room: number = ROOM): Buffer[] {
  const to = new Writer(room)
  writeRecord(to, write)
  return to.finish()
}

/** Writes a message with its mark behind what was written before: `write` writes the message. */
export function writeRecord(to: Writer, write: WriteMessage): void {
  const at = to.bytes
  to.word(0)
  write(to)
  to.patchUint32(at, LAST + (to.bytes - at - MARK_BYTES))
}

/** The message behind its mark, as one piece: what a datagram holds. */
export function unmarked(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks
  const all = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)
  return all.subarray(MARK_BYTES)
}

/** Puts messages together from the bytes of a stream. */
export class RecordSplitter {
  readonly #bytesMax: number
  readonly #whole: (record: Buffer) => void
  #mark = 0
  #markBytes = 0
  /** Bytes of the fragment that are still to come. */
  #left = 0
  #pieces: Buffer[] = []
  #bytes = 0
  #fragments = 0

  /** `whole` gets each message; it may share memory with what arrived beside it. */
  constructor(whole: (record: Buffer) => void, bytesMax: number = oncLimits.recordBytesMax) {
    this.#whole = whole
    this.#bytesMax = bytesMax
  }

  /** Whether a message has begun and is not whole. */
  get isAmid(): boolean {
    return this.#markBytes > 0 || this.#fragments > 0
  }

  /** Takes what arrived. Errors: OncError RPC_RECORD_TOO_LARGE; nothing more can be read then. */
  push(chunk: Buffer): void {
    for (let at = this.isAmid ? 0 : this.#wholeRecords(chunk); at < chunk.length; ) {
      if (this.#markBytes < MARK_BYTES) {
        this.#mark = this.#mark * 256 + (chunk[at++] as number)
        if (++this.#markBytes === MARK_BYTES) this.#begin()
        continue
      }
      const piece = chunk.subarray(at, at + this.#left)
      at += piece.length
      this.#left -= piece.length
      this.#pieces.push(piece)
      if (this.#left === 0) this.#end()
    }
  }

  /** Records of one fragment that lie in the chunk as a whole; gives where the rest begins. */
  #wholeRecords(chunk: Buffer): number {
    let at = 0
    while (at + MARK_BYTES <= chunk.length) {
      const bytes = chunk.readUInt32BE(at) - LAST
      const end = at + MARK_BYTES + bytes
      if (bytes < 0 || bytes > this.#bytesMax || end > chunk.length) break
      this.#whole(chunk.subarray(at + MARK_BYTES, end))
      at = end
    }
    return at
  }

  #begin(): void {
    this.#left = this.#mark % LAST
    this.#bytes += this.#left
    this.#fragments++
    if (this.#bytes > this.#bytesMax)
      throw new OncError('RPC_RECORD_TOO_LARGE', `${this.#bytes} bytes, at most ${this.#bytesMax}`)
    if (this.#fragments > oncLimits.fragmentsMax)
      throw new OncError('RPC_RECORD_TOO_LARGE', `more than ${oncLimits.fragmentsMax} fragments`)
    if (this.#left === 0) this.#end()
  }

  /** The fragment is whole. */
  #end(): void {
    const isLast = this.#mark >= LAST
    this.#mark = 0
    this.#markBytes = 0
    if (!isLast) return
    const [only] = this.#pieces
    const record = this.#pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#bytes = 0
    this.#fragments = 0
    this.#whole(record)
  }
}
