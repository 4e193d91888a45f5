// Asynchronous: the call goes out, the caller goes on, and looks for the result when he likes.
//
//   caller   --call-->.......works on.......isDone? no....isDone? yes--result
//   callee            |------ runs ------|--->

import { objectStub, start, stubOf } from '../engine/stub.ts'
import { type Pending, pending } from './pending.ts'

type AnyFunction = (...args: never[]) => unknown

/** A remote whose methods give what can be looked at, instead of a promise only. */
export type Asynchronous<T> = {
  readonly [K in keyof T as K extends string ? K : never]: T[K] extends AnyFunction
    ? (...args: Parameters<T[K]>) => Pending<Awaited<ReturnType<T[K]>>>
    : Asynchronous<T[K]>
}

/** Calls whose results are looked for later. Calls of any kind: `pending`. */
export function asynchronous<T extends object>(remote: T): Asynchronous<T> {
  const of = stubOf(remote)
  if (of === undefined) throw new TypeError('this is nothing of another process')
  return objectStub({
    ...of,
    keeps: remote,
    mode: (of, method, args) =>
      pending(
        signal => start({ ...of, options: { ...of.options, signal } }, method, args),
        of.options.signal,
      ),
  }) as Asynchronous<T>
}
