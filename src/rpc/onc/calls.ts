// Calls that wait for their answers, however they travel: any number at a time, of one program or of several, matched by
// their xid.

import { Reader, WireError } from '../../bytes/index.ts'
import { withSignal } from '../../flow/index.ts'
import type { Timer, World } from '../../world/index.ts'
import { Deadlines } from '../engine/deadlines.ts'
import type { CallOptions, Procedure, Program } from '../program.ts'
import { authStatusName, type OpaqueAuth } from './auth.ts'
import type { OncClientOf } from './connection.ts'
import { OncError, type VersionRange } from './errors.ts'
import { oncLimits } from './limits.ts'
import { type Outcome, readReply, writeCall } from './message.ts'
import { RecordMaker, type WriteMessage } from './record.ts'
import { WaitingCall } from './waiting-call.ts'
import { Xids } from './xids.ts'

export interface CallsParts {
  /** For messages of errors. */
  readonly address: string
  readonly world: World
  readonly credential: OpaqueAuth
  /** Ms that a call waits, unless it says otherwise. */
  readonly timeoutMs: number
  /** Sends a call, with the mark of a record before it. A promise means that there is no room for more until it resolves. */
  send(record: readonly Buffer[]): Promise<void> | undefined
  /** Sends the call that `write` writes, where no call is sent again. As `send`; errors: those of `write`. */
  sendOnce?(write: WriteMessage): Promise<void> | undefined
  /** Ms until a call without an answer is sent again the first time; twice as long each time after. Undefined: never. */
  readonly resendMs: number | undefined
  /** Whether bytes behind a result are nobody's business. */
  readonly ignoresExtraBytes: boolean
  /** Whether calls are kept for `sendAgain`. */
  readonly keeps: boolean
  /** Undefined while there is a connection, else a promise for the next one or the end. */
  connected?(): Promise<void> | undefined
}

type AnyOptions = CallOptions & { readonly oneWay?: boolean }

interface Asked {
  readonly program: Program
  /** For messages of errors. */
  readonly title: string
  readonly procedure: Procedure
  readonly argument: unknown
  readonly options: AnyOptions
}

export class Calls {
  readonly #parts: CallsParts
  readonly #waiting: Xids<WaitingCall>
  readonly #records = new RecordMaker()
  readonly #deadlines: Deadlines
  /** Calls that wait for room. */
  #blocked = 0
  #keptBytes = 0
  #room: Promise<void> | undefined
  #ended: OncError | undefined

  constructor(parts: CallsParts) {
    this.#parts = parts
    this.#deadlines = new Deadlines(parts.world)
    this.#waiting = new Xids(parts.world.randomBytes(4).readUInt32BE())
  }

  client<G extends Program>(program: G): OncClientOf<G> {
    const calls = Object.entries(program.procedures).map(([name, procedure]) => {
      const title = `${program.name}.${name} at ${this.#parts.address}`
      const call = (argument: unknown, options: AnyOptions = {}): Promise<unknown> =>
        this.#call({ program, title, procedure, argument, options })
      const isOfNothing = procedure.argument.kind.name === 'void'
      return [name, isOfNothing ? (options?: AnyOptions) => call(undefined, options) : call] as const
    })
    return Object.fromEntries(calls) as OncClientOf<G>
  }

  /** Calls that were sent and are not answered. */
  get inFlight(): number {
    return this.#waiting.size
  }

