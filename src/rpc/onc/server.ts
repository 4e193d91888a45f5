// The serving side: listens on a stream address and carries out the calls of every connection. Calls of one connection run
// side by side and are answered as they end, as many at a time as the limit says; then nothing more is read.

import { Reader, WireError } from '../../bytes/index.ts'
import { type Deferred, deferred } from '../../flow/index.ts'
import {
  type Endpoint,
  formatAddress,
  type ListenAtOptions,
  listen,
  type Stream,
} from '../../transport/index.ts'
import { systemWorld } from '../../world/index.ts'
import { type AuthStatus, authStatuses, credentialOf } from './auth.ts'
import { oncLimits } from './limits.ts'
import { type CallHead, type Outcome, RPC_VERSION, readCall, writeReply } from './message.ts'
import { marked, RecordSplitter } from './record.ts'
import { type Bound, type OncCall, type OncService, Services } from './service.ts'

export interface OncServeOptions extends ListenAtOptions {
  /** Bytes of one call. */
  readonly recordBytesMax?: number
  /** Calls of one connection that run at a time. */
  readonly runningMax?: number
  /** Ms that `close` waits for calls that run and for peers to end; then it cuts. */
  readonly closeMs?: number
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

/** Serves programs at an address: `tcp://127.0.0.1:*`, or any other of a stream. Errors: as transport's `listen`. */
export async function serveOnc(
  address: string,
  services: readonly OncService[],
  options: OncServeOptions = {},
): Promise<OncServer> {
  const found = new Services(services)
  const connections = new Set<Connection>()
  const { connectionsMax = oncLimits.connectionsMax } = options
  const endpoint = await listen(address, { ...options, connectionsMax }, stream => {
    const connection = new Connection(stream, found, options)
    connections.add(connection)
    void connection.run().finally(() => connections.delete(connection))
  })
  return new Server(endpoint, connections)
}

class Server implements OncServer {
  readonly address: string
  readonly #endpoint: Endpoint
  readonly #connections: ReadonlySet<Connection>

  constructor(endpoint: Endpoint, connections: ReadonlySet<Connection>) {
    this.address = formatAddress(endpoint.address)
    this.#endpoint = endpoint
    this.#connections = connections
  }

  async close(): Promise<void> {
    await this.#endpoint.close()
    await Promise.all([...this.#connections].map(one => one.close()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

class Connection {
  readonly #stream: Stream
  readonly #services: Services
  readonly #options: OncServeOptions
  readonly #gone = new AbortController()
  readonly #running = new Set<Promise<void>>()
  #room: Promise<void> | undefined
  /** Resolves when one of too many calls has ended. */
  #slot: Deferred<void> | undefined
  #closing = false

  constructor(stream: Stream, services: Services, options: OncServeOptions) {
    this.#stream = stream
    this.#services = services
    this.#options = options
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
      await Promise.all(this.#running) // who has ended his side still reads
      await this.#stream.close()
    } catch (error) {
      this.#stream.abort()
      if (!this.#closing) this.#fault(`connection of ${this.#stream.peer.address}`, error)
    } finally {
      this.#gone.abort()
    }
  }

  async close(): Promise<void> {
    this.#closing = true
    const { world = systemWorld, closeMs = oncLimits.closeMs } = this.#options
    const late = deferred()
    const timer = world.after(closeMs, late.resolve)
    const orderly = Promise.all(this.#running).then(() => this.#stream.close())
    await Promise.race([orderly, late.promise])
    timer.cancel()
    this.#stream.abort()
  }

  #oneEnds(): Promise<void> {
    this.#slot ??= deferred()
    return this.#slot.promise
  }

  /** Errors: OncError and WireError when the head is broken. */
  #begin(record: Buffer): void {
    const from = new Reader(record)
    const head = readCall(from)
    if ('rpcVersion' in head) {
      this.#answer(head.xid, { kind: 'rpc-mismatch', low: RPC_VERSION, high: RPC_VERSION })
      return
    }
    const call = this.#callOf(head)
    const refused = call === undefined ? 'badCredential' : this.#refusal(call)
    if (call === undefined || refused !== undefined) {
      this.#answer(head.xid, { kind: 'auth-error', status: authStatuses[refused ?? 'badCredential'] })
      return
    }
    const found = this.#services.find(head)
    if ('kind' in found) this.#answer(head.xid, found)
    else this.#carryOut(head.xid, found, from, call)
  }

  #callOf({ program, version, procedure, credential: shown }: CallHead): OncCall | undefined {
    const credential = credentialOf(shown)
    if (credential === undefined) return undefined
    return {
      peer: this.#stream.peer,
      credential,
      program,
      version,
      procedure,
      signal: this.#gone.signal,
    }
  }

  #refusal(call: OncCall): AuthStatus | undefined {
    const { refuse } = this.#options
    if (refuse !== undefined) return refuse(call)
    return call.credential.kind === 'other' ? 'rejectedCredential' : undefined
  }

  #carryOut(xid: number, { title, procedure, handler }: Bound, from: Reader, call: OncCall): void {
    let argument: unknown
    try {
      argument = procedure.argument.read(from)
      if (from.remaining > 0) throw new WireError('WIRE_TRAILING_BYTES', from.at, 'bytes follow the argument')
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      this.#answer(xid, { kind: 'garbage-arguments' })
      return
    }
    const running = this.#run(xid, { title, procedure, handler }, argument, call)
    this.#running.add(running)
    void running.then(() => {
      this.#running.delete(running)
      this.#slot?.resolve()
      this.#slot = undefined
    })
  }

  async #run(xid: number, bound: Bound, argument: unknown, call: OncCall): Promise<void> {
    const { title, procedure, handler } = bound
    let reply: readonly Buffer[]
    try {
      const result = await handler(argument, call)
      reply = marked(to => {
        writeReply(to, { xid, outcome: { kind: 'success' } })
        procedure.result.write(to, result)
      })
    } catch (error) {
      this.#fault(title, error)
      this.#answer(xid, { kind: 'system-error' })
      return
    }
    this.#write(reply)
  }

  #answer(xid: number, outcome: Outcome): void {
    this.#write(marked(to => writeReply(to, { xid, outcome })))
  }

  #write(reply: readonly Buffer[]): void {
    if (this.#gone.signal.aborted) return
    const room = this.#stream.write(reply)
    if (room === undefined || this.#room !== undefined) return
    this.#room = room.then(
      () => {
        this.#room = undefined
      },
      () => undefined, // the reading side hears of it, too
    )
  }

  #fault(title: string, error: unknown): void {
    this.#options.onFault?.(title, error)
  }
}
