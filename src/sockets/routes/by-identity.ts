// By identity: each message names the peer that gets it (ZeroMQ: ROUTER, SERVER, STREAM, PEER; nanomsg: REP, RESPONDENT,
// PAIR1). Keys are strings or numbers, for a Map compares those by value; `identityKey` makes one of bytes.

export class ByIdentity<P, K extends string | number = string> {
  readonly #peers = new Map<K, P>()

  get size(): number {
    return this.#peers.size
  }

  has(key: K): boolean {
    return this.#peers.has(key)
  }

  get(key: K): P | undefined {
    return this.#peers.get(key)
  }

  /** Enters the peer, and gives back whom it has replaced. */
  set(key: K, peer: P): P | undefined {
    const before = this.#peers.get(key)
    this.#peers.set(key, peer)
    return before
  }

  /** Takes the peer out, unless the key belongs to another one by now. Idempotent. */
  remove(key: K, peer: P): void {
    if (this.#peers.get(key) === peer) this.#peers.delete(key)
  }
}

/** The key of an identity in bytes; different bytes, different key. */
export function identityKey(identity: Buffer): string {
  return identity.toString('latin1')
}
