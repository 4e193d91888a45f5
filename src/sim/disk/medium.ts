// What the disk and its open files share: the names, the luck, the steps, and the faults that are due.

import type { Completions } from './completions.ts'
import type { Dice } from './dice.ts'
import type { Names } from './names.ts'
import type { Steps } from './steps.ts'

/** How often things go wrong: probabilities per call, 0 when left out. All may be changed at any time. */
export interface Faults {
  /** `sync` fails with EIO; its sectors count as clean afterwards, whether or not they reached the medium. */
  syncError?: number
  /** `read` and `readLater` fail with EIO. */
  readError?: number
  /** `write` takes only a part, without an error. */
  shortWrite?: number
  /** The kernel writes something back by itself, at any call. */
  writeBack?: number
}

export interface Medium {
  readonly names: Names
  readonly dice: Dice
  readonly steps: Steps
  readonly completions: Completions
  readonly faults: Faults
  /** Bytes that may be allocated in all. May be changed at any time. */
  capacity: number
  /** Bytes that are allocated. */
  used: number
  failedSyncs: number
}

/** A promise of a dead program. */
export const never: Promise<never> = new Promise(() => {})

/**
 * Runs `done` in the background, with a step before it and one after it, so that power can be lost with the work done
 * and nobody told; and then one more at some later turn, when somebody was told.
 */
export function later(medium: Medium, what: string, path: string, done: () => () => void): void {
  const { completions, steps } = medium
  completions.add(() => {
    if (!steps.go(`${what} runs`, path)) return
    const answer = done()
    if (!steps.go(`${what} answers`, path)) return
    answer()
    completions.add(() => steps.go(`${what} was answered`, path))
  })
}
