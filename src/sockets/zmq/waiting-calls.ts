// Sends that wait for room, or receives that wait for a message: answered in the order in which they came. As long as one
// waits, the process goes on.

import { Fifo } from '../../collections/index.ts'
import type { Timer, World } from '../../world/index.ts'
import { hold, release } from '../../world/keep-alive.ts'
import { ZmqError } from './errors.ts'
import { zmqLimits } from './limits.ts'

/** There is no answer yet: the call waits on. */
export const notYet = Symbol('not yet')

interface Call<D, T> {
  readonly details: D
  readonly resolve: (value: T) => void
  readonly reject: (error: Error) => void
  timer: Timer | undefined
}

export class WaitingCalls<D, T> {
  readonly #world: World
  readonly #doing: 'reading' | 'writing'
  readonly #calls = new Fifo<Call<D, T>>()

  constructor(world: World, doing: 'reading' | 'writing') {
    this.#world = world
    this.#doing = doing
  }

  get size(): number {
    return this.#calls.size
  }

  /** Waits for an answer, `timeoutMs` at most, -1 for ever. Errors: EAGAIN when it is over, EBUSY when too many wait. */
  wait(details: D, timeoutMs: number): Promise<T> {
    if (timeoutMs === 0) throw new ZmqError('EAGAIN')
    if (this.size >= zmqLimits.waitingCallsMax)
      throw new ZmqError('EBUSY', { text: `Socket is busy ${this.#doing}; ${this.size} calls are waiting` })
    return new Promise((resolve, reject) => {
      const call: Call<D, T> = { details, resolve, reject, timer: undefined }
      if (timeoutMs > 0) call.timer = this.#world.after(timeoutMs, () => this.#giveUp(call))
      this.#calls.push(call)
      hold()
    })
  }

  /** Answers one call after the other until `answer` says `notYet`; true when none waits any more. */
  serve(answer: (details: D) => T | typeof notYet): boolean {
    for (let call = this.#calls.peek(); call !== undefined; call = this.#calls.peek()) {
      try {
        const value = answer(call.details)
        if (value === notYet) return false
        call.resolve(value)
      } catch (error) {
        call.reject(asError(error))
      }
      this.#settled(call)
    }
    return true
  }

  /** All hear EAGAIN, as when their time is over. */
  giveUpAll(): void {
    for (let call = this.#calls.peek(); call !== undefined; call = this.#calls.peek()) {
      this.#giveUp(call)
    }
  }

  #giveUp(call: Call<D, T>): void {
    if (this.#settled(call)) call.reject(new ZmqError('EAGAIN'))
  }

  /** It does not wait any more. False when it had been settled: an answer can let others be served in the midst of it. */
  #settled(call: Call<D, T>): boolean {
    const { size } = this
    if (call === this.#calls.peek()) this.#calls.shift()
    else this.#calls.keep(other => other !== call)
    if (this.size === size) return false
    call.timer?.cancel()
    release()
    return true
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
