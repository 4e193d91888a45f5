// Parameters by copy and restore. `inout(x)` in the place of x: x goes with the call, and what the handler changed in its
// copy is changed in x itself afterwards, as if the call had been local. `out(x)`: only what x is and how long it is goes,
// and x takes the content that the handler gives it.
//
//   await ledger.append('new', inout(list))    // then `list` has the new entry, and so has everybody who holds it

import { types } from 'node:util'

const direction: unique symbol = Symbol('direction')

/** A parameter of type T that is restored after the call. */
export interface InOut<T> {
  readonly [direction]: 'inout'
  readonly value: T
}

/** A parameter of type T that comes back only. */
export interface Out<T> {
  readonly [direction]: 'out'
  readonly value: T
}

class Mark<D extends 'inout' | 'out', T> {
  readonly [direction]: D
  readonly value: T

  constructor(marked: D, value: T) {
    this[direction] = marked
    this.value = value
  }
}

/** Marks a parameter as sent and restored. Throws TypeError for what has no content that can change. */
export function inout<T extends object>(value: T): InOut<T> {
  if (typeof value !== 'object' || value === null)
    throw new TypeError(
      `inout takes an object: a ${typeof value} cannot change, so nothing of it can be restored`,
    )
  return new Mark('inout', value)
}

/** Marks a parameter as coming back only: an array, Map, Set, view, ArrayBuffer or plain object. */
export function out<T extends object>(value: T): Out<T> {
  if (typeof value !== 'object' || value === null)
    throw new TypeError(
      `out takes an object: a ${typeof value} cannot change, so nothing can come back in it`,
    )
  if (
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isNativeError(value) ||
    types.isBoxedPrimitive(value)
  )
    throw new TypeError('out takes a collection, bytes or a plain object; mark this one with inout')
  return new Mark('out', value)
}

/** What a parameter was marked as; undefined for one that goes by value. */
export function markOf(value: unknown): InOut<object> | Out<object> | undefined {
  return value instanceof Mark ? (value as InOut<object> | Out<object>) : undefined
}

/** Which of the two a mark is. */
export function directionOf(mark: InOut<object> | Out<object>): 'inout' | 'out' {
  return mark[direction]
}
