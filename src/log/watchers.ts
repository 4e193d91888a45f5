// Who wants to know that a log moved.

/** Costs next to nothing as long as nobody listens: most of a hundred thousand logs are idle. */
export class Watchers {
  #listeners: Set<() => void> | undefined

  /** Gives the function that takes the listener away again. */
  add(listener: () => void): () => void {
    this.#listeners ??= new Set()
    this.#listeners.add(listener)
    return () => this.#listeners?.delete(listener)
  }

  notify(): void {
    for (const listener of this.#listeners ?? []) listener()
  }
}
