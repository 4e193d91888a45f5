// Messages over a WebSocket: each is one binary message, without prefix and without a handshake of SP; the sub-protocol has
// said who is there.

import type { MessageStream } from '../../transport/index.ts'
import { SpError } from './errors.ts'
import { spLimits } from './limits.ts'
import type { Link } from './link.ts'
import type { Message } from './message.ts'

export class MessageLink implements Link {
  readonly peer: MessageStream['peer']
  readonly #stream: MessageStream
  readonly #payloadBytesMax: number
  #unsent = 0
  #slow: Promise<void> | undefined
  onRoom: () => void = () => {}

  constructor(stream: MessageStream, payloadBytesMax: number) {
    this.peer = stream.peer
    this.#stream = stream
    this.#payloadBytesMax = payloadBytesMax
  }

  get hasRoom(): boolean {
    return this.#slow === undefined || this.#unsent < spLimits.pipeBytesMax
  }

  send({ header, body }: Message): void {
    const slow = this.#stream.send(header.length > 0 ? [header, body] : [body])
    this.#unsent += header.length + body.length
    if (slow === undefined) this.#unsent = 0
    if (slow === undefined || slow === this.#slow) return
    this.#slow = slow
    void slow.then(() => {
      if (this.#slow !== slow) return
      this.#slow = undefined
      this.#unsent = 0
      this.onRoom()
    })
  }

  async run(take: (payloads: readonly Buffer[]) => Promise<void> | undefined): Promise<void> {
    const { messages } = this.#stream
    while (!messages.ended) {
      const waiting = messages.ready()
      if (waiting !== undefined) await waiting
      const payloads = messages.take()
      const long = payloads.find(payload => payload.length > this.#payloadBytesMax)
      if (long !== undefined)
        throw new SpError(
          'EMSGSIZE',
          `a message of ${long.length} bytes, at most ${this.#payloadBytesMax} are taken`,
        )
      const full = payloads.length > 0 ? take(payloads) : undefined
      if (full !== undefined) await full
    }
  }

  async close(): Promise<void> {
    await this.#stream.close()
  }

  abort(reason?: Error): void {
    this.#stream.abort(reason)
  }
}
