// Deferred synchronous: two calls in place of one. The first carries the request and is acknowledged when it is accepted; the
// second is the callee's own, brings the result, and is acknowledged by the caller.
//
//   caller   --request-->|accepted|......works on......|<--result--|--ok-->
//   callee               |--ok--|------- runs ---------|-----------|

import { deferred as later } from '../../flow/index.ts'
import { importOf, objectStub, type StubOf, stubOf } from '../engine/stub.ts'
import { byReference } from '../refs/by-reference.ts'
import { refuseMarks, systemOf } from './system-of.ts'

type AnyFunction = (...args: never[]) => unknown

/** A call that the callee has accepted. */
export interface Accepted<R> {
  /** The result, when the callee has brought it. Rejects with what the method threw. */
  readonly result: Promise<R>
}

/** A remote whose methods resolve when the call is accepted. */
export type Deferred<T> = {
  readonly [K in keyof T as K extends string ? K : never]: T[K] extends AnyFunction
    ? (...args: Parameters<T[K]>) => Promise<Accepted<Awaited<ReturnType<T[K]>>>>
    : Deferred<T[K]>
}

/** Calls whose results the callee brings later. For what `connect` gave, not for references. */
export function deferred<T extends object>(remote: T): Deferred<T> {
  const of = stubOf(remote)
  if (of === undefined) throw new TypeError('this is nothing of another process')
  return objectStub({ ...of, keeps: remote, mode: request }) as Deferred<T>
}

async function request(of: StubOf, method: string, args: readonly unknown[]): Promise<Accepted<unknown>> {
  refuseMarks(args)
  const { promise, resolve, reject } = later<unknown>()
  promise.catch(() => {}) // `result` tells who asks
  const receiver = byReference({
    done: (value: unknown): void => resolve(value),
    failed: (reason: unknown): void => reject(reason),
  })
  const running = await systemOf(of).defer(method, args, receiver)
  const held = importOf(running)
  // Without this, a result that cannot come any more would be waited for for ever.
  if (held !== undefined) held.whenLost = reject
  void promise.then(
    () => held?.release(),
    () => held?.release(),
  )
  return { result: promise }
}
