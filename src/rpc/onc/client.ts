// The calling side: one connection, on which any number of calls wait for their answers at a time, of one program or of
// several. Calls of one turn of the event loop leave together.
//
// A connection that ends takes its calls with it: nobody knows whether they ran, so nothing is sent again by itself.

import { Reader, WireError } from '../../bytes/index.ts'
import { deferred } from '../../flow/index.ts'
import { connect, type DialOptions, type Stream } from '../../transport/index.ts'
import { systemWorld, type Timer, type World } from '../../world/index.ts'
import type { CallOptions, ClientOf, Procedure, Program } from '../program.ts'
import { authStatusName, noAuth, type OpaqueAuth } from './auth.ts'
import { OncError } from './errors.ts'
import { oncLimits } from './limits.ts'
import { type Outcome, readReply, writeCall } from './message.ts'
import { marked, RecordSplitter } from './record.ts'

/** What connecting can be told, beside what the transport can. */
export interface OncConnectOptions extends DialOptions {
  /** Who calls. Default AUTH_NONE. */
  readonly credential?: OpaqueAuth
  /** Ms that a call waits for its answer, unless it says otherwise. Default 30,000; Infinity for ever. */
  readonly timeoutMs?: number
  /** Bytes of one reply. */
  readonly recordBytesMax?: number
}

interface Waiting {
  readonly title: string
  readonly procedure: Procedure
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
}

/**
 * Connects to a server: `tcp://host:port`, or any other address of a stream. The port is the program's own; a portmapper is
 * not asked. Errors: AddressError, those of the transport, the signal's reason.
 */
export async function connectOnc(address: string, options: OncConnectOptions = {}): Promise<OncConnection> {
  return new OncConnection(await connect(address, options), address, options)
}

export class OncConnection implements AsyncDisposable {
  readonly #stream: Stream
  readonly #address: string
  readonly #options: OncConnectOptions
  readonly #world: World
  readonly #waiting = new Map<number, Waiting>()
  #xid: number
  #room: Promise<void> | undefined
  #ended: OncError | undefined

  /** `connectOnc` makes it. */
  constructor(stream: Stream, address: string, options: OncConnectOptions) {
    this.#stream = stream
    this.#address = address
    this.#options = options
    this.#world = options.world ?? systemWorld
    this.#xid = this.#world.randomBytes(4).readUInt32BE()
    void this.#read()
  }

  /** A function for each procedure of the program. */
  client<G extends Program>(program: G): ClientOf<G> {
    const calls = Object.entries(program.procedures).map(([name, procedure]) => {
      const title = `${program.name}.${name} at ${this.#address}`
      const call = (...given: readonly unknown[]): Promise<unknown> => {
        const [argument, options] = takesNothing(procedure) ? [undefined, given[0]] : given
        return this.#call(program, title, procedure, argument, (options ?? {}) as CallOptions)
      }
      return [name, call] as const
    })
    return Object.fromEntries(calls) as ClientOf<G>
  }

