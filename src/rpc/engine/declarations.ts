// What can be said of methods beyond their types, which are gone when the program runs. One declaration serves both ends.

import type { Semantics } from './call.ts'

/** What is said of one method. */
export interface Declaration extends Semantics {
  /** Its parameters and what it gives, for people: `(account: string, sum: number) => Promise<number>`. */
  readonly signature?: string
  /** What it is for. */
  readonly doc?: string
  /** Looks at the arguments before the method does; what it throws is what the caller gets. */
  readonly check?: (...args: readonly unknown[]) => void
}

/** By name; names within objects have their path before them: `users.get`. */
export type Declarations = Readonly<Record<string, Declaration>>

/** Declares the methods of an interface; a name that it does not have is an error of types. */
export function methods<Api>(declared: { readonly [K in keyof Api & string]?: Declaration }): Declarations {
  return declared as Declarations
}

/** How often methods may run, by name. */
export function semanticsOf(declared: Declarations): ReadonlyMap<string, Semantics> {
  return new Map(Object.entries(declared).filter(([, one]) => one.idempotent || one.atMostOnce))
}
