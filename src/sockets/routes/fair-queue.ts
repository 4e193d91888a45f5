// Fair-queueing: messages are taken from the peers by turns, one each, so that a loud peer does not drown a quiet one
// (ZeroMQ: PULL, DEALER, ROUTER, SUB; nanomsg: PULL, REP).

import type { Inlet } from './peer.ts'
import { Turns } from './turns.ts'

export class FairQueue<M, P extends Inlet<M> = Inlet<M>> {
  readonly #turns = new Turns<P>()
  #last: P | undefined

  get peers(): ReadonlySet<P> {
    return this.#turns.members
  }
  /** Where the message that was taken last came from. */
  get last(): P | undefined {
    return this.#last
  }

  /** Idempotent. */
  add(peer: P): void {
    this.#turns.add(peer)
  }

  /** What it still had is not taken any more. Idempotent. */
  remove(peer: P): void {
    this.#turns.remove(peer)
    if (this.#last === peer) this.#last = undefined
  }

  /** The peer has something that can be taken. */
  wake(peer: P): void {
    this.#turns.wake(peer)
  }

  /** The next message, or undefined when no peer has one. */
  take(): M | undefined {
    for (let peer = this.#turns.current; peer !== undefined; peer = this.#turns.current) {
      const message = peer.take()
      if (message !== undefined) {
        this.#last = peer
        this.#turns.next()
        return message
      }
      // The one peer of a socket would come and go with every message.
      if (this.#turns.isAlone) return undefined
      this.#turns.rest(peer)
    }
    return undefined
  }
}
