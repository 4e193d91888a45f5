// Bodies of HTTP requests: read when somebody wants them, each within the bound of its path, all together within that of
// the listener. What was read is given back when its request is answered.

import type { IncomingMessage } from 'node:http'

/** Why a body is not taken; `status` is what its sender is told. */
export class HttpBodyError extends Error {
  override readonly name = 'HttpBodyError'
  readonly status: 400 | 413 | 503

  constructor(status: 400 | 413 | 503, message: string) {
    super(message)
    this.status = status
  }
}

/** The bodies of one listener. */
export class HttpBodies {
  readonly #heldMax: number
  #held = 0

  constructor(heldMax: number) {
    this.#heldMax = heldMax
  }

  of(request: IncomingMessage, bytesMax: number): HttpBody {
    return new HttpBody(request, bytesMax, bytes => this.#hold(bytes))
  }

  /** Errors: HttpBodyError 503. */
  #hold(bytes: number): void {
    if (bytes > 0 && this.#held + bytes > this.#heldMax)
      throw new HttpBodyError(503, `bodies of requests hold ${this.#held} bytes already: try again`)
    this.#held += bytes
  }
}

/** One request's body. */
export class HttpBody {
  readonly #request: IncomingMessage
  readonly #bytesMax: number
  readonly #hold: (bytes: number) => void
  #bytes = 0
  #reading: Promise<Buffer> | undefined

  constructor(request: IncomingMessage, bytesMax: number, hold: (bytes: number) => void) {
    this.#request = request
    this.#bytesMax = bytesMax
    this.#hold = hold
  }

  /** All of it. Errors: HttpBodyError. */
  read(): Promise<Buffer> {
    this.#reading ??= this.#read()
    return this.#reading
  }

  /** The request is answered: its bytes count no more. */
  release(): void {
    this.#hold(-this.#bytes)
    this.#bytes = 0
  }

  async #read(): Promise<Buffer> {
    const chunks: Buffer[] = []
    try {
      // Leaving the loop early must leave the connection to the answer.
      for await (const chunk of this.#request.iterator({ destroyOnReturn: false })) {
        const bytes = chunk as Buffer
        if (this.#bytes + bytes.length > this.#bytesMax)
          throw new HttpBodyError(413, `a body has ${this.#bytesMax} bytes at most`)
        this.#hold(bytes.length)
        this.#bytes += bytes.length
        chunks.push(bytes)
      }
    } catch (error) {
      if (error instanceof HttpBodyError) throw error
      throw new HttpBodyError(400, 'the body broke off')
    }
    return Buffer.concat(chunks)
  }
}
