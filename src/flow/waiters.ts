// Those who wait for one condition. Gate and BoundedQueue are built of it. All are woken together, in the order in which
// they came; each looks again and waits anew if another was faster, so that no wake-up is lost when one gives up.
// There is one entry for each pending call, gone when the call is: whoever calls bounds them.

import { deferred } from './deferred.ts'

export class Waiters {
  #waiting: (() => void)[] = []

  /** Resolves at the next `wake`. Rejects with the signal's reason when that comes first. */
  wait(signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = deferred()
    if (signal === undefined) {
      this.#waiting.push(resolve)
      return promise
    }
    const abort = (): void => {
      this.#waiting = this.#waiting.filter(other => other !== wake)
      reject(signal.reason)
    }
    const wake = (): void => {
      signal.removeEventListener('abort', abort)
      resolve()
    }
    if (signal.aborted) reject(signal.reason)
    else {
      signal.addEventListener('abort', abort, { once: true })
      this.#waiting.push(wake)
    }
    return promise
  }

  /** Wakes all who wait. */
  wake(): void {
    if (this.#waiting.length === 0) return
    const woken = this.#waiting
    this.#waiting = []
    for (const one of woken) one()
  }
}