  /** Takes a message that arrived. Errors: OncError and WireError when its head cannot be read. */
  answered(message: Buffer): void {
    const from = new Reader(message)
    const { xid, outcome } = readReply(from)
    const call = this.#waiting.take(xid)
    if (call === undefined) return // given up before, or answered twice
    this.#keptBytes -= call.parts.keptBytes
    const { title, procedure } = call.parts
    if (outcome.kind !== 'success') {
      call.reject(errorOf(outcome, title))
      return
    }
    try {
      const result = procedure.result.read(from)
      if (from.remaining > 0 && !this.#parts.ignoresExtraBytes)
        throw new WireError('WIRE_TRAILING_BYTES', from.at, `${from.remaining} bytes follow the result`)
      call.resolve(result)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      call.reject(
        new OncError('RPC_MESSAGE_INVALID', `the result of ${title}: ${error.message}`, { cause: error }),
      )
    }
  }

  /** Sends again, as they were, the calls that wait for answers: over a connection that has taken the place of another. */
  sendAgain(): void {
    for (const { parts } of this.#waiting.values())
      if (parts.record !== undefined) this.#noteRoom(this.#parts.send(parts.record))
  }

  /** Fails what waits and what follows. Idempotent. */
  end(reason: OncError): void {
    if (this.#ended !== undefined) return
    this.#ended = reason
    for (const call of this.#waiting.values()) {
      this.#forget(call)
      call.reject(new OncError(reason.code, call.parts.title, { cause: reason }))
    }
    this.#deadlines.clear()
  }

  #call(asked: Asked): Promise<unknown> {
    const { signal, oneWay = false } = asked.options
    try {
      this.#check(asked)
      if (this.#room === undefined && !oneWay) return this.#begin(asked).promise
    } catch (error) {
      return Promise.reject(error)
    }
    return this.#roomFor(signal, oneWay).then(() => (oneWay ? this.#tell(asked) : this.#begin(asked).promise))
  }

  #check({ title, options: { signal, oneWay } }: Asked): void {
    signal?.throwIfAborted()
    if (oneWay && this.#parts.resendMs !== undefined)
      throw new TypeError(`${title}: a call without an answer needs a stream, over UDP it may be lost`)
    if (this.#waiting.size + this.#blocked >= oncLimits.waitingMax)
      throw new OncError('RPC_TOO_MANY_CALLS', `${title}, ${oncLimits.waitingMax} wait already`)
  }

  /** Sends a call that is answered. */
  #begin(asked: Asked): WaitingCall {
    const { title, procedure, options } = asked
    const { timeoutMs = this.#parts.timeoutMs, signal } = options
    const { keeps, sendOnce } = this.#parts
    if (this.#ended !== undefined) throw this.#ended
    const xid = this.#waiting.next()
    const write = this.#writing(asked, xid)
    const record = sendOnce === undefined ? this.#records.make(write) : undefined
    const keptBytes = keeps && record !== undefined ? bytesOf(record) : 0
    if (this.#keptBytes + keptBytes > oncLimits.keptBytesMax)
      throw new OncError('RPC_TOO_MANY_CALLS', `${title}, ${this.#keptBytes} bytes wait already`)
    this.#keptBytes += keptBytes
    const call = new WaitingCall({
      xid,
      title,
      procedure,
      record: keeps ? record : undefined,
      keptBytes,
      timeoutMs,
      signal,
      abandoned: this.#forget,
    })
    this.#waiting.add(call)
    this.#deadlines.arm(call, timeoutMs)
    try {
      if (record === undefined) this.#noteRoom(sendOnce?.(write))
      else {
        this.#noteRoom(this.#parts.send(record))
        call.resending = this.#resend(record)
      }
    } catch (error) {
      this.#forget(call)
      call.reject(error)
    }
    return call
  }

  /** Sends a call that is not answered. */
  #tell(asked: Asked): void {
    if (this.#ended !== undefined) throw this.#ended
    const write = this.#writing(asked, this.#waiting.next())
    const { sendOnce } = this.#parts
    this.#noteRoom(sendOnce === undefined ? this.#parts.send(this.#records.make(write)) : sendOnce(write))
  }

  #writing({ program: { program, version }, procedure, argument }: Asked, xid: number): WriteMessage {
    return to => {
      writeCall(to, {
        xid,
        program,
        version,
        procedure: procedure.number,
        credential: this.#parts.credential,
      })
      procedure.argument.write(to, argument)
    }
  }

  readonly #forget = ({ parts: { xid, keptBytes } }: WaitingCall): void => {
    if (this.#waiting.take(xid) !== undefined) this.#keptBytes -= keptBytes
  }

  /** A one-way call also waits for a connection: it is not kept to be sent over the next one. */
  async #roomFor(signal: AbortSignal | undefined, oneWay: boolean): Promise<void> {
    this.#blocked++
    try {
      while (this.#ended === undefined) {
        const room = this.#room ?? (oneWay ? this.#parts.connected?.() : undefined)
        if (room === undefined) return
        await withSignal(room, signal)
      }
    } finally {
      this.#blocked--
    }
  }

  /** Sends the call again until that is cancelled. */
  #resend(record: readonly Buffer[]): Timer | undefined {
    const { world, resendMs } = this.#parts
    if (resendMs === undefined) return undefined
    const again = (ms: number): Timer =>
      world.after(ms, () => {
        this.#noteRoom(this.#parts.send(record))
        timer = again(ms * 2)
      })
    let timer = again(resendMs)
    return { cancel: () => timer.cancel() }
  }

  #noteRoom(room: Promise<void> | undefined): void {
    if (room === undefined || this.#room !== undefined) return
    this.#room = room.then(
      () => {
        this.#room = undefined
      },
      () => {
        this.#room = undefined // whoever reads hears of it, too, and ends the calls
      },
    )
  }
}

function bytesOf(record: readonly Buffer[]): number {
  return record.reduce((sum, chunk) => sum + chunk.length, 0)
}

function errorOf(outcome: Exclude<Outcome, { readonly kind: 'success' }>, title: string): OncError {
  switch (outcome.kind) {
    case 'program-unavailable':
      return new OncError('RPC_PROGRAM_UNAVAILABLE', title)
    case 'program-mismatch':
      return mismatch('RPC_PROGRAM_MISMATCH', title, outcome)
    case 'procedure-unavailable':
      return new OncError('RPC_PROCEDURE_UNAVAILABLE', title)
    case 'garbage-arguments':
      return new OncError('RPC_GARBAGE_ARGUMENTS', title)
    case 'system-error':
      return new OncError('RPC_SYSTEM_ERROR', title)
    case 'rpc-mismatch':
      return mismatch('RPC_MISMATCH', title, outcome)
    case 'auth-error':
      return new OncError('RPC_AUTH_ERROR', `${title}: ${authStatusName(outcome.status)}`)
  }
}

function mismatch(
  code: 'RPC_MISMATCH' | 'RPC_PROGRAM_MISMATCH',
  title: string,
  { low, high }: VersionRange,
): OncError {
  return new OncError(code, `${title}: versions ${low} to ${high}`, { versions: { low, high } })
}
