// How a method is run as the answer to a call: its declared check first, then the interceptors, then the method.

import type { Perform } from './callee.ts'
import { answer } from './context.ts'
import type { Declarations } from './declarations.ts'
import { CallError } from './errors.ts'
import { EngineFault } from './faults.ts'
import type { ServeInterceptor } from './interceptors.ts'

export function performer(methods: Declarations, intercept: readonly ServeInterceptor[] = []): Perform {
  const checks = new Map(
    Object.entries(methods).flatMap(([name, { check }]) =>
      check === undefined ? [] : [[name, check] as const],
    ),
  )
  return (call, found) => {
    if (checks.size > 0 && call.target === 0) checked(checks.get(call.method), call.args)
    if (intercept.length === 0) return answer(call, found, call.args)
    const run = intercept.reduceRight<(args: readonly unknown[]) => unknown>(
      (next, step) => args => step(call, args, next),
      args => answer(call, found, args),
    )
    return run(call.args)
  }
}

function checked(check: ((...args: readonly unknown[]) => void) | undefined, args: readonly unknown[]): void {
  try {
    check?.(...args)
  } catch (error) {
    throw new EngineFault(
      new CallError('CALL_BAD_ARGUMENTS', error instanceof Error ? error.message : String(error)),
    )
  }
}
