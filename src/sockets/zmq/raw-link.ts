// A connection of a STREAM socket: bytes as they come, no protocol (zmq_socket(3), ZMQ_STREAM). Arrivals and departures are
// told by empty messages; an empty message sent ends the connection.

import type { Stream } from '../../transport/index.ts'
import type { LinkEnd, LinkPipe } from './link.ts'
import type { Frames } from './message.ts'
import type { RemotePipe } from './remote-pipe.ts'
import type { SocketCore } from './socket-core.ts'

const nothing = Buffer.alloc(0)

export class RawLink {
  readonly #stream: Stream
  readonly #onEnd: (how: LinkEnd) => void
  #pipe: LinkPipe | undefined
  #notifies = true
  #isEnded = false
  #isSlow = false

  constructor(stream: Stream, onEnd: (how: LinkEnd) => void) {
    this.#stream = stream
    this.#onEnd = onEnd
  }

  serve(pipe: RemotePipe, core: SocketCore): void {
    this.#notifies = core.options.notify
    pipe.connect(this, undefined)
    this.#pipe = pipe
  }

  begin(): void {
    if (this.#notifies) this.#pipe?.received([nothing])
    this.#pipe?.drained()
    void this.#read()
  }

  async #read(): Promise<void> {
    try {
      for await (const chunk of this.#stream.bytes) {
        this.#pipe?.received([chunk])
        const room = this.#pipe?.room()
        if (room !== undefined) await room
        if (this.#isEnded) return
      }
      this.#end(new Error('the peer has closed'))
      void this.#stream.close().catch(() => {}) // it is over, however
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(String(error)))
    }
  }

  get isOpen(): boolean {
    return !this.#isEnded && !this.#isSlow
  }

  write(frames: Frames): void {
    if (frames.every(frame => frame.length === 0)) {
      void this.close(-1)
      return
    }
    const wait = this.#stream.write(frames)
    if (wait === undefined) return
    this.#isSlow = true
    void wait.then(() => {
      this.#isSlow = false
      if (!this.#isEnded) this.#pipe?.drained()
    })
  }

  subscribe(): void {}
  joinGroup(): void {}

  async close(lingerMs: number): Promise<void> {
    this.#end(new Error('closed'))
    if (lingerMs === 0) return this.#stream.abort()
    await this.#stream.close()
  }

  abort(): void {
    this.#end(new Error('closed'))
    this.#stream.abort()
  }

  #end(error: Error): void {
    if (this.#isEnded) return
    this.#isEnded = true
    if (this.#notifies) this.#pipe?.received([nothing])
    this.#onEnd({ at: 'broken', error, hadPeer: true })
  }
}
