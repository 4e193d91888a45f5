// One-way: nobody waits for a result. How far the call has to be before the caller goes on is his choice.
//
//   caller   --call-->|accepted|.......|delivered|............|processed|
//   callee                              has it, found its method   ran it

import type { Until } from '../engine/call.ts'
import { calling } from '../engine/connect.ts'

type AnyFunction = (...args: never[]) => unknown

/** A remote whose methods give nothing back. */
export type OneWay<T> = {
  readonly [K in keyof T as K extends string ? K : never]: T[K] extends AnyFunction
    ? (...args: Parameters<T[K]>) => Promise<void>
    : OneWay<T[K]>
}

/**
 * Calls without results. The promise of a call resolves when it is as far as `until` says; with `accepted` and `delivered`
 * what the method throws is told to the server only (`onFault`).
 */
export function oneWay<T extends object>(remote: T, until: Until = 'accepted'): OneWay<T> {
  return calling(remote, { until }) as unknown as OneWay<T>
}
