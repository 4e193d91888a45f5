// A set of destinations that counts: one destination may be bound several times, and stays until the last of these
// bindings goes. Most sets have one destination; it lies in a field, because an exchange may have a hundred thousand
// of them and a Map each would be most of its memory.

import type { Collector } from './router.ts'

export class Destinations<D> {
  #only: D | undefined
  #onlyCount = 0
  /** Everything, once there are two. */
  #counts: Map<D, number> | undefined

  /** Number of different destinations. */
  get size(): number {
    return this.#counts?.size ?? (this.#onlyCount === 0 ? 0 : 1)
  }

  has(to: D): boolean {
    return this.#counts?.has(to) ?? (this.#onlyCount > 0 && this.#only === to)
  }

  /** Whether it is the first binding of this destination. */
  add(to: D): boolean {
    if (this.#counts === undefined) {
      if (this.#onlyCount === 0) this.#only = to
      if (this.#only === to) return this.#onlyCount++ === 0
      this.#counts = new Map([[this.#only as D, this.#onlyCount]])
    }
    const count = this.#counts.get(to) ?? 0
    this.#counts.set(to, count + 1)
    return count === 0
  }

  /** Whether it was the last binding of this destination. */
  remove(to: D): boolean {
    if (!this.has(to)) return false
    if (this.#counts === undefined) {
      if (--this.#onlyCount > 0) return false
      this.#only = undefined
      return true
    }
    const count = this.#counts.get(to) ?? 0
    if (count === 1) return this.#counts.delete(to)
    this.#counts.set(to, count - 1)
    return false
  }

  gather(into: Collector<D>): void {
    if (this.#counts !== undefined) for (const to of this.#counts.keys()) into.add(to)
    else if (this.#onlyCount > 0) into.add(this.#only as D)
  }
}
