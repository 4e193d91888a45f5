// A MessagePort, or a worker, as a stream: bytes between the threads of one process. A port has no word for "wait", so each
// side says how many bytes it has used, and who has too many on the way waits. What is posted:
//
//   Uint8Array  bytes (the port copies them)      number  so many bytes more have been used
//   'end'       the end of this direction         'cut'   both directions are over, what was on the way is lost

import type { MessagePort, Worker } from 'node:worker_threads'
import { type Deferred, deferred } from '../flow/index.ts'
import { SocketError } from './errors.ts'
import { Pipe } from './pipe.ts'
import type { DuplexStream, FlowingStream, FlowSink, Peer } from './stream.ts'

/** What bytes can be passed through: an end of a MessageChannel, `parentPort`, or a Worker. */
export type Port = MessagePort | Worker

/** Bounds of one direction of a port. */
export const portLimits = {
  /** Bytes on their way to the other thread, unused, before a write asks the writer to wait. */
  windowBytes: 1024 * 1024,
  /** Bytes that may have been used before the other side is told. */
  reportBytes: 64 * 1024,
} as const

/**
 * The bytes of a port; the other side must make a stream of its end, too. Messages of others on the port end it. A worker is
 * not ended with its stream: that is for who started it.
 */
export function portStream(port: Port): DuplexStream & FlowingStream {
  return new PortStream(port)
}

class PortStream implements DuplexStream, FlowingStream {
  readonly peer: Peer = { address: 'thread', port: 0, encrypted: false }
  readonly bytes: AsyncIterable<Buffer>
  readonly #port: Port
  readonly #in = new Pipe(Number.POSITIVE_INFINITY)
  #sink: FlowSink | undefined
  /** What arrived after the sink had said that it wants no more. */
  #held: Buffer[] | undefined
  #onTheWay = 0
  #unreported = 0
  #room: Deferred<void> | undefined
  #isRead = true
  #hasEnded = false
  #isOver = false

  constructor(port: Port) {
    this.#port = port
    this.bytes = { [Symbol.asyncIterator]: () => this.#read() }
    port.on('message', message => this.#arrived(message))
    port.on('close', () => this.#over())
    port.on('exit', () => this.#over())
    port.on('error', error => this.#over(error instanceof Error ? error : new Error(String(error))))
    void this.#in.finished.then(() => this.end())
  }

  write(chunks: readonly Buffer[]): Promise<void> | undefined {
    if (this.#hasEnded) return undefined
    for (const chunk of chunks) {
      if (chunk.length === 0) continue
      this.#onTheWay += chunk.length
      this.#port.postMessage(chunk)
    }
    if (this.#onTheWay <= portLimits.windowBytes) return undefined
    this.#room ??= deferred()
    return this.#room.promise
  }

  writeNow(chunks: readonly Buffer[]): Promise<void> | undefined {
    return this.write(chunks)
  }

  flow(sink: FlowSink): { resume(): void } {
    this.#sink = sink
    return {
      resume: () => {
        const held = this.#held ?? []
        this.#held = undefined
        for (const chunk of held) this.#give(sink, chunk)
        if (this.#isOver && this.#held === undefined) sink.ended()
      },
    }
  }

  end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#port.postMessage('end')
  }

  async close(): Promise<void> {
    this.end()
    this.#isRead = false
    this.#in.discard()
    await this.#in.finished
    this.#release()
  }

  abort(reason: Error = new SocketError('ECONNABORTED', 'the stream was aborted')): void {
    if (!this.#isOver) this.#port.postMessage('cut')
    this.#over(reason)
  }

  async *#read(): AsyncGenerator<Buffer, undefined> {
    for (const chunks = this.#in.read(); ; ) {
      const { value } = await chunks.next()
      if (value === undefined) return
      this.#used(value.length)
      yield value
    }
  }

  #arrived(message: unknown): void {
    if (typeof message === 'number') this.#reported(message)
    else if (message === 'end') this.#ended()
    else if (message === 'cut') this.#over(new SocketError('ECONNRESET', 'the other thread cut the stream'))
    else if (message instanceof Uint8Array)
      this.#chunk(Buffer.from(message.buffer, message.byteOffset, message.byteLength))
    else this.abort(new SocketError('EINVAL', 'the port has other messages than those of a stream'))
  }

  #chunk(chunk: Buffer): void {
    if (this.#sink !== undefined) this.#give(this.#sink, chunk)
    else if (this.#isRead) void this.#in.write([chunk])
    else this.#used(chunk.length)
  }

  #give(sink: FlowSink, chunk: Buffer): void {
    if (this.#held !== undefined) {
      this.#held.push(chunk)
      return
    }
    this.#used(chunk.length)
    if (sink.chunk(chunk)) this.#held = []
  }

  #used(bytes: number): void {
    this.#unreported += bytes
    if (this.#unreported < portLimits.reportBytes) return
    this.#port.postMessage(this.#unreported)
    this.#unreported = 0
  }

  #reported(bytes: number): void {
    this.#onTheWay -= bytes
    if (this.#onTheWay <= portLimits.windowBytes) this.#freeWriter()
  }

  #freeWriter(): void {
    this.#room?.resolve()
    this.#room = undefined
  }

  #ended(): void {
    this.#in.end()
    this.#isOver = true
    if (this.#held === undefined) this.#sink?.ended()
    if (this.#hasEnded) this.#release()
  }

  #over(reason?: Error): void {
    this.#hasEnded = true
    this.#freeWriter()
    if (this.#isOver) return
    this.#isOver = true
    if (reason === undefined) this.#in.end()
    else this.#in.fail(reason)
    if (this.#held === undefined || reason !== undefined) this.#sink?.ended(reason)
    this.#release()
  }

  /** A port is closed, which lets its thread end; a worker belongs to who started it. */
  #release(): void {
    if ('close' in this.#port) this.#port.close()
  }
}
