// Things of ours that one peer holds. A thing has one number however often it is sent, and its count says how often; the
// peer gives back what it received, so that a release and a new sending can cross without harm. When the peer is gone, all
// of it is let go.

import { CallError } from '../engine/errors.ts'
import { callLimits } from '../engine/limits.ts'
import { gone, Sink } from './sink.ts'

interface Export {
  readonly id: number
  readonly thing: object
  /** How often it was sent and not given back. */
  count: number
}

/** Numbers that are always there, and never given back. */
export const rootId = 0
export const systemId = 1

export class Exports {
  readonly #byId = new Map<number, Export>()
  readonly #byThing = new Map<object, Export>()
  readonly #max: number
  #next = systemId + 1

  constructor(max: number = callLimits.referencesMax) {
    this.#max = max
  }

  /** Things that the peer holds. */
  get size(): number {
    return this.#byId.size
  }

  /** The number under which the thing is sent once more. Errors: CallError CALL_TOO_MANY_REFERENCES. */
  give(thing: object): number {
    const known = this.#byThing.get(thing)
    if (known !== undefined) {
      known.count++
      return known.id
    }
    if (this.#byId.size >= this.#max)
      throw new CallError('CALL_TOO_MANY_REFERENCES', `${this.#max} are held already`)
    const made = { id: this.#next++, thing, count: 1 }
    this.#byId.set(made.id, made)
    this.#byThing.set(thing, made)
    return made.id
  }

  /** The thing, or undefined when the peer does not hold such a number. */
  get(id: number): object | undefined {
    return this.#byId.get(id)?.thing
  }

  /** The peer gives it back as often; or a sending of ours did not take place. Unknown numbers are let pass. */
  release(id: number, count: number): void {
    const found = this.#byId.get(id)
    if (found === undefined) return
    found.count -= count
    if (found.count > 0) return
    this.#byId.delete(id)
    this.#byThing.delete(found.thing)
    if (found.thing instanceof Sink) found.thing[gone]()
  }

  clear(): void {
    for (const { thing } of this.#byId.values()) if (thing instanceof Sink) thing[gone]()
    this.#byId.clear()
    this.#byThing.clear()
  }
}
