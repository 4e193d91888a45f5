// Client polling: the callee keeps the result, and the caller has a ticket with which he asks for it, also from another process
// or after his own has been started anew.
//
//   caller   --request-->|ticket|....poll? running....poll? done....take--result
//   callee               |--------- runs ---------|== kept for ttlMs ==|

import { objectStub, type StubOf, stubOf } from '../engine/stub.ts'
import type { TicketState } from '../engine/tickets.ts'
import { refuseMarks, systemOf } from './system-of.ts'

type AnyFunction = (...args: never[]) => unknown

/** A claim to a result. */
export interface Ticket<R> {
  /** By which it can be found again; whoever knows it can take the result. */
  readonly id: string
  /** Errors: CallError CALL_NO_TICKET, when it was taken, or not in time. */
  poll(): Promise<TicketState>
  /** The result, waiting for it if need be; it is forgotten there. Errors: CALL_NO_TICKET; what the method threw. */
  take(): Promise<R>
}

/** A remote whose methods give tickets. */
export type Polling<T> = {
  readonly [K in keyof T as K extends string ? K : never]: T[K] extends AnyFunction
    ? (...args: Parameters<T[K]>) => Promise<Ticket<Awaited<ReturnType<T[K]>>>>
    : Polling<T[K]>
}

export interface PollingOptions {
  /** Ms that a result is kept when it is there; at most an hour. Default: what the server says. */
  readonly ttlMs?: number
}

/** Calls whose results are fetched. For what `connect` gave, not for references. */
export function polling<T extends object>(remote: T, { ttlMs }: PollingOptions = {}): Polling<T> {
  const of = known(remote)
  return objectStub({
    ...of,
    keeps: remote,
    mode: async (of, method, args) => {
      refuseMarks(args)
      const pinned = { ...of, calling: of.calling.pinned() }
      return ticketAt(pinned, await systemOf(pinned).submit(method, args, ttlMs))
    },
  }) as Polling<T>
}

/** A ticket again, by its id: it must be at the same server. */
export function ticketOf<R>(remote: object, id: string): Ticket<R> {
  return ticketAt(known(remote), id) as Ticket<R>
}

function ticketAt(of: StubOf, id: string): Ticket<unknown> {
  const system = systemOf(of)
  return { id, poll: () => system.poll(id), take: () => system.take(id) }
}

function known(remote: object): StubOf {
  const of = stubOf(remote)
  if (of === undefined) throw new TypeError('this is nothing of another process')
  return of
}
