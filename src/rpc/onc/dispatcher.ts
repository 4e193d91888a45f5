// From the bytes of a call to the bytes of its answer, however they travel: who calls, whether he may, which handler, and
// what became of it (RFC 5531, section 9).

import { Reader, WireError, type Writer } from '../../bytes/index.ts'
import type { Peer } from '../../transport/index.ts'
import { type AuthStatus, authStatuses, type Credential, credentialOf, flavors } from './auth.ts'
import { OncError } from './errors.ts'
import { type CallHead, type Outcome, RPC_VERSION, readCall, writeReply } from './message.ts'
import { RecordMaker, type WriteMessage } from './record.ts'
import type { ReplyCache } from './reply-cache.ts'
import type { Bound, OncCall, Services } from './service.ts'
import { startTlsVerifier } from './tls.ts'

export interface DispatcherParts {
  readonly services: Services
  /** Why a call is refused, or undefined. By default AUTH_NONE and AUTH_SYS are taken, other flavors rejected. */
  readonly refuse: ((call: OncCall) => AuthStatus | undefined) | undefined
  readonly onFault: ((title: string, error: unknown) => void) | undefined
  /** Whether calls in clear text are refused. */
  readonly isTlsRequired: boolean
  /** Answers that are given again, where calls may come twice. */
  readonly cache: ReplyCache | undefined
}

/** Where a call came from. */
export interface Caller {
  readonly peer: Peer
  /** Aborts when nobody waits for answers any more. */
  readonly signal: AbortSignal
  /** Bytes of the longest answer that can be sent. */
  readonly answerBytesMax: number
  /** Sends the answer that `write` writes. Errors: those of `write`; nothing is sent then. */
  reply(write: WriteMessage): void
  /** Sends an answer that was made before, with the mark of a record before it. */
  replyMade(answer: readonly Buffer[]): void
  /** Goes over to TLS when the answer that was just given is sent; undefined where there is none. */
  startTls?(): void
}

export class Dispatcher {
  readonly #parts: DispatcherParts
  readonly #records = new RecordMaker()

  constructor(parts: DispatcherParts) {
    this.#parts = parts
  }

  /**
   * Carries out the call in a message; undefined when it is answered already. Errors: OncError and WireError when its head
   * cannot be read.
   */
  carryOut(message: Buffer, caller: Caller): Promise<void> | undefined {
    const from = new Reader(message)
    const head = readCall(from)
    if ('rpcVersion' in head) {
      answer(caller, head.xid, { kind: 'rpc-mismatch', low: RPC_VERSION, high: RPC_VERSION })
      return undefined
    }
    if (head.credential.flavor === flavors.tls && caller.startTls !== undefined) {
      offerTls(head, caller)
      return undefined
    }
    const call = callOf(head, caller)
    const refused = call === undefined ? 'badCredential' : this.#refusal(call)
    if (call === undefined || refused !== undefined) {
      answer(caller, head.xid, { kind: 'auth-error', status: authStatuses[refused ?? 'badCredential'] })
      return undefined
    }
    const found = this.#parts.services.find(head)
    if (!('kind' in found)) return this.#once(message, head.xid, found, from, call, caller)
    answer(caller, head.xid, found)
    return undefined
  }

  fault(title: string, error: unknown): void {
    this.#parts.onFault?.(title, error)
  }

