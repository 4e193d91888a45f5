// What a server offers: programs, each in one or several versions, with a handler for each procedure; and the way from the
// numbers of a call to its handler, or to the outcome that says why there is none (RFC 5531, section 9).

import type { Peer } from '../../transport/index.ts'
import type { Procedure, Program, ServerOf } from '../program.ts'
import * as xdr from '../xdr/index.ts'
import type { Credential } from './auth.ts'
import type { CallHead, Outcome } from './message.ts'

/** What a handler is told of the call beside its argument. */
export interface OncCall {
  readonly peer: Peer
  readonly credential: Credential
  readonly program: number
  readonly version: number
  readonly procedure: number
  /** Aborts when the caller has ended the connection, or the server ends: hardly anybody waits for the answer any more. */
  readonly signal: AbortSignal
  /**
   * No answer is sent, whatever the handler gives or throws: for procedures that callers batch, and for calls of a broadcast.
   * A call that comes again is dropped where answers are kept.
   */
  withhold(): void
}

type Handler = (argument: unknown, call: OncCall) => unknown

/** A procedure with what it does. */
export interface Bound {
  readonly title: string
  readonly procedure: Procedure
  readonly handler: Handler
}

/** One version of a program with its handlers. */
export interface OncService {
  readonly program: number
  readonly version: number
  readonly bound: ReadonlyMap<number, Bound>
}

/** Procedure 0 does nothing in every program, by convention (RFC 5531, section 12.1): callers ping with it. */
const nullProcedure: Bound = {
  title: 'NULL',
  procedure: { number: 0, argument: xdr.nothing, result: xdr.nothing },
  handler: () => undefined,
}

/** Puts a program and its handlers together. Errors: TypeError when a procedure has no handler. */
export function service<G extends Program>(program: G, server: ServerOf<G, OncCall>): OncService {
  const handlers = server as Readonly<Record<string, Handler | undefined>>
  const bound = new Map([[0, nullProcedure]])
  for (const [name, procedure] of Object.entries(program.procedures)) {
    const handler = handlers[name]
    if (typeof handler !== 'function') throw new TypeError(`there is no handler for ${program.name}.${name}`)
    const title = `${program.name}.${name}`
    bound.set(procedure.number, { title, procedure, handler: handler.bind(server) })
  }
  return { program: program.program, version: program.version, bound }
}

/** The services of one server, by their numbers. */
export class Services {
  readonly #byProgram = new Map<number, Map<number, OncService>>()

  /** Errors: TypeError when a version of a program is there twice. */
  constructor(services: readonly OncService[]) {
    for (const one of services) {
      const versions = this.#byProgram.get(one.program) ?? new Map<number, OncService>()
      if (versions.has(one.version))
        throw new TypeError(`version ${one.version} of program ${one.program} is there twice`)
      versions.set(one.version, one)
      this.#byProgram.set(one.program, versions)
    }
  }

  /** The procedure of a call, or why there is none. */
  find({ program, version, procedure }: CallHead): Bound | Outcome {
    const versions = this.#byProgram.get(program)
    if (versions === undefined) return { kind: 'program-unavailable' }
    const found = versions.get(version)
    if (found === undefined)
      return {
        kind: 'program-mismatch',
        low: Math.min(...versions.keys()),
        high: Math.max(...versions.keys()),
      }
    return found.bound.get(procedure) ?? { kind: 'procedure-unavailable' }
  }
}
