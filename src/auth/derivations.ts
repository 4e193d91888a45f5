// A bound on slow password derivations. They run on Node's pool threads, which the disk needs too: without a bound a
// flood of PLAIN logins would hold up every flush. Two run at a time, a limited number wait, the rest are refused.

import { AuthError } from './errors.ts'
import { DERIVATIONS_RUNNING_MAX, DERIVATIONS_WAITING_MAX } from './limits.ts'
import { type ScramName, saltedPassword } from './sasl/scram-keys.ts'

/** Runs derivations, a few at a time, in the order in which they were asked for. */
export class Derivations {
  readonly #runningMax: number
  readonly #waitingMax: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor({
    runningMax = DERIVATIONS_RUNNING_MAX,
    waitingMax = DERIVATIONS_WAITING_MAX,
  }: { readonly runningMax?: number; readonly waitingMax?: number } = {}) {
    this.#runningMax = runningMax
    this.#waitingMax = waitingMax
  }

  /** Derivations that wait for their turn. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** The salted password. Rejects with AUTH_BUSY when too many are waiting already. */
  readonly derive = async (
    mechanism: ScramName,
    password: string,
    salt: Buffer,
    iterations: number,
  ): Promise<Buffer> => {
    await this.#turn()
    try {
      return await saltedPassword(mechanism, password, salt, iterations)
    } finally {
      this.#next()
    }
  }

  async #turn(): Promise<void> {
    if (this.#running < this.#runningMax) {
      this.#running++
      return
    }
    if (this.#waiting.length >= this.#waitingMax) {
      const limit = this.#waitingMax
      throw new AuthError('AUTH_BUSY', `${limit} password checks are waiting already`, { limit })
    }
    await new Promise<void>(resolve => this.#waiting.push(resolve))
  }

  /** A finished derivation hands its place to the first that waits, or gives it back. */
  #next(): void {
    const first = this.#waiting.shift()
    if (first === undefined) this.#running--
    else first()
  }
}
