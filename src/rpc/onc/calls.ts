// Calls that wait for their answers, however they travel: any number at a time, of one program or of several, matched by
// their xid.

import { Reader, WireError } from '../../bytes/index.ts'
import { deferred, withSignal } from '../../flow/index.ts'
import type { Timer, World } from '../../world/index.ts'
import { Deadlines, Due } from '../engine/deadlines.ts'
import type { CallOptions, ClientOf, Procedure, Program } from '../program.ts'
import { authStatusName, type OpaqueAuth } from './auth.ts'
import { OncError } from './errors.ts'
import { oncLimits } from './limits.ts'
import { type Outcome, readReply, writeCall } from './message.ts'
import { marked } from './record.ts'

export interface CallsParts {
  /** For messages of errors. */
  readonly address: string
  readonly world: World
  readonly credential: OpaqueAuth
  /** Ms that a call waits, unless it says otherwise. */
  readonly timeoutMs: number
  /** Sends a call, with the mark of a record before it. A promise means that there is no room for more until it resolves. */
  send(record: readonly Buffer[]): Promise<void> | undefined
  /** Ms until a call without an answer is sent again the first time; twice as long each time after. Undefined: never. */
  readonly resendMs: number | undefined
}

interface Waiting {
  readonly title: string
  readonly procedure: Procedure
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
}

export class Calls {
  readonly #parts: CallsParts
  readonly #waiting = new Map<number, Waiting>()
  readonly #deadlines: Deadlines
  #xid: number
  #room: Promise<void> | undefined
  #ended: OncError | undefined

  constructor(parts: CallsParts) {
    this.#parts = parts
    this.#deadlines = new Deadlines(parts.world)
    this.#xid = parts.world.randomBytes(4).readUInt32BE()
  }

  client<G extends Program>(program: G): ClientOf<G> {
    const calls = Object.entries(program.procedures).map(([name, procedure]) => {
      const title = `${program.name}.${name} at ${this.#parts.address}`
      const call = (...given: readonly unknown[]): Promise<unknown> => {
        const [argument, options] = takesNothing(procedure) ? [undefined, given[0]] : given
        return this.#call(program, title, procedure, argument, (options ?? {}) as CallOptions)
      }
      return [name, call] as const
    })
    return Object.fromEntries(calls) as ClientOf<G>
  }

  /** Takes a message that arrived. Errors: OncError and WireError when its head cannot be read. */
  answered(message: Buffer): void {
    const from = new Reader(message)
    const { xid, outcome } = readReply(from)
    const call = this.#waiting.get(xid)
    if (call === undefined) return // given up before, or answered twice
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

  /** Fails what waits and what follows. Idempotent. */
  end(reason: OncError): void {
    if (this.#ended !== undefined) return
    this.#ended = reason
    for (const { title, reject } of this.#waiting.values())
      reject(new OncError(reason.code, title, { cause: reason }))
    this.#waiting.clear()
    this.#deadlines.clear()
  }

  async #call(
    { program, version }: Program,
    title: string,
    procedure: Procedure,
    argument: unknown,
    { signal, timeoutMs = this.#parts.timeoutMs }: CallOptions,
  ): Promise<unknown> {
    signal?.throwIfAborted()
    if (this.#room !== undefined) await withSignal(this.#room, signal)
    if (this.#ended !== undefined) throw this.#ended
    if (this.#waiting.size >= oncLimits.waitingMax)
      throw new OncError('RPC_TOO_MANY_CALLS', `${title}, ${oncLimits.waitingMax} wait already`)
    const xid = this.#nextXid()
    const { credential } = this.#parts
    const record = marked(to => {
      writeCall(to, { xid, program, version, procedure: procedure.number, credential })
      procedure.argument.write(to, argument)
    })
    this.#send(record)
    const { promise, resolve, reject } = deferred<unknown>()
    this.#waiting.set(xid, { title, procedure, resolve, reject })
    const giveUp = (reason: unknown): void => {
      if (this.#waiting.delete(xid)) reject(reason)
    }
    const aborted = (): void => giveUp(signal?.reason)
    signal?.addEventListener('abort', aborted, { once: true })
    const late = (): void => giveUp(new OncError('RPC_TIMEOUT', `${title}, after ${timeoutMs} ms`))
    const deadline = new Deadline(late)
    this.#deadlines.arm(deadline, timeoutMs)
    const resending = this.#resend(record)
    try {
      return await promise
    } finally {
      deadline.disarm()
      resending?.cancel()
      signal?.removeEventListener('abort', aborted)
    }
  }

  /** Sends the call again until that is cancelled. */
  #resend(record: readonly Buffer[]): Timer | undefined {
    const { world, resendMs } = this.#parts
    if (resendMs === undefined) return undefined
    const again = (ms: number): Timer =>
      world.after(ms, () => {
        this.#send(record)
        timer = again(ms * 2)
      })
    let timer = again(resendMs)
    return { cancel: () => timer.cancel() }
  }

  #send(record: readonly Buffer[]): void {
    const room = this.#parts.send(record)
    if (room === undefined || this.#room !== undefined) return
    this.#room = room.then(
      () => {
        this.#room = undefined
      },
      () => undefined, // whoever reads hears of it, too, and ends the calls
    )
  }

  #nextXid(): number {
    do this.#xid = (this.#xid + 1) >>> 0
    while (this.#waiting.has(this.#xid))
    return this.#xid
  }
}

/** When a call is given up. */
class Deadline extends Due {
  readonly due: () => void

  constructor(due: () => void) {
    super()
    this.due = due
  }
}

function takesNothing({ argument }: Procedure): boolean {
  return argument.kind.name === 'void'
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
