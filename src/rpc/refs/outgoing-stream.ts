// A stream of ours that the peer reads. It gives us bytes that we may send; without them nothing is read from the source, so
// that a slow reader stops it.

/** What a stream needs of its session. */
export interface StreamSender {
  /** Sends an item; gives its bytes. Errors: the value cannot be sent. */
  item(id: number, value: unknown): number
  /** Sends the end. `failed` has what was thrown. */
  ended(id: number, failed?: { readonly reason: unknown }): void
  /** A promise while the peer reads too slowly. */
  readonly room: Promise<void> | undefined
  /** It has ended, in any way. */
  over(id: number): void
}

export class OutgoingStream {
  readonly #id: number
  readonly #source: AsyncIterable<unknown>
  readonly #sender: StreamSender
  #iterator: AsyncIterator<unknown> | undefined
  #credit = 0
  #isPumping = false
  #isOver = false

  constructor(id: number, source: AsyncIterable<unknown>, sender: StreamSender) {
    this.#id = id
    this.#source = source
    this.#sender = sender
  }

  /** The reader has used so many bytes, or begins to read. */
  grant(bytes: number): void {
    this.#credit += bytes
    if (this.#isPumping || this.#isOver) return
    void this.#pump()
  }

  /** The reader leaves, or the connection is over: the source is told. Idempotent. */
  stop(): void {
    if (this.#isOver) return
    this.#finish()
    void this.#leave()
  }

  async #leave(): Promise<void> {
    try {
      const iterator = this.#iterator ?? this.#source[Symbol.asyncIterator]()
      await iterator.return?.()
    } catch {
      // Nobody is there to hear what the source says to it.
    }
  }

  async #pump(): Promise<void> {
    this.#isPumping = true
    try {
      this.#iterator ??= this.#source[Symbol.asyncIterator]()
      while (this.#credit > 0 && !this.#isOver) {
        const { done = false, value } = await this.#iterator.next()
        if (this.#isOver) return
        if (done) {
          this.#finish()
          this.#sender.ended(this.#id)
          return
        }
        this.#credit -= this.#sender.item(this.#id, value)
        await this.#sender.room
      }
    } catch (reason) {
      if (this.#isOver) return
      this.stop()
      this.#sender.ended(this.#id, { reason })
    } finally {
      this.#isPumping = false // at once: what is granted from now on must find it so
    }
  }

  #finish(): void {
    this.#isOver = true
    this.#sender.over(this.#id)
  }
}
