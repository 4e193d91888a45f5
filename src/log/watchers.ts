// Who wants to know that a log moved.

export class Watchers {
  readonly #listeners = new Set<() => void>()

  /** Gives the function that takes the listener away again. */
  add(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  notify(): void {
    for (const listener of this.#listeners) listener()
  }
}
