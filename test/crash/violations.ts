// What was promised and not kept.

/** More than these are counted, and not printed. */
const PRINTED_MAX = 20

export class Violations {
  #count = 0

  get count(): number {
    return this.#count
  }

  add(text: string): void {
    this.#count++
    if (this.#count <= PRINTED_MAX) console.log(`VIOLATION ${text}`)
  }
}
