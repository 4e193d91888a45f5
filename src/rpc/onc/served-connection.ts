// One connection of a server. Its calls run side by side and are answered as they end, as many at a time as the limit says; then
// nothing more is read. A client may go over to TLS (RFC 9289): then the connection goes on as another stream.

import { type Stream, startTlsServer } from '../../transport/index.ts'
import type { World } from '../../world/index.ts'
import type { Caller, Dispatcher } from './dispatcher.ts'
import { OncError } from './errors.ts'
import { inTime } from './in-time.ts'
import { oncLimits } from './limits.ts'
import { RecordOutbox } from './outbox.ts'
import { RecordSplitter } from './record.ts'
import { Running } from './running.ts'
import { type OncTlsServerOptions, serverTlsTerms } from './tls.ts'

/** What of a server's options is for a connection. */
export interface ServedOptions {
  readonly recordBytesMax?: number
  readonly runningMax?: number
  readonly closeMs?: number
  readonly startTls?: OncTlsServerOptions
  readonly world?: World
}

export class ServedConnection {
  #stream: Stream
  #outbox: RecordOutbox
  readonly #dispatcher: Dispatcher
  readonly #options: ServedOptions
  readonly #gone = new AbortController()
  #caller: Caller
  readonly #running = new Running()
  #room: Promise<void> | undefined
  #tls: 'none' | 'offered' | 'accepted'
  #closing = false
  #isOver = false

  constructor(stream: Stream, dispatcher: Dispatcher, options: ServedOptions) {
    this.#stream = stream
    this.#outbox = new RecordOutbox(stream)
    this.#dispatcher = dispatcher
    this.#options = options
    this.#tls = options.startTls === undefined ? 'none' : 'offered'
    this.#caller = this.#callerOn(stream)
  }

  /** Serves until the connection ends. */
  async run(): Promise<void> {
    try {
      await this.#read()
      const { startTls } = this.#options
      if (this.#tls === 'accepted' && startTls !== undefined) {
        this.#outbox.flush() // the answer that offers TLS is the last in clear text
        this.#stream = await startTlsServer(this.#stream, startTls, serverTlsTerms)
        this.#outbox = new RecordOutbox(this.#stream)
        this.#caller = this.#callerOn(this.#stream)
        await this.#read()
      }
      this.#gone.abort()
      await this.#running.allEnd() // who has ended only his side still reads
      this.#outbox.flush()
      await this.#stream.close()
    } catch (error) {
      this.#cut()
      if (!this.#closing) this.#dispatcher.fault(`connection of ${this.#stream.peer.address}`, error)
    } finally {
      this.#isOver = true
      this.#gone.abort()
    }
  }

  async close(): Promise<void> {
    this.#closing = true
    await inTime(
      this.#running.allEnd().then(() => {
        this.#outbox.flush()
        return this.#stream.close()
      }),
      this.#options,
    )
    this.#cut()
  }

  #callerOn(stream: Stream): Caller {
    const startTls = (): void => {
      this.#tls = 'accepted'
    }
    return {
      peer: stream.peer,
      signal: this.#gone.signal,
      answerBytesMax: Number.POSITIVE_INFINITY,
      reply: write => {
        if (!this.#isOver) this.#noteRoom(this.#outbox.add(write))
      },
      replyMade: answer => {
        if (!this.#isOver) this.#noteRoom(this.#outbox.addMade(answer))
      },
      ...(this.#tls !== 'none' && { startTls }),
    }
  }

  /** Reads until the peer ends, or is about to begin TLS. */
  async #read(): Promise<void> {
    const { recordBytesMax, runningMax = oncLimits.runningMax } = this.#options
    const { encrypted } = this.#stream.peer
    const records: Buffer[] = []
    const splitter = new RecordSplitter(record => records.push(record), recordBytesMax)
    for await (const chunk of this.#stream.bytes) {
      splitter.push(chunk)
      for (const record of records) {
        if (this.#running.count >= runningMax) await this.#running.oneEnds()
        if (this.#room !== undefined) await this.#room
        if (this.#tls === 'accepted' && !encrypted) break
        if (!this.#closing) this.#begin(record)
      }
      if (this.#tls !== 'accepted' || encrypted) {
        records.length = 0
        continue
      }
      // RFC 9289, section 4.1: what is sent in clear text behind the probe must not be taken for part of what TLS secures.
      if (records.length > 1 || splitter.isAmid || this.#running.count > 0)
        throw new OncError(
          'RPC_MESSAGE_INVALID',
          'other calls in clear text beside the one that asked for TLS',
        )
      return
    }
  }

  #begin(record: Buffer): void {
    const running = this.#dispatcher.carryOut(record, this.#caller)
    if (running !== undefined) this.#running.add(running)
  }

  #cut(): void {
    this.#outbox.stop()
    this.#stream.abort()
  }

  /** Nothing more is read while the peer reads slowly. */
  #noteRoom(room: Promise<void> | undefined): void {
    if (room === undefined || this.#room !== undefined) return
    this.#room = room.then(
      () => {
        this.#room = undefined
      },
      () => undefined, // the reading side hears of it, too
    )
  }
}
