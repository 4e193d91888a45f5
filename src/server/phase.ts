// Where a server is in its life, for health checks.
//
//   starting ──> ready ──> draining ──> (ended)
//       └──────────┴─────────┴──> failed: the store can promise nothing any more

export type Phase =
  | { readonly at: 'starting' }
  | { readonly at: 'ready' }
  | { readonly at: 'draining' }
  | { readonly at: 'failed'; readonly reason: Error }

/** The phase, held by the server and asked by its health checks. */
export class Life {
  #phase: Phase = { at: 'starting' }

  get phase(): Phase {
    return this.#phase
  }

  /** From starting only: a store may fail before everything is open. */
  ready(): void {
    if (this.#phase.at === 'starting') this.#phase = { at: 'ready' }
  }

  draining(): void {
    if (this.#phase.at !== 'failed') this.#phase = { at: 'draining' }
  }

  failed(reason: Error): void {
    this.#phase = { at: 'failed', reason }
  }
}
