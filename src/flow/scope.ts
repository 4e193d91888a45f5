// Ownership: who starts something hands it to a scope, and when the scope ends, all that is left in it ends with it.
//
//   open --close--> closing (children finish) --all closed--> ended
//   open or closing --abort--> ended (children are aborted)

/** Whatever can end in the two ways of the house. Both are idempotent. */
export interface Ending {
  /** Finishes accepted work, then ends. */
  close(): Promise<void> | void
  /** Ends now. */
  abort(reason?: Error): void
}

type State =
  | { readonly at: 'open' }
  | { readonly at: 'closing'; readonly done: Promise<void> }
  | { readonly at: 'aborted'; readonly reason: Error }

export class Scope implements Ending, AsyncDisposable {
  readonly #children = new Set<Ending>()
  readonly #controller = new AbortController()
  #state: State = { at: 'open' }

  /** Aborts when the scope begins to close or is aborted: for loops that should begin nothing new. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }
  /** Children that have not been released. */
  get size(): number {
    return this.#children.size
  }

  /** Takes the child in and gives it back. One that comes after the end is aborted at once. */
  own<T extends Ending>(child: T): T {
    if (this.#state.at === 'open') this.#children.add(child)
    else child.abort(this.#state.at === 'aborted' ? this.#state.reason : ended())
    return child
  }

  /** The child has ended by itself, or belongs to somebody else now. */
  release(child: Ending): void {
    this.#children.delete(child)
  }

  /** Closes all children at the same time. Rejects with what the first of them failed with, after all are done. */
  close(): Promise<void> {
    if (this.#state.at === 'closing') return this.#state.done
    if (this.#state.at === 'aborted') return Promise.resolve()
    const done = this.#closeAll()
    this.#state = { at: 'closing', done }
    this.#controller.abort(ended())
    return done
  }

  async #closeAll(): Promise<void> {
    const outcomes = await Promise.allSettled([...this.#children].map(async child => child.close()))
    this.#children.clear()
    const failed = outcomes.find(outcome => outcome.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  /** Aborts all children, also while they close. */
  abort(reason: Error = ended()): void {
    if (this.#state.at === 'aborted') return
    this.#state = { at: 'aborted', reason }
    this.#controller.abort(reason)
    for (const child of this.#children) child.abort(reason)
    this.#children.clear()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function ended(): Error {
  return new DOMException('the scope has ended', 'AbortError')
}
