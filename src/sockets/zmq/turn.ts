// The event loop's turns. Calls that are answered at once run one after another without giving sockets and timers a chance,
// so every so many of them one is answered in the turn after next: the first of them lets what was written leave, and
// hears that it has left before the second.

import { batches } from './limits.ts'

let calls = 0
let next: Promise<void> | undefined

/** Resolves when sockets have had their turn. */
export function nextTurn(): Promise<void> {
  next ??= new Promise(resolve => {
    setImmediate(() =>
      setImmediate(() => {
        next = undefined
        calls = 0
        resolve()
      }),
    )
  })
  return next
}

/** Counts a call that is answered at once; true when it should not be. */
export function isTurnOver(): boolean {
  calls++
  return calls >= batches.callsPerTurn
}
