// The serving side: listens and carries out calls. Calls of one connection run side by side and are answered as they end, as
// many at a time as the limit says; then nothing more is read.

import { type Deferred, deferred } from '../../flow/index.ts'
import {
  formatAddress,
  type ListenAtOptions,
  listen,
  parseAddress,
  type Stream,
} from '../../transport/index.ts'
import type { AuthStatus } from './auth.ts'
import { DatagramService, openDatagrams } from './datagram-server.ts'
import { type Caller, Dispatcher } from './dispatcher.ts'
import { inTime } from './in-time.ts'
import { joining } from './joining.ts'
import { oncLimits } from './limits.ts'
import { RecordSplitter } from './record.ts'
import { ReplyCache, type ReplyCacheLimits, type Senders } from './reply-cache.ts'
import { type OncCall, type OncService, Services } from './service.ts'

export interface OncServeOptions extends ListenAtOptions {
  /** Bytes of one call. */
  readonly recordBytesMax?: number
  /** Calls that run at a time: of one connection, or of all of UDP. */
  readonly runningMax?: number
  /** Ms that `close` waits for calls that run and for peers to end; then it cuts. */
  readonly closeMs?: number
  /**
   * Whether answers are kept and given again to a call that comes again, so that it runs at most once. Default: over UDP,
   * where callers send again; not over streams. Over streams for callers that connect anew and send again with the old xid.
   */
  readonly replyCache?: boolean | Partial<ReplyCacheLimits>
  /** Why a call is refused, or undefined. By default AUTH_NONE and AUTH_SYS are taken, other flavors rejected. */
  readonly refuse?: (call: OncCall) => AuthStatus | undefined
  /** A handler threw (its caller gets SYSTEM_ERR), or a connection broke; `title` says which. */
  readonly onFault?: (title: string, error: unknown) => void
}

/** A server that listens. */
export interface OncServer extends AsyncDisposable {
  /** Where it listens, with the real port. */
  readonly address: string
  /** Takes no more calls, answers those that run, and ends the connections. Idempotent. */
  close(): Promise<void>
}

/**
 * Serves programs at an address: `tcp://127.0.0.1:*`, any other of a stream, or `udp://127.0.0.1:*`. Errors: as transport's
 * `listen`; TypeError when a version of a program is given twice.
 */
export async function serveOnc(
  address: string,
  services: readonly OncService[],
  options: OncServeOptions = {},
): Promise<OncServer> {
  const found = new Services(services)
  const { scheme } = parseAddress(address)
  return scheme === 'udp' ? serveDatagrams(address, found, options) : serveStreams(address, found, options)
}

async function serveDatagrams(
  address: string,
  services: Services,
  options: OncServeOptions,
): Promise<OncServer> {
  const socket = await openDatagrams(address)
  const dispatcher = dispatcherOf(services, options, cacheOf(options, 'by-port'))
  const service = new DatagramService(socket, dispatcher, options.runningMax)
  void service.run()
  const { host, port } = socket.local
  return serverAt(formatAddress({ scheme: 'udp', host, port }), () =>
    inTime(service.close(), options).then(() => service.abort()),
  )
}

async function serveStreams(
  address: string,
  services: Services,
  options: OncServeOptions,
): Promise<OncServer> {
  const connections = new Set<Connection>()
  const dispatcher = dispatcherOf(services, options, cacheOf(options, 'by-address'))
  const { connectionsMax = oncLimits.connectionsMax } = options
  const endpoint = await listen(address, { ...options, connectionsMax }, stream => {
    const connection = new Connection(stream, dispatcher, options)
    connections.add(connection)
    void connection.run().finally(() => connections.delete(connection))
  })
  return serverAt(formatAddress(endpoint.address), async () => {
    await endpoint.close()
    await Promise.all([...connections].map(one => one.close()))
  })
}

function dispatcherOf(
  services: Services,
  { refuse, onFault }: OncServeOptions,
  cache: ReplyCache | undefined,
): Dispatcher {
  return new Dispatcher({ services, refuse, onFault, cache })
}

function cacheOf({ replyCache }: OncServeOptions, senders: Senders): ReplyCache | undefined {
  const wanted = replyCache ?? senders === 'by-port'
  if (wanted === false) return undefined
  const limits = wanted === true ? {} : wanted
  const { entriesMax = oncLimits.repliesMax, bytesMax = oncLimits.repliesBytesMax } = limits
  return new ReplyCache({ entriesMax, bytesMax }, senders)
}

function serverAt(address: string, close: () => Promise<void>): OncServer {
  let closing: Promise<void> | undefined
  const once = (): Promise<void> => {
    closing ??= close()
    return closing
  }
  return { address, close: once, [Symbol.asyncDispose]: once }
}

class Connection {
  readonly #stream: Stream
  readonly #dispatcher: Dispatcher
  readonly #options: OncServeOptions
  readonly #gone = new AbortController()
  readonly #caller: Caller
  readonly #running = new Set<Promise<void>>()
  #room: Promise<void> | undefined
  /** Resolves when one of too many calls has ended. */
  #slot: Deferred<void> | undefined
  #closing = false
  #isOver = false

  constructor(stream: Stream, dispatcher: Dispatcher, options: OncServeOptions) {
    this.#stream = joining(stream)
    this.#dispatcher = dispatcher
    this.#options = options
    this.#caller = {
      peer: stream.peer,
      signal: this.#gone.signal,
      answerBytesMax: Number.POSITIVE_INFINITY,
      reply: answer => this.#write(answer),
    }
  }

  /** Serves until the connection ends. */
  async run(): Promise<void> {
    const { recordBytesMax, runningMax = oncLimits.runningMax } = this.#options
    const records: Buffer[] = []
    const splitter = new RecordSplitter(record => records.push(record), recordBytesMax)
    try {
      for await (const chunk of this.#stream.bytes) {
        splitter.push(chunk)
        for (const record of records) {
          if (this.#running.size >= runningMax) await this.#oneEnds()
          if (this.#room !== undefined) await this.#room
          if (!this.#closing) this.#begin(record)
        }
        records.length = 0
      }
      this.#gone.abort()
      await Promise.all(this.#running) // who has ended only his side still reads
      await this.#stream.close()
    } catch (error) {
      this.#stream.abort()
      if (!this.#closing) this.#dispatcher.fault(`connection of ${this.#stream.peer.address}`, error)
    } finally {
      this.#isOver = true
      this.#gone.abort()
    }
  }

  async close(): Promise<void> {
    this.#closing = true
    await inTime(
      Promise.all(this.#running).then(() => this.#stream.close()),
      this.#options,
    )
    this.#stream.abort()
  }

  #begin(record: Buffer): void {
    const running = this.#dispatcher.carryOut(record, this.#caller)
    if (running === undefined) return
    this.#running.add(running)
    void running.then(() => {
      this.#running.delete(running)
      this.#slot?.resolve()
      this.#slot = undefined
    })
  }

  #oneEnds(): Promise<void> {
    this.#slot ??= deferred()
    return this.#slot.promise
  }

  #write(answer: readonly Buffer[]): void {
    if (this.#isOver) return
    const room = this.#stream.write(answer)
    if (room === undefined || this.#room !== undefined) return
    this.#room = room.then(
      () => {
        this.#room = undefined
      },
      () => undefined, // the reading side hears of it, too
    )
  }
}
