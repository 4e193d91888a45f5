// Things by small numbers: a number is used again when its thing is gone, so that it takes one byte on the wire and an array
// finds it. Whoever uses it sees to it that nobody speaks of the old thing by then. From 1 on.

export class Slots<T> {
  readonly #things: (T | undefined)[] = [undefined]
  readonly #free: number[] = []
  #size = 0

  /** Things that are there. */
  get size(): number {
    return this.#size
  }

  /** The number that `take` will give. */
  get next(): number {
    return this.#free.at(-1) ?? this.#things.length
  }

  take(thing: T): number {
    const number = this.#free.pop() ?? this.#things.length
    this.#things[number] = thing
    this.#size++
    return number
  }

  get(number: number): T | undefined {
    return this.#things[number]
  }

  /** Gives the thing and frees its number; undefined when there is none. */
  free(number: number): T | undefined {
    const thing = this.#things[number]
    if (thing === undefined) return undefined
    this.#things[number] = undefined
    this.#free.push(number)
    this.#size--
    return thing
  }

  /** Gives all things, and forgets them. */
  clear(): readonly T[] {
    const things = this.#things.filter(thing => thing !== undefined)
    this.#things.length = 1
    this.#free.length = 0
    this.#size = 0
    return things
  }
}
