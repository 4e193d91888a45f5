// Steps around each call, at either end: they see it, may change how it goes on, and get what came of it.

import type { RemoteCallOptions } from './call.ts'
import type { CallContext } from './context.ts'

/** A call of ours, as an interceptor sees it. */
export interface InterceptedCall {
  readonly method: string
  readonly args: readonly unknown[]
  readonly options: RemoteCallOptions
}

/** At the caller: `next` goes on, with the call as it is given to it. */
export type CallInterceptor = (
  call: InterceptedCall,
  next: (call: InterceptedCall) => Promise<unknown>,
) => Promise<unknown>

/** At the callee: `next` runs the method, with the arguments as they are given to it. */
export type ServeInterceptor = (
  call: CallContext,
  args: readonly unknown[],
  next: (args: readonly unknown[]) => unknown,
) => unknown
