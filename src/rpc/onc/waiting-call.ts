// A call that was sent and waits for its answer.

import { type Deferred, deferred } from '../../flow/index.ts'
import type { Timer } from '../../world/index.ts'
import { Due } from '../engine/deadlines.ts'
import type { Procedure } from '../program.ts'
import { OncError } from './errors.ts'

export interface WaitingCallParts {
  readonly xid: number
  /** For messages of errors. */
  readonly title: string
  readonly procedure: Procedure
  /** Kept to be sent again over another connection. */
  readonly record: readonly Buffer[] | undefined
  readonly keptBytes: number
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  /** The caller gives up: an answer is not waited for any more. */
  readonly abandoned: (call: WaitingCall) => void
}

/** Comes due when its time is over. */
export class WaitingCall extends Due {
  readonly parts: WaitingCallParts
  /** Sends it again until it is settled. */
  resending: Timer | undefined
  readonly #answer: Deferred<unknown> = deferred()
  readonly #aborted: (() => void) | undefined

  constructor(parts: WaitingCallParts) {
    super()
    this.parts = parts
    const { signal } = parts
    if (signal === undefined) return
    this.#aborted = () => this.#giveUp(signal.reason)
    signal.addEventListener('abort', this.#aborted, { once: true })
  }

  get promise(): Promise<unknown> {
    return this.#answer.promise
  }

  resolve(value: unknown): void {
    this.#settled()
    this.#answer.resolve(value)
  }

  reject(reason: unknown): void {
    this.#settled()
    this.#answer.reject(reason)
  }

  override due(): void {
    const { title, timeoutMs } = this.parts
    this.#giveUp(new OncError('RPC_TIMEOUT', `${title}, after ${timeoutMs} ms`))
  }

  #giveUp(reason: unknown): void {
    this.parts.abandoned(this)
    this.reject(reason)
  }

  #settled(): void {
    this.disarm()
    this.resending?.cancel()
    if (this.#aborted !== undefined) this.parts.signal?.removeEventListener('abort', this.#aborted)
  }
}
