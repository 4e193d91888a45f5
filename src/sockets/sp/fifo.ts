// First in, first out, in amortised constant time. It has no bound of its own: whoever fills it asks `size` first.

export class Fifo<T> {
  #items: (T | undefined)[] = []
  #head = 0

  get size(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  /** The first, which stays. */
  peek(): T | undefined {
    return this.#items[this.#head]
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head++] = undefined
    if (this.#head === this.#items.length) this.clear()
    else if (this.#head >= SLACK && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  /** Keeps those that pass, in order. */
  keep(passes: (item: T) => boolean): void {
    this.#items = this.#items.slice(this.#head).filter(item => passes(item as T))
    this.#head = 0
  }

  clear(): void {
    this.#items = []
    this.#head = 0
  }
}

/** Empty slots in front before the array is moved together. */
const SLACK = 1024
