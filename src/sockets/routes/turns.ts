// Peers that take turns, as far as they are active. What fair-queueing and load-balancing have in common: a ring from which
// an idle peer is taken until it is woken, so that ten thousand idle peers cost nothing.

export class Turns<P> {
  readonly #members = new Set<P>()
  readonly #isActive = new Set<P>()
  readonly #ring: P[] = []
  #at = 0

  /** All members, in the order of their arrival. */
  get members(): ReadonlySet<P> {
    return this.#members
  }
  get hasActive(): boolean {
    return this.#ring.length > 0
  }
  /** One member is active: an owner that asks it in vain now and then need not put it to rest. */
  get isAlone(): boolean {
    return this.#ring.length === 1
  }
  /** Whose turn it is; undefined when nobody is active. */
  get current(): P | undefined {
    return this.#ring[this.#at]
  }

  /** A new member is active. Idempotent. */
  add(peer: P): void {
    this.#members.add(peer)
    this.wake(peer)
  }

  /** Idempotent. */
  remove(peer: P): void {
    this.#members.delete(peer)
    this.rest(peer)
  }

  /** A member takes part again. Idempotent; strangers are ignored. */
  wake(peer: P): void {
    if (this.#isActive.has(peer) || !this.#members.has(peer)) return
    this.#isActive.add(peer)
    this.#ring.push(peer)
  }

  /** The peer takes no part until it is woken; the turn goes to the next. Idempotent. */
  rest(peer: P): void {
    if (!this.#isActive.delete(peer)) return
    if (this.#ring.length === 1) {
      this.#ring.pop()
      this.#at = 0
      return
    }
    const at = this.#ring.indexOf(peer)
    this.#ring.splice(at, 1)
    if (at < this.#at) this.#at--
    if (this.#at >= this.#ring.length) this.#at = 0
  }

  /** The turn goes to the next. */
  next(): void {
    this.#at = this.#at + 1 < this.#ring.length ? this.#at + 1 : 0
  }
}
