// What is there under small numbers that are used again when it is gone: calls of a connection, as a peer numbers them. An
// array holds those below a bound, so that a peer with other ideas costs time and not memory.

/** Numbers below have a slot in the array. */
const SLOTS_MAX = 4096

export class SlotMap<T> {
  #slots: (T | undefined)[] = []
  #inSlots = 0
  readonly #others = new Map<number, T>()

  get size(): number {
    return this.#inSlots + this.#others.size
  }

  get(number: number): T | undefined {
    return number < SLOTS_MAX ? this.#slots[number] : this.#others.get(number)
  }

  /** `number` is a whole number, 0 or more. */
  set(number: number, value: T): void {
    if (number >= SLOTS_MAX) {
      this.#others.set(number, value)
      return
    }
    while (this.#slots.length <= number) this.#slots.push(undefined)
    if (this.#slots[number] === undefined) this.#inSlots++
    this.#slots[number] = value
  }

  /** Takes the value out; undefined when there is none. */
  delete(number: number): T | undefined {
    const value = this.get(number)
    if (value === undefined) return undefined
    if (number >= SLOTS_MAX) this.#others.delete(number)
    else {
      this.#slots[number] = undefined
      this.#inSlots--
    }
    return value
  }

  clear(): void {
    this.#slots = []
    this.#inSlots = 0
    this.#others.clear()
  }

  /** All that are there now. */
  values(): readonly T[] {
    return [...this.#slots.filter(value => value !== undefined), ...this.#others.values()]
  }
}