  /** Ends the connection; calls that wait fail with RPC_CLOSED. Idempotent. */
  async close(): Promise<void> {
    this.#end(new OncError('RPC_CLOSED', this.#address))
    await this.#stream.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #call(
    { program, version }: Program,
    title: string,
    procedure: Procedure,
    argument: unknown,
    { signal, timeoutMs = this.#options.timeoutMs ?? oncLimits.timeoutMs }: CallOptions,
  ): Promise<unknown> {
    signal?.throwIfAborted()
    if (this.#room !== undefined) await this.#room
    if (this.#ended !== undefined) throw this.#ended
    if (this.#waiting.size >= oncLimits.waitingMax)
      throw new OncError('RPC_TOO_MANY_CALLS', `${title}, ${oncLimits.waitingMax} wait already`)
    const xid = this.#nextXid()
    const { credential = noAuth } = this.#options
    const record = marked(to => {
      writeCall(to, { xid, program, version, procedure: procedure.number, credential })
      procedure.argument.write(to, argument)
    })
    const { promise, resolve, reject } = deferred<unknown>()
    this.#waiting.set(xid, { title, procedure, resolve, reject })
    const giveUp = (reason: unknown): void => {
      if (this.#waiting.delete(xid)) reject(reason)
    }
    const aborted = (): void => giveUp(signal?.reason)
    signal?.addEventListener('abort', aborted, { once: true })
    const timer = this.#timeout(timeoutMs, () =>
      giveUp(new OncError('RPC_TIMEOUT', `${title}, after ${timeoutMs} ms`)),
    )
    this.#write(record)
    try {
      return await promise
    } finally {
      timer?.cancel()
      signal?.removeEventListener('abort', aborted)
    }
  }

  #timeout(ms: number, run: () => void): Timer | undefined {
    return ms === Number.POSITIVE_INFINITY ? undefined : this.#world.after(ms, run)
  }

  #nextXid(): number {
    do this.#xid = (this.#xid + 1) >>> 0
    while (this.#waiting.has(this.#xid))
    return this.#xid
  }

  #write(record: readonly Buffer[]): void {
    const room = this.#stream.write(record)
    if (room === undefined || this.#room !== undefined) return
    this.#room = room.then(
      () => {
        this.#room = undefined
      },
      () => undefined, // the reading side hears of it, too, and ends the calls
    )
  }

  async #read(): Promise<void> {
    const { recordBytesMax } = this.#options
    const splitter = new RecordSplitter(record => this.#answered(record), recordBytesMax)
    try {
      for await (const chunk of this.#stream.bytes) splitter.push(chunk)
      this.#end(new OncError('RPC_CONNECTION_LOST', `${this.#address} ended it`))
      await this.#stream.close()
    } catch (error) {
      const reason = broken(error, this.#address)
      this.#end(reason)
      this.#stream.abort(reason)
    }
  }

  /** Errors: OncError and WireError when the head cannot be read: then nothing that follows can be trusted. */
  #answered(record: Buffer): void {
    const from = new Reader(record)
    const { xid, outcome } = readReply(from)
    const call = this.#waiting.get(xid)
    if (call === undefined) return // given up before
    this.#waiting.delete(xid)
    const { title, procedure, resolve, reject } = call
    if (outcome.kind !== 'success') {
      reject(errorOf(outcome, title))
      return
    }
    try {
      const result = procedure.result.read(from)
      if (from.remaining > 0)
        throw new WireError('WIRE_TRAILING_BYTES', from.at, `${from.remaining} bytes follow the result`)
      resolve(result)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      reject(
        new OncError('RPC_MESSAGE_INVALID', `the result of ${title}: ${error.message}`, { cause: error }),
      )
    }
  }

  #end(reason: OncError): void {
    if (this.#ended !== undefined) return
    this.#ended = reason
    for (const { title, reject } of this.#waiting.values())
      reject(new OncError(reason.code, title, { cause: reason }))
    this.#waiting.clear()
  }
}

function takesNothing({ argument }: Procedure): boolean {
  return argument.kind.name === 'void'
}

function broken(error: unknown, address: string): OncError {
  if (error instanceof OncError) return error
  const detail = error instanceof Error ? error.message : String(error)
  const code = error instanceof WireError ? 'RPC_MESSAGE_INVALID' : 'RPC_CONNECTION_LOST'
  return new OncError(code, `${address}: ${detail}`, { cause: error })
}

function errorOf(outcome: Exclude<Outcome, { readonly kind: 'success' }>, title: string): OncError {
  switch (outcome.kind) {
    case 'program-unavailable':
      return new OncError('RPC_PROGRAM_UNAVAILABLE', title)
    case 'program-mismatch':
      return new OncError('RPC_PROGRAM_MISMATCH', `${title}: versions ${outcome.low} to ${outcome.high}`)
    case 'procedure-unavailable':
      return new OncError('RPC_PROCEDURE_UNAVAILABLE', title)
    case 'garbage-arguments':
      return new OncError('RPC_GARBAGE_ARGUMENTS', title)
    case 'system-error':
      return new OncError('RPC_SYSTEM_ERROR', title)
    case 'rpc-mismatch':
      return new OncError('RPC_MISMATCH', `${title}: versions ${outcome.low} to ${outcome.high}`)
    case 'auth-error':
      return new OncError('RPC_AUTH_ERROR', `${title}: ${authStatusName(outcome.status)}`)
  }
}
