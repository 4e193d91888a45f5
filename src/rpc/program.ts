// Programs (RFC 5531, section 12): a number, a version, procedures with their types, as one value. It is all that a client
// or a server needs to know, and nothing in it runs: the engine calls and serves what the descriptor says. The types of
// both ends follow from it.

import type { Xdr } from './xdr/type.ts'

/** One procedure: its number, what it takes and what it gives. */
export interface Procedure<A = unknown, R = unknown> {
  readonly number: number
  readonly argument: Xdr<A>
  readonly result: Xdr<R>
}

/** Procedures by name. */
export type Procedures = Readonly<Record<string, Procedure>>

/** One version of a program. */
export interface Program<P extends Procedures = Procedures> {
  /** Its name, for people. */
  readonly name: string
  readonly program: number
  readonly version: number
  readonly procedures: P
}

/** How a call is made. */
export interface CallOptions {
  /** Gives up the call. */
  readonly signal?: AbortSignal | undefined
  /** Ms until it is given up. */
  readonly timeoutMs?: number | undefined
}

/** What a procedure takes. */
export type ArgumentOf<P extends Procedure> = P extends { readonly argument: Xdr<infer A> } ? A : never
/** What a procedure gives. */
export type ResultOf<P extends Procedure> = P extends { readonly result: Xdr<infer R> } ? R : never

/** What a client of a program has: a function for each procedure; those that take void take only the options. */
export type ClientOf<G extends Program, Options = CallOptions> = {
  readonly [K in keyof G['procedures']]: ArgumentOf<G['procedures'][K]> extends undefined
    ? (options?: Options) => Promise<ResultOf<G['procedures'][K]>>
    : (argument: ArgumentOf<G['procedures'][K]>, options?: Options) => Promise<ResultOf<G['procedures'][K]>>
}

/** What a server of a program provides: a function for each procedure. `Call` is what the engine says of the call. */
export type ServerOf<G extends Program, Call = unknown> = {
  readonly [K in keyof G['procedures']]: (
    argument: ArgumentOf<G['procedures'][K]>,
    call: Call,
  ) => ResultOf<G['procedures'][K]> | Promise<ResultOf<G['procedures'][K]>>
}

/** Declares a version of a program. Errors: TypeError when two procedures have one number. */
export function program<const P extends Procedures>(declared: Program<P>): Program<P> {
  const numbers = Object.values(declared.procedures).map(({ number }) => number)
  if (new Set(numbers).size !== numbers.length)
    throw new TypeError(`two procedures of ${declared.name} have one number`)
  return declared
}
