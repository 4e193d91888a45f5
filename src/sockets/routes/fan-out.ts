// Fan-out: each message goes to every peer, or to those that a subscription says; a peer without room loses it, the others
// don't wait for it (ZeroMQ: PUB, XPUB, RADIO; nanomsg: PUB, BUS, SURVEYOR).

import type { Outlet } from './peer.ts'

export class FanOut<M, P extends Outlet<M> = Outlet<M>> {
  readonly #peers = new Set<P>()
  #dropped = 0

  get peers(): ReadonlySet<P> {
    return this.#peers
  }
  /** Copies that found no room. */
  get dropped(): number {
    return this.#dropped
  }

  /** Idempotent. */
  add(peer: P): void {
    this.#peers.add(peer)
  }

  /** Idempotent. */
  remove(peer: P): void {
    this.#peers.delete(peer)
  }

  /** Offers the message to all of `to`, and says how many took it. */
  send(message: M, to: Iterable<P> = this.#peers): number {
    let taken = 0
    for (const peer of to) {
      if (peer.offer(message)) taken++
      else this.#dropped++
    }
    return taken
  }
}
