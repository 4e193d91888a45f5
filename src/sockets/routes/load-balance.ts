// Load-balancing: each message goes to one peer, by turns, leaving out those without room (ZeroMQ: PUSH, DEALER, REQ;
// nanomsg: PUSH, REQ). When nobody has room the message is not taken, and the sender waits.

import type { Outlet } from './peer.ts'
import { Turns } from './turns.ts'

export class LoadBalance<M, P extends Outlet<M> = Outlet<M>> {
  readonly #turns = new Turns<P>()
  #last: P | undefined

  get peers(): ReadonlySet<P> {
    return this.#turns.members
  }
  /** Whether a message might be taken now. */
  get hasRoom(): boolean {
    return this.#turns.hasActive
  }
  /** Who got the message that was sent last; undefined when that peer has gone. */
  get last(): P | undefined {
    return this.#last
  }

  /** Idempotent. */
  add(peer: P): void {
    this.#turns.add(peer)
  }

  /** Idempotent. */
  remove(peer: P): void {
    this.#turns.remove(peer)
    if (this.#last === peer) this.#last = undefined
  }

  /** The peer has room again. */
  wake(peer: P): void {
    this.#turns.wake(peer)
  }

  /** Gives the message to the peer whose turn it is, or says false: nobody has room. */
  send(message: M): boolean {
    for (let peer = this.#turns.current; peer !== undefined; peer = this.#turns.current) {
      if (peer.offer(message)) {
        this.#last = peer
        this.#turns.next()
        return true
      }
      this.#turns.rest(peer)
    }
    return false
  }
}
