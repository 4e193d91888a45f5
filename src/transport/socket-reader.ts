// The reading side of a socket: what arrives is handed to a sink as it comes. To begin with the sink is a loop that asks for
// chunk after chunk (chunk-loop.ts); `flow` puts another in its place.

import type { Socket } from 'node:net'
import { ChunkLoop } from './chunk-loop.ts'
import { readDirectly, readOrdinarily } from './direct-read.ts'
import { SocketError } from './errors.ts'
import type { FlowSink } from './stream.ts'

export class SocketReader {
  readonly bytes: AsyncIterable<Buffer>
  readonly #socket: Socket
  readonly #loop = new ChunkLoop(() => this.#resume())
  #sink: FlowSink = this.#loop
  #isReading = false
  #isDiscarding = false
  #reason: Error | undefined
  #over: { readonly reason: Error | undefined } | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    this.bytes = {
      [Symbol.asyncIterator]: () => {
        this.#begin()
        return this.#loop
      },
    }
  }

  /** As `FlowingStream.flow`. What the loop held goes to the sink first. */
  flow(sink: FlowSink): { resume(): void } {
    this.#sink = sink
    this.#begin()
    const held = this.#loop.held()
    if (held !== undefined || this.#over !== undefined)
      process.nextTick(() => {
        if (held !== undefined && !this.#give(held)) this.#resume()
        if (this.#over !== undefined) sink.ended(this.#over.reason)
      })
    return { resume: () => this.#resume() }
  }

  /** What still arrives is thrown away, so that the end can come behind it. */
  discard(): void {
    this.#isDiscarding = true
    this.#begin()
    this.#loop.held()
    this.#resume()
  }

  /** Reads no more, and puts back what was not taken: the socket is somebody else's from here on. */
  release(): void {
    const socket = this.#socket
    if (!this.#isReading) return
    socket.pause()
    readOrdinarily(socket)
    socket.removeListener('data', this.#data)
    for (const event of ['end', 'close'] as const) socket.removeListener(event, this.#ended)
    const held = this.#loop.held()
    if (held !== undefined) socket.unshift(held)
  }

  #begin(): void {
    if (this.#isReading) return
    this.#isReading = true
    const socket = this.#socket
    socket.once('error', error => {
      this.#reason = error
    })
    socket.once('end', this.#ended)
    socket.once('close', this.#ended)
    if (socket.closed) process.nextTick(this.#ended)
    else if (readDirectly(socket, chunk => this.#lend(chunk))) process.nextTick(() => this.#early())
    else socket.on('data', this.#data)
  }

  /** What the socket has read before anybody asked, then all the rest. */
  #early(): void {
    const socket = this.#socket
    const chunk: Buffer | null = socket.read()
    if (chunk !== null && this.#give(chunk)) socket.pause()
    else socket.resume()
  }

  #lend(chunk: Buffer): boolean {
    return this.#give(this.#sink.borrows === true || this.#isDiscarding ? chunk : Buffer.from(chunk))
  }

  /** True: no more before `#resume`. */
  #give(chunk: Buffer): boolean {
    return !this.#isDiscarding && this.#sink.chunk(chunk)
  }

  #resume(): void {
    this.#socket.resume()
  }

  readonly #data = (chunk: Buffer): void => {
    if (this.#give(chunk)) this.#socket.pause()
  }

  readonly #ended = (): void => {
    if (this.#over !== undefined) return
    const { readableEnded, errored } = this.#socket
    const reason = this.#reason ?? errored
    const aborted = (): Error => new SocketError('ECONNABORTED', 'the stream was aborted')
    this.#over = { reason: readableEnded ? undefined : (reason ?? aborted()) }
    this.#sink.ended(this.#over.reason)
  }
}
