// Who wants to know that a log moved.

/** Costs next to nothing as long as nobody listens: most of a hundred thousand logs are idle. */
export class Watchers {
  /** The first listener: most logs that have one have no other. */
  #only: (() => void) | undefined
  #others: Set<() => void> | undefined

  /** Gives the function that takes the listener away again. */
  add(listener: () => void): () => void {
    if (this.#only === undefined) this.#only = listener
    else {
      this.#others ??= new Set()
      this.#others.add(listener)
    }
    return () => {
      if (this.#only === listener) this.#only = undefined
      else this.#others?.delete(listener)
    }
  }

  notify(): void {
    this.#only?.()
    if (this.#others !== undefined) for (const listener of this.#others) listener()
  }
}
