// A socket of node:net or node:tls as a Stream: TCP, TLS and Unix-domain sockets are this class.

import type { Socket } from 'node:net'
import { afterTurn, deferred } from '../flow/index.ts'
import { SocketReader } from './socket-reader.ts'
import type { FlowingStream, FlowSink, Peer, SystemStream } from './stream.ts'

export class SocketStream implements SystemStream, FlowingStream {
  readonly peer: Peer
  readonly local: { readonly host: string; readonly port: number }
  readonly #socket: Socket
  readonly #reader: SocketReader
  #isHandedOver = false
  #corked = false
  #drained: Promise<void> | undefined
  #closed: Promise<void> | undefined

  constructor(socket: Socket, peer: Peer) {
    this.#socket = socket
    this.peer = peer
    this.local = { host: socket.localAddress ?? '', port: socket.localPort ?? 0 }
    this.#reader = new SocketReader(socket)
    socket.on('error', () => {}) // reading and writing report it; without a listener it would end the process
  }

  get bytes(): AsyncIterable<Buffer> {
    return this.#reader.bytes
  }
  get isWritable(): boolean {
    return this.#socket.writable
  }
  get failure(): Error | undefined {
    return this.#socket.errored ?? undefined
  }

  setNoDelay(on: boolean): void {
    this.#socket.setNoDelay(on)
  }

  setKeepAlive(on: boolean, initialDelayMs: number): void {
    this.#socket.setKeepAlive(on, initialDelayMs)
  }

  write(chunks: readonly Buffer[]): Promise<void> | undefined {
    const socket = this.#socket
    if (socket.destroyed || socket.writableEnded || this.#isHandedOver) return undefined
    this.#cork()
    let room = true
    for (const chunk of chunks) room = socket.write(chunk)
    if (room) return undefined
    this.#drained ??= this.#drain()
    return this.#drained
  }

  writeNow(chunks: readonly Buffer[]): Promise<void> | undefined {
    const socket = this.#socket
    if (socket.destroyed || socket.writableEnded) return undefined
    if (chunks.length === 1) socket.write(chunks[0] as Buffer)
    else {
      socket.cork()
      for (const chunk of chunks) socket.write(chunk)
      socket.uncork()
    }
    // What the system takes at once is counted out by now, so nothing has to be waited for.
    if (socket.writableLength === 0) return undefined
    this.#drained ??= this.#drain()
    return this.#drained
  }

  flow(sink: FlowSink): { resume(): void } {
    return this.#reader.flow(sink)
  }

  end(): void {
    if (!this.#socket.destroyed) this.#socket.end()
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  #close(): Promise<void> {
    const socket = this.#socket
    if (socket.closed) return Promise.resolve()
    const done = deferred()
    socket.once('close', () => done.resolve())
    socket.end()
    // The peer's end is behind what it still sends: that is read and thrown away, also when a reader is there that has
    // stopped reading. Such a reader then sees the end.
    this.#reader.discard()
    return done.promise
  }

  abort(reason?: Error): void {
    // Written in this turn: what the system takes at once goes out.
    if (this.#corked && reason === undefined) this.#socket.uncork()
    this.#socket.destroy(reason)
  }

  /**
   * Gives the socket to somebody else, when all that was written is sent; nobody may be reading. What is written to this stream
   * afterwards is lost.
   */
  async handOver(): Promise<Socket> {
    this.#isHandedOver = true
    const sent = deferred<void>()
    this.#socket.write('', () => sent.resolve())
    this.#reader.release()
    await sent.promise
    return this.#socket
  }

  /** One write to the system for all that this turn of the event loop has to say. */
  #cork(): void {
    if (this.#corked) return
    this.#corked = true
    this.#socket.cork()
    afterTurn(() => {
      this.#corked = false
      this.#socket.uncork()
    })
  }

  #drain(): Promise<void> {
    const done = deferred()
    const finish = (): void => {
      this.#drained = undefined
      this.#socket.removeListener('drain', finish)
      this.#socket.removeListener('close', finish)
      done.resolve()
    }
    this.#socket.once('close', finish)
    // Less than the high-water mark may wait: there is no 'drain' then, but the callback of a write behind it.
    if (this.#socket.writableNeedDrain) this.#socket.once('drain', finish)
    else this.#socket.write(nothing, finish)
    return done.promise
  }
}

const nothing = Buffer.alloc(0)
