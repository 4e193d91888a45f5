// What a request's handler is: a verb file exports one value made here.

import type { Operation, Principal, ResourceType } from '../../auth/index.ts'
import type { Fields, InOf, OutOf } from '../../bytes/index.ts'
import type { FetchSessions } from './fetch-sessions.ts'
import type { Serving } from './serving.ts'
import type { Session } from './session.ts'
import type { Api } from './wire/api.ts'

/** For a request that is not answered (Produce with acks=0). */
export const noResponse = Symbol('no response')

/** One request under way: who asks, from where, and what the handler may use. */
export interface Call {
  readonly kafka: Serving
  readonly session: Session
  readonly fetchSessions: FetchSessions
  readonly version: number
  readonly clientId: string | null
  /** The virtual broker that was asked. */
  readonly nodeId: number
  /** The listener by which the client came; addresses in answers are those of this listener. */
  readonly listener: string
  readonly principal: Principal
  /** The client's IP address. */
  readonly host: string
  /** Aborted when the connection ends: nobody waits for the answer any more. */
  readonly signal: AbortSignal
  /** Has something done once the answer has left or never will. */
  afterSent(then: () => void): void
  /** Whether the principal may do this; resource 'cluster' is always named 'kafka-cluster'. */
  allows(operation: Operation, type: ResourceType, name: string): boolean
}

type Answer<Response extends Fields> = InOf<Response> | typeof noResponse

/** A verb as the dispatcher sees it. */
export interface Verb {
  readonly api: Api
  handle(request: object, call: Call): object | typeof noResponse | Promise<object | typeof noResponse>
  refuse(request: object, code: number, message: string): object
}

/**
 * Makes a verb. `handle` answers; what it throws is answered by `refuse` with the error's code, wherever this API has
 * its place for it. Errors that concern one topic or partition alone belong into that row, so `handle` catches those.
 */
export function verb<Request extends Fields, Response extends Fields>(
  api: Api<Request, Response>,
  parts: {
    handle(request: OutOf<Request>, call: Call): Answer<Response> | Promise<Answer<Response>>
    refuse(request: OutOf<Request>, code: number, message: string): InOf<Response>
  },
): Verb {
  return {
    api: api as unknown as Api,
    handle: parts.handle as Verb['handle'],
    refuse: parts.refuse as Verb['refuse'],
  }
}
