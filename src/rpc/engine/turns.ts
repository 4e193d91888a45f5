// Calls that wait for their turn, or for what another call gives: bounded together, in number and in bytes.

import { CallError } from './errors.ts'
import type { IncomingCall } from './incoming.ts'

export interface TurnsLimits {
  readonly waitingMax: number
  readonly waitingBytesMax: number
}

export class Turns implements Iterable<IncomingCall> {
  readonly #limits: TurnsLimits
  /** In the order in which they came. */
  readonly #queue = new Set<IncomingCall>()
  #held = 0
  #bytes = 0

  constructor(limits: TurnsLimits) {
    this.#limits = limits
  }

  /** Calls that wait for their turn. */
  get size(): number {
    return this.#queue.size
  }

  [Symbol.iterator](): IterableIterator<IncomingCall> {
    return this.#queue.values()
  }

  /** The call is kept, and its bytes are. Errors: CallError CALL_TOO_MANY. */
  hold(call: IncomingCall, bytes: number): void {
    const { waitingMax, waitingBytesMax } = this.#limits
    if (this.#held >= waitingMax || this.#bytes + bytes > waitingBytesMax)
      throw new CallError('CALL_TOO_MANY', `${this.#held} calls wait their turn`)
    call.bytes = bytes
    this.#held++
    this.#bytes += bytes
  }

  /** It is not kept any more. Gives how many bytes it was. */
  letGo(call: IncomingCall): number {
    const { bytes } = call
    this.#held--
    this.#bytes -= bytes
    return bytes
  }

  /** As `hold`, and it gets its turn. */
  add(call: IncomingCall, bytes: number): void {
    this.hold(call, bytes)
    this.#queue.add(call)
  }

  /** Its turn has come. Gives how many bytes it was. */
  take(call: IncomingCall): number {
    this.#queue.delete(call)
    return this.letGo(call)
  }

  /** Its turn will not come. Nothing, when it has none. */
  leave(call: IncomingCall): void {
    if (this.#queue.delete(call)) this.letGo(call)
  }
}
