// What every server offers beside what it serves: its health, what can be called, and the two ways to call in which the answer
// comes later. It is an object like others, under a number of its own.

import type { World } from '../../world/index.ts'
import { ByReference, byReference } from '../refs/by-reference.ts'
import type { Perform } from './callee.ts'
import { currentCall } from './context.ts'
import type { Declarations } from './declarations.ts'
import { CallError } from './errors.ts'
import { EngineFault } from './faults.ts'
import { find, methodsOf } from './find.ts'
import { IncomingCall } from './incoming.ts'
import { callLimits } from './limits.ts'
import { isStub } from './stub.ts'
import { type TicketState, Tickets } from './tickets.ts'
import type { Ref } from './types.ts'

/** How a server is. */
export interface Health {
  /** `draining`: it answers what runs and takes no more. */
  readonly status: 'serving' | 'draining'
}

/** What can be said of a method from outside. */
export interface MethodDescription {
  readonly name: string
  /** As declared; otherwise how many parameters it has. */
  readonly signature: string
  readonly doc?: string
  readonly semantics: 'at most once' | 'at least once' | 'once, or lost with the connection'
}

/** Who gets a result later (deferred synchronous); resolving is the acknowledgement. */
export interface Receiver {
  done(value: unknown): void
  failed(reason: unknown): void
}

export interface SystemParts {
  readonly root: object
  readonly world: World
  readonly methods: Declarations
  readonly perform: Perform
  isDraining(): boolean
  readonly ticketsMax: number
  readonly ticketMs: number
  readonly deferredMax: number
}

/** What the engine finds out is told as such: it is not what a method threw. */
function byEngine<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw error instanceof CallError ? new EngineFault(error) : error
  }
}

export class System extends ByReference {
  readonly #parts: SystemParts
  readonly #tickets: Tickets
  /** Calls that run, whose results are brought. */
  #deferred = 0

  constructor(parts: SystemParts) {
    super()
    this.#parts = parts
    this.#tickets = new Tickets(parts.world, parts.ticketsMax)
  }

  health(): Health {
    return { status: this.#parts.isDraining() ? 'draining' : 'serving' }
  }

  describe(): readonly MethodDescription[] {
    return [...methodsOf(this.#parts.root)].map(([name, method]) => this.#describe(name, method.length))
  }

  /**
   * Runs a method of the root and gives its result to the receiver later; gives at once, when it is accepted, something that
   * is held as long as the connection is.
   */
  defer(method: string, args: readonly unknown[], receiver: Ref<Receiver>): ByReference {
    if (typeof receiver !== 'object' || receiver === null || !isStub(receiver))
      throw new EngineFault(new CallError('CALL_BAD_ARGUMENTS', 'who gets the result must go by reference'))
    const { deferredMax } = this.#parts
    if (this.#deferred >= deferredMax)
      throw new EngineFault(
        new CallError('CALL_TOO_MANY', `${deferredMax} run whose results are to be brought`),
      )
    const running = this.#start(method, args)
    this.#deferred++
    void this.#bring(running, receiver)
    return byReference({})
  }

  async #bring(running: Promise<unknown>, receiver: Ref<Receiver>): Promise<void> {
    try {
      await running.then(
        value => receiver.done(value),
        reason => receiver.failed(reason),
      )
    } catch {
      // The receiver is gone with its connection: there is nobody to be told.
    } finally {
      this.#deferred--
      receiver[Symbol.dispose]()
    }
  }

  /** Runs a method of the root and keeps its result; gives the ticket for it. */
  submit(method: string, args: readonly unknown[], ttlMs: number | undefined): string {
    const wanted: unknown = ttlMs ?? this.#parts.ticketMs
    if (typeof wanted !== 'number' || !(wanted >= 0))
      throw new EngineFault(new CallError('CALL_BAD_ARGUMENTS', `${String(wanted)} ms to keep a result`))
    const ms = Math.min(wanted, callLimits.ticketMsMax)
    return byEngine(() => this.#tickets.begin(() => this.#start(method, args), ms))
  }

  /** Errors: CALL_NO_TICKET. */
  poll(ticket: string): TicketState {
    return byEngine(() => this.#tickets.poll(ticket))
  }

  /** Gives the result, when it is there, and forgets it. Errors: CALL_NO_TICKET; what the method threw. */
  take(ticket: string): Promise<unknown> {
    return byEngine(() => this.#tickets.take(ticket))
  }

  /** By a symbol, which no name of the network reaches. */
  [Symbol.dispose](): void {
    this.#tickets.clear()
  }

  #start(method: string, args: readonly unknown[]): Promise<unknown> {
    const { root, perform } = this.#parts
    const call = currentCall()
    if (!(call instanceof IncomingCall)) throw new TypeError('only calls can be put off')
    if (typeof method !== 'string' || !Array.isArray(args))
      throw new EngineFault(new CallError('CALL_BAD_ARGUMENTS', 'a name and a list of arguments are needed'))
    const found = byEngine(() => find(root, method))
    return new Promise(resolve => resolve(perform(call.putOff(method, args), found)))
  }

  #describe(name: string, parameters: number): MethodDescription {
    const { signature, doc, atMostOnce, idempotent } = this.#parts.methods[name] ?? {}
    return {
      name,
      signature: signature ?? (parameters === 1 ? '(1 parameter)' : `(${parameters} parameters)`),
      ...(doc !== undefined && { doc }),
      semantics: atMostOnce
        ? 'at most once'
        : idempotent
          ? 'at least once'
          : 'once, or lost with the connection',
    }
  }
}
