// From the bytes of a call to the bytes of its answer, however they travel: who calls, whether he may, which handler, and
// what became of it (RFC 5531, section 9).

import { Reader, WireError } from '../../bytes/index.ts'
import type { Peer } from '../../transport/index.ts'
import { type AuthStatus, authStatuses, credentialOf } from './auth.ts'
import { OncError } from './errors.ts'
import { type CallHead, type Outcome, RPC_VERSION, readCall, writeReply } from './message.ts'
import { marked } from './record.ts'
import type { ReplyCache } from './reply-cache.ts'
import type { Bound, OncCall, Services } from './service.ts'

export interface DispatcherParts {
  readonly services: Services
  /** Why a call is refused, or undefined. By default AUTH_NONE and AUTH_SYS are taken, other flavors rejected. */
  readonly refuse: ((call: OncCall) => AuthStatus | undefined) | undefined
  readonly onFault: ((title: string, error: unknown) => void) | undefined
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
  /** Sends an answer, with the mark of a record before it. */
  reply(answer: readonly Buffer[]): void
}

export class Dispatcher {
  readonly #parts: DispatcherParts

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
    const { refuse } = this.#parts
    if (refuse !== undefined) return refuse(call)
    return call.credential.kind === 'other' ? 'rejectedCredential' : undefined
  }

  /** A call that came before is answered as it was, or not at all while it still runs. */
  #once(
    message: Buffer,
    xid: number,
    bound: Bound,
    from: Reader,
    call: OncCall,
    caller: Caller,
  ): Promise<void> | undefined {
    const entry = this.#parts.cache?.open(message, caller.peer)
    if (entry?.state === 'running') return undefined
    if (entry?.state === 'answered') {
      caller.reply([entry.answer])
      return undefined
    }
    if (entry === undefined) return this.#run(xid, bound, from, call, caller)
    const reply = (chunks: readonly Buffer[]): void => {
      entry.answered(chunks)
      caller.reply(chunks)
    }
    return this.#run(xid, bound, from, call, { ...caller, reply })
  }

  #run(xid: number, bound: Bound, from: Reader, call: OncCall, caller: Caller): Promise<void> | undefined {
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
    call: OncCall,
    caller: Caller,
  ): Promise<void> | undefined {
    let result: unknown
    try {
      result = bound.handler(argument, call)
    } catch (error) {
      this.#failed(xid, bound, error, caller)
      return undefined
    }
    if (isPromise(result)) return this.#later(xid, bound, result, caller)
    this.#answered(xid, bound, result, caller)
    return undefined
  }

  async #later(xid: number, bound: Bound, result: PromiseLike<unknown>, caller: Caller): Promise<void> {
    let value: unknown
    try {
      value = await result
    } catch (error) {
      this.#failed(xid, bound, error, caller)
      return
    }
    this.#answered(xid, bound, value, caller)
  }

  #answered(xid: number, bound: Bound, result: unknown, caller: Caller): void {
    let reply: readonly Buffer[]
    try {
      reply = marked(to => {
        writeReply(to, { xid, outcome: { kind: 'success' } })
        bound.procedure.result.write(to, result)
        if (to.bytes > caller.answerBytesMax)
          throw new OncError('RPC_RECORD_TOO_LARGE', `${to.bytes} bytes, at most ${caller.answerBytesMax}`)
      })
    } catch (error) {
      this.#failed(xid, bound, error, caller)
      return
    }
    caller.reply(reply)
  }

  #failed(xid: number, { title }: Bound, error: unknown, caller: Caller): void {
    this.fault(title, error)
    answer(caller, xid, { kind: 'system-error' })
  }
}

function isPromise(result: unknown): result is PromiseLike<unknown> {
  return typeof (result as { readonly then?: unknown } | null | undefined)?.then === 'function'
}

function callOf(head: CallHead, { peer, signal }: Caller): OncCall | undefined {
  const credential = credentialOf(head.credential)
  if (credential === undefined) return undefined
  const { program, version, procedure } = head
  return { peer, credential, program, version, procedure, signal }
}

function answer(caller: Caller, xid: number, outcome: Outcome): void {
  caller.reply(marked(to => writeReply(to, { xid, outcome })))
}
