// What waits under an xid. An xid is a number of 32 bits (RFC 5531, section 9); here the first is given, and each is one more
// than the one before.

import { RisingMap } from '../../collections/index.ts'

const XIDS = 2 ** 32

export class Xids<T> {
  readonly #first: number
  /** By how many xids were given before. */
  readonly #waiting = new RisingMap<T>()
  #given = 0

  constructor(first: number) {
    this.#first = first
  }

  get size(): number {
    return this.#waiting.size
  }

  /** An xid under which nothing waits. */
  next(): number {
    do this.#given++
    while (this.#waiting.get(this.#given - XIDS) !== undefined)
    return (this.#first + this.#given) % XIDS
  }

  /** Under the xid that was given last. */
  add(value: T): void {
    this.#waiting.add(this.#given, value)
  }

  /** Takes out what waits under an xid; undefined when nothing does. */
  take(xid: number): T | undefined {
    const before = (this.#first + this.#given - xid) % XIDS
    const number = this.#given - ((before + XIDS) % XIDS)
    return this.#waiting.delete(number) ?? this.#waiting.delete(number - XIDS)
  }

  /** In the order in which they were added. What is taken meanwhile is left out. */
  values(): Iterable<T> {
    return this.#waiting.values()
  }
}
