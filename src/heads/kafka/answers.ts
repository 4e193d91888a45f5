// The answers of one connection: they leave in the order of the requests, whenever each was ready.

import { isSource, type Piece } from '../../bytes/index.ts'
import { type Deferred, deferred } from '../../flow/index.ts'
import { isPrompt, type Stream, sendPieces } from '../../transport/index.ts'

/** The place of an answer in the line. */
export interface Slot {
  /** What to send; undefined while it is not known. */
  pieces: readonly Piece[] | undefined
  /** Bytes of the request. */
  readonly bytes: number
  /** The line was empty when its request came. */
  readonly isAlone: boolean
  /** What is to be done once it has left or never will. */
  readonly sent: (() => void)[]
}

export class Answers {
  readonly #stream: Stream
  readonly #fail: (error: unknown) => void
  readonly #slots: Slot[] = []
  #bytes = 0
  /** The first of the line is being read while it is sent. */
  #isReading = false
  #writing: Promise<void> | undefined
  #moved: Deferred<void> | undefined
  #quiet: Deferred<void> | undefined

  /** `fail` is told of an answer that could not be sent to its end. */
  constructor(stream: Stream, fail: (error: unknown) => void) {
    this.#stream = stream
    this.#fail = fail
  }

  /** How many have not left. */
  get count(): number {
    return this.#slots.length
  }
  /** Bytes of their requests. */
  get bytes(): number {
    return this.#bytes
  }

  /** All answers are ready: what has not left waits for the client. */
  get areReady(): boolean {
    return this.#slots.every(one => one.pieces !== undefined)
  }

  /** The next place in the line. */
  slot(bytes: number): Slot {
    const slot: Slot = { pieces: undefined, bytes, isAlone: this.count === 0, sent: [] }
    this.#slots.push(slot)
    this.#bytes += bytes
    return slot
  }

  /**
   * Fills a place and sends all answers that have become due. `isLast`: the connection has no other request for which an
   * answer may follow in this turn. One that has always been alone then goes to the system at once: after a long poll, that is
   * when the record is there.
   */
  fill(slot: Slot, pieces: readonly Piece[], isLast = false): void {
    slot.pieces = pieces
    this.#sendDue(isLast && slot.isAlone && this.count === 1)
  }

  /** Resolves when fewer than so many answers, of requests with fewer than so many bytes, wait, and the client reads them. */
  async room(countMax: number, bytesMax: number): Promise<void> {
    while (this.count >= countMax || this.#bytes >= bytesMax) {
      this.#moved = deferred()
      await this.#moved.promise
    }
    this.#moved = undefined
    const writing = this.#writing
    if (writing === undefined) return
    await writing
    if (this.#writing === writing) this.#writing = undefined
  }

  /** Resolves when all have left. */
  async allSent(): Promise<void> {
    if (this.count === 0) return
    this.#quiet ??= deferred()
    await this.#quiet.promise
  }

  #sendDue(now = false): void {
    for (;;) {
      const [first] = this.#slots
      if (first?.pieces === undefined || this.#isReading) return
      if (first.pieces.some(isSource)) this.#read(first, first.pieces)
      else {
        this.#write(first.pieces as readonly Buffer[], now)
        this.#left(first)
      }
    }
  }

  #write(pieces: readonly Buffer[], now: boolean): void {
    if (pieces.length === 0) return
    const stream = this.#stream
    const slow = now && isPrompt(stream) ? stream.writeNow(pieces) : stream.write(pieces)
    this.#writing = slow ?? this.#writing
  }

  /** Sends an answer that has to be read meanwhile; those behind it wait. */
  #read(slot: Slot, pieces: readonly Piece[]): void {
    this.#isReading = true
    sendPieces(this.#stream, pieces)
      .catch(this.#fail)
      .then(() => {
        this.#isReading = false
        this.#left(slot)
        this.#sendDue()
      })
  }

  /** The first of the line has left it. */
  #left(slot: Slot): void {
    this.#slots.shift()
    this.#bytes -= slot.bytes
    for (const then of slot.sent) then()
    this.#moved?.resolve()
    if (this.count === 0) this.#quiet?.resolve()
  }
}
