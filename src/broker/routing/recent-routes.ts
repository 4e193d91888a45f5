// Where the last routing keys led: publishers repeat their keys, and walking a large trie costs a cache miss or two a
// node. Bounded in keys and in destinations; all forgotten with every change of the bindings. Where keys do not
// repeat, remembering costs more than it saves: it then rests for a while.

/** Keys that are remembered. */
export const RECENT_KEYS_MAX = 4096
/** A key that leads to more destinations than this is not remembered: sending to them costs far more. */
const DESTINATIONS_MAX = 16
/** Messages for which nothing is remembered after it did not pay. */
const REST_MESSAGES = 16 * RECENT_KEYS_MAX

export class RecentRoutes<D> {
  readonly #routes = new Map<string, readonly D[]>()
  #hits = 0
  #resting = 0

  get(routingKey: string): readonly D[] | undefined {
    if (this.#resting > 0) {
      this.#resting--
      return undefined
    }
    const found = this.#routes.get(routingKey)
    if (found !== undefined) this.#hits++
    return found
  }

  /** Whether what `get` did not find is worth telling to `put`. */
  get awake(): boolean {
    return this.#resting === 0
  }

  put(routingKey: string, destinations: readonly D[]): void {
    if (destinations.length > DESTINATIONS_MAX) return
    if (this.#routes.size >= RECENT_KEYS_MAX) {
      if (this.#hits < RECENT_KEYS_MAX) this.#resting = REST_MESSAGES
      this.clear()
    }
    this.#routes.set(routingKey, destinations)
  }

  clear(): void {
    this.#routes.clear()
    this.#hits = 0
  }
}
