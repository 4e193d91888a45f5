// First in, first out, in constant time: a ring that doubles when it is full and keeps its room while it is small, so that
// a queue through which one message after another goes makes no garbage. It has no bound of its own: whoever fills it asks
// `size` first.

/** Slots: a power of two, as all lengths of the ring are. */
const SLOTS_MIN = 16
/** A ring of more than so many slots is given back when the last item has left. */
const SLOTS_KEPT = 1024

export class Fifo<T> {
  #ring: (T | undefined)[] = []
  #head = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  push(item: T): void {
    if (this.#size === this.#ring.length) this.#grow()
    this.#ring[(this.#head + this.#size++) & (this.#ring.length - 1)] = item
  }

  /** The first, which stays. */
  peek(): T | undefined {
    return this.#ring[this.#head]
  }

  shift(): T | undefined {
    if (this.#size === 0) return undefined
    const item = this.#ring[this.#head]
    this.#ring[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#ring.length - 1)
    if (--this.#size === 0 && this.#ring.length > SLOTS_KEPT) this.clear()
    return item
  }

  /** Keeps those that pass, in order. */
  keep(passes: (item: T) => boolean): void {
    const kept = this.#inOrder().filter(passes)
    this.clear()
    for (const item of kept) this.push(item)
  }

  clear(): void {
    this.#ring = []
    this.#head = 0
    this.#size = 0
  }

  #inOrder(): T[] {
    const items = [...this.#ring.slice(this.#head), ...this.#ring.slice(0, this.#head)]
    return items.slice(0, this.#size) as T[]
  }

  #grow(): void {
    const items: (T | undefined)[] = this.#inOrder()
    const slots = Math.max(SLOTS_MIN, items.length * 2)
    while (items.length < slots) items.push(undefined)
    this.#ring = items
    this.#head = 0
  }
}
