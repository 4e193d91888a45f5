// Where the last routing keys led: publishers repeat their keys, and walking a large trie costs some twenty cache misses
// a message, looking up a whole key a handful. Bounded in keys and in destinations; all forgotten with every change of
// the bindings. It holds as many keys as there are patterns, within limits: a small trie is walked about as fast as a
// large table is looked up, and what stands before a trie is not to be larger than the trie. Where keys do not repeat,
// remembering costs more than it saves: it then rests for a while.

/** Keys that are remembered before few patterns, and before many. Keys have at most 255 bytes. */
export const RECENT_KEYS_MIN = 4096
export const RECENT_KEYS_MAX = 65_536
/** A key that leads to more destinations than this is not remembered: sending to them costs far more. */
const DESTINATIONS_MAX = 16
/** Messages for which nothing is remembered after it did not pay: so many times the keys that it holds. */
const REST = 16

export class RecentRoutes<D> {
  readonly #routes = new Map<string, readonly D[]>()
  #keysMax = RECENT_KEYS_MIN
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
    if (this.#routes.size >= this.#keysMax) {
      if (this.#hits < this.#keysMax) this.#resting = REST * this.#keysMax
      this.#clear()
    }
    this.#routes.set(routingKey, destinations)
  }

  /** The bindings changed: there are so many patterns now. */
  reset(patterns: number): void {
    this.#keysMax = Math.min(Math.max(RECENT_KEYS_MIN, patterns), RECENT_KEYS_MAX)
    if (this.#routes.size > 0) this.#clear()
  }

  #clear(): void {
    this.#routes.clear()
    this.#hits = 0
  }
}