  #refusal(call: OncCall): AuthStatus | undefined {
    const { refuse, isTlsRequired } = this.#parts
    if (isTlsRequired && !call.peer.encrypted) return 'tooWeak'
    if (refuse !== undefined) return refuse(call)
    return call.credential.kind === 'other' ? 'rejectedCredential' : undefined
  }

  /** A call that came before is answered as it was, or not at all while it still runs. */
  #once(
    message: Buffer,
    xid: number,
    bound: Bound,
    from: Reader,
    call: Call,
    caller: Caller,
  ): Promise<void> | undefined {
    const entry = this.#parts.cache?.open(message, caller.peer)
    if (entry?.state === 'running') {
      if (this.#parts.cache?.answersLate) entry.later(chunks => caller.replyMade(chunks))
      return undefined
    }
    if (entry?.state === 'answered') {
      caller.replyMade([entry.answer])
      return undefined
    }
    if (entry === undefined) return this.#run(xid, bound, from, call, caller)
    const reply = (write: WriteMessage): void => {
      const chunks = this.#records.make(write)
      entry.answered(chunks)
      caller.replyMade(chunks)
    }
    return this.#run(xid, bound, from, call, { ...caller, reply })
  }

  #run(xid: number, bound: Bound, from: Reader, call: Call, caller: Caller): Promise<void> | undefined {
    const { procedure } = bound
    try {
      const argument = procedure.argument.read(from)
      if (from.remaining > 0) throw new WireError('WIRE_TRAILING_BYTES', from.at, 'bytes follow the argument')
      return this.#handle(xid, bound, argument, call, caller)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      answer(caller, xid, { kind: 'garbage-arguments' })
      return undefined
    }
  }

  /** A handler that does not wait is answered at once: a promise for each call would cost more than the call. */
  #handle(
    xid: number,
    bound: Bound,
    argument: unknown,
    call: Call,
    caller: Caller,
  ): Promise<void> | undefined {
    let result: unknown
    try {
      result = bound.handler(argument, call)
    } catch (error) {
      this.#failed(xid, bound, error, call, caller)
      return undefined
    }
    if (isPromise(result)) return this.#later(xid, bound, result, call, caller)
    this.#answered(xid, bound, result, call, caller)
    return undefined
  }

  async #later(
    xid: number,
    bound: Bound,
    result: PromiseLike<unknown>,
    call: Call,
    caller: Caller,
  ): Promise<void> {
    let value: unknown
    try {
      value = await result
    } catch (error) {
      this.#failed(xid, bound, error, call, caller)
      return
    }
    this.#answered(xid, bound, value, call, caller)
  }

  #answered(xid: number, bound: Bound, result: unknown, call: Call, caller: Caller): void {
    const write = (to: Writer): void => {
      const from = to.bytes
      writeReply(to, { xid, outcome: { kind: 'success' } })
      bound.procedure.result.write(to, result)
      const bytes = to.bytes - from
      if (bytes > caller.answerBytesMax)
        throw new OncError('RPC_RECORD_TOO_LARGE', `${bytes} bytes, at most ${caller.answerBytesMax}`)
    }
    try {
      if (call.isWithheld) this.#records.make(write)
      else caller.reply(write)
    } catch (error) {
      this.#failed(xid, bound, error, call, caller)
    }
  }

  #failed(xid: number, { title }: Bound, error: unknown, call: Call, caller: Caller): void {
    this.fault(title, error)
    if (!call.isWithheld) answer(caller, xid, { kind: 'system-error' })
  }
}

function isPromise(result: unknown): result is PromiseLike<unknown> {
  return typeof (result as { readonly then?: unknown } | null | undefined)?.then === 'function'
}

class Call implements OncCall {
  readonly peer: Peer
  readonly credential: Credential
  readonly program: number
  readonly version: number
  readonly procedure: number
  readonly signal: AbortSignal
  #isWithheld = false

  constructor({ program, version, procedure }: CallHead, credential: Credential, { peer, signal }: Caller) {
    this.peer = peer
    this.credential = credential
    this.program = program
    this.version = version
    this.procedure = procedure
    this.signal = signal
  }

  get isWithheld(): boolean {
    return this.#isWithheld
  }

  withhold(): void {
    this.#isWithheld = true
  }
}

function callOf(head: CallHead, caller: Caller): Call | undefined {
  const credential = credentialOf(head.credential)
  return credential === undefined ? undefined : new Call(head, credential, caller)
}

/** RFC 9289, section 4.1: only to procedure 0, and only once. */
function offerTls({ xid, procedure }: CallHead, caller: Caller): void {
  if (procedure !== 0 || caller.peer.encrypted) {
    answer(caller, xid, { kind: 'auth-error', status: authStatuses.badCredential })
    return
  }
  const outcome = { kind: 'success' } as const
  caller.reply(to => writeReply(to, { xid, outcome, verifier: startTlsVerifier }))
  caller.startTls?.()
}

function answer(caller: Caller, xid: number, outcome: Outcome): void {
  caller.reply(to => writeReply(to, { xid, outcome }))
}
