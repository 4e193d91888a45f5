// What waits under numbers that only rise: delivery tags, ids of requests. A ring holds the numbers of late; the few that
// outlive many others move aside, so that one straggler does not stretch it.

/** Slots: a power of two, as all lengths of the ring are. */
const SLOTS_MIN = 16
/** A ring of more than so many slots is given back when it is empty. */
const SLOTS_KEPT = 1024
/** A ring has fewer slots than so many times what is in it: otherwise the oldest move aside. */
const SPARSE = 4

export class RisingMap<T> {
  #ring: (T | undefined)[] = []
  /** What is older than the ring, in order. */
  #stragglers: Map<number, T> | undefined
  /** The first number for which the ring has a slot, and the one after the last that was added. */
  #from = 0
  #end = 0
  #inRing = 0

  get size(): number {
    return this.#inRing + (this.#stragglers?.size ?? 0)
  }

  /** The value under the lowest number. */
  get first(): T | undefined {
    const straggler = this.#stragglers?.values().next()
    if (straggler?.done === false) return straggler.value
    if (this.#inRing === 0) return undefined
    const mask = this.#ring.length - 1
    while (this.#ring[this.#from & mask] === undefined) this.#from++
    return this.#ring[this.#from & mask]
  }

  /** Adds a value under a number that is larger than all before it. */
  add(number: number, value: T): void {
    if (this.#inRing === 0) this.#from = this.#end = number
    if (number - this.#from >= this.#ring.length) this.#makeRoom(number)
    this.#ring[number & (this.#ring.length - 1)] = value
    this.#end = number + 1
    this.#inRing++
  }

  get(number: number): T | undefined {
    if (number < this.#from) return this.#stragglers?.get(number)
    return number < this.#end && this.#inRing > 0 ? this.#ring[number & (this.#ring.length - 1)] : undefined
  }

  /** Takes the value out; undefined when there is none. */
  delete(number: number): T | undefined {
    const value = this.get(number)
    if (value === undefined) return undefined
    if (number < this.#from) this.#stragglers?.delete(number)
    else {
      this.#ring[number & (this.#ring.length - 1)] = undefined
      if (--this.#inRing === 0 && this.#ring.length > SLOTS_KEPT) this.#ring = []
    }
    return value
  }

  clear(): void {
    this.#ring = []
    this.#stragglers = undefined
    this.#inRing = 0
  }

  /** In the order of the numbers. What is deleted meanwhile is left out; nothing may be added. */
  *values(): Generator<T, undefined> {
    if (this.#stragglers !== undefined) yield* this.#stragglers.values()
    for (let left = this.#inRing, at = this.#from; left > 0 && at < this.#end; at++) {
      const value = this.#ring[at & (this.#ring.length - 1)]
      if (value === undefined) continue
      left--
      yield value
    }
  }

  /** The ring is to have a slot for `number`: it begins later, or stragglers leave it, or it becomes larger. */
  #makeRoom(number: number): void {
    const { length } = this.#ring
    while (this.#from < this.#end && this.#ring[this.#from & (length - 1)] === undefined) this.#from++
    const slots = number - this.#from + 1
    if (slots > Math.max(SLOTS_MIN, SPARSE * (this.#inRing + 1))) this.#moveAside(number - length / 2)
    if (number - this.#from >= length) this.#grow(number)
  }

  /** Values of numbers below `from` leave the ring. */
  #moveAside(from: number): void {
    const mask = this.#ring.length - 1
    this.#stragglers ??= new Map()
    for (; this.#from < from && this.#from < this.#end; this.#from++) {
      const value = this.#ring[this.#from & mask]
      if (value === undefined) continue
      this.#stragglers.set(this.#from, value)
      this.#ring[this.#from & mask] = undefined
      this.#inRing--
    }
    if (this.#inRing === 0) this.#from = Math.max(this.#from, from)
  }

  #grow(number: number): void {
    let slots = Math.max(SLOTS_MIN, this.#ring.length)
    while (number - this.#from >= slots) slots *= 2
    const ring: (T | undefined)[] = Array.from({ length: slots }, () => undefined)
    for (let at = this.#from; at < this.#end; at++)
      ring[at & (slots - 1)] = this.#ring[at & (this.#ring.length - 1)]
    this.#ring = ring
  }
}
