// A way to a server, as those that only call see it.

import type { ArgumentOf, CallOptions, Procedure, Program, ResultOf } from '../program.ts'

/** A call that asks for no answer. */
export interface OneWayOptions {
  /** The call is sent, and nobody learns what became of it: any number of them go out in one write (batching, RFC 5531, 8.). */
  readonly oneWay: true
  /** Gives up waiting for room. */
  readonly signal?: AbortSignal | undefined
}

interface CallOfNothing<R> {
  (options: OneWayOptions): Promise<undefined>
  (options?: CallOptions): Promise<R>
}

interface CallOf<A, R> {
  (argument: A, options: OneWayOptions): Promise<undefined>
  (argument: A, options?: CallOptions): Promise<R>
}

type CallFor<P extends Procedure> =
  ArgumentOf<P> extends undefined ? CallOfNothing<ResultOf<P>> : CallOf<ArgumentOf<P>, ResultOf<P>>

/** A `ClientOf` the program whose calls can also be one-way: those resolve when the connection has taken them. */
export type OncClientOf<G extends Program> = {
  readonly [K in keyof G['procedures']]: CallFor<G['procedures'][K]>
}

export interface OncConnection extends AsyncDisposable {
  /** A function for each procedure of the program. */
  client<G extends Program>(program: G): OncClientOf<G>
  /** Ends the connection; calls that wait fail with RPC_CLOSED. Idempotent. */
  close(): Promise<void>
}
