// Calls that are carried out at a time, counted.

import { type Deferred, deferred } from '../../flow/index.ts'

export class Running {
  #count = 0
  #oneEnded: Deferred<void> | undefined
  #allEnded: Deferred<void> | undefined

  get count(): number {
    return this.#count
  }

  /** `call` never rejects. */
  add(call: Promise<void>): void {
    this.#count++
    void call.then(this.#ended)
  }

  /** Resolves when one of them has ended. */
  oneEnds(): Promise<void> {
    this.#oneEnded ??= deferred()
    return this.#oneEnded.promise
  }

  /** Resolves when none is left. */
  async allEnd(): Promise<void> {
    if (this.#count === 0) return
    this.#allEnded ??= deferred()
    await this.#allEnded.promise
  }

  readonly #ended = (): void => {
    this.#count--
    this.#oneEnded?.resolve()
    this.#oneEnded = undefined
    if (this.#count > 0) return
    this.#allEnded?.resolve()
    this.#allEnded = undefined
  }
}
