// How much a receiver has asked for, and how much of that it has had.

export class Credit {
  /** Infinity asks for everything. */
  limit: number
  used = 0
  /** A window is what may be out at once (prefetch): settling gives it back. A grant is used up (link credit). */
  readonly kind: 'window' | 'grant'

  constructor(limit = Number.POSITIVE_INFINITY, kind: 'window' | 'grant' = 'window') {
    this.limit = limit
    this.kind = kind
  }

  /** Whether one more may be given. */
  get isOpen(): boolean {
    return this.used < this.limit
  }
}
