// What of a share partition is in flight: offsets that were given out once and are not settled, as runs of neighbours in
// the same state, ascending and apart. Runs are replaced and never changed, and neighbours that became alike are one run
// again, so that memory follows the number of different states and not that of the records.

import type { Offset } from '../../log/index.ts'

/** `[from, to)`. */
export interface Run {
  readonly from: Offset
  readonly to: Offset
  /** How often its offsets were delivered and counted. */
  readonly count: number
  /** The member that has them; undefined when anybody may. */
  readonly holder: string | undefined
  /** When they come back by themselves, ms since 1970; Infinity when nobody has them. */
  readonly until: number
}

export class Runs implements Iterable<Run> {
  #list: Run[] = []
  #offsets = 0
  #available = 0

  /** Offsets in all runs. */
  get offsets(): number {
    return this.#offsets
  }
  /** Offsets that nobody has. */
  get available(): number {
    return this.#available
  }
  /** The first offset that nobody has. */
  get firstAvailable(): Offset | undefined {
    return this.#available === 0 ? undefined : this.#list.find(one => one.holder === undefined)?.from
  }
  /** When the first of them comes back; Infinity when none does. */
  get nextDue(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { until } of this.#list) if (until < next) next = until
    return next
  }

  [Symbol.iterator](): Iterator<Run> {
    return this.#list[Symbol.iterator]()
  }

  /** Adds a run behind all others; an empty one is nothing. */
  push(run: Run): void {
    if (run.to <= run.from) return
    this.#count(run, 1)
    const last = this.#list.at(-1)
    if (last !== undefined && isOne(last, run)) this.#list[this.#list.length - 1] = { ...last, to: run.to }
    else this.#list.push(run)
  }

  /** What of the runs lies in `[from, to)`, cut to it. */
  within(from: Offset, to: Offset): Run[] {
    const pieces: Run[] = []
    for (let at = this.#firstEndingAbove(from); at < this.#list.length; at++) {
      const run = this.#list[at] as Run
      if (run.from >= to) break
      pieces.push(cut(run, Math.max(from, run.from), Math.min(to, run.to)))
    }
    return pieces
  }

  /** Every piece in `[from, to)` becomes what `change` makes of it: undefined takes it out. The same object stays. */
  replace(from: Offset, to: Offset, change: (piece: Run) => Run | undefined): void {
    const first = this.#firstEndingAbove(from)
    let end = first
    const made: Run[] = []
    for (; end < this.#list.length; end++) {
      const run = this.#list[end] as Run
      if (run.from >= to) break
      this.#count(run, -1)
      const piece = cut(run, Math.max(from, run.from), Math.min(to, run.to))
      const next = change(piece)
      for (const one of [cut(run, run.from, piece.from), next, cut(run, piece.to, run.to)])
        if (one !== undefined && one.to > one.from) {
          made.push(one)
          this.#count(one, 1)
        }
    }
    if (end > first) this.#splice(first, end, made)
  }

  /** Puts `made` in the place of the runs `[first, end)`, joined with each other and with what stands beside them. */
  #splice(first: number, end: number, made: readonly Run[]): void {
    const before = this.#list[first - 1]
    const after = this.#list[end]
    const joined: Run[] = []
    for (const run of [...(before ? [before] : []), ...made, ...(after ? [after] : [])]) {
      const last = joined.at(-1)
      if (last !== undefined && isOne(last, run)) joined[joined.length - 1] = { ...last, to: run.to }
      else joined.push(run)
    }
    const start = before === undefined ? first : first - 1
    const stop = after === undefined ? end : end + 1
    this.#list.splice(start, stop - start, ...joined)
  }

  #count({ from, to, holder }: Run, sign: 1 | -1): void {
    this.#offsets += sign * (to - from)
    if (holder === undefined) this.#available += sign * (to - from)
  }

  #firstEndingAbove(offset: Offset): number {
    let low = 0
    let high = this.#list.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#list[middle] as Run).to <= offset) low = middle + 1
      else high = middle
    }
    return low
  }
}

function cut(run: Run, from: Offset, to: Offset): Run {
  return run.from === from && run.to === to ? run : { ...run, from, to }
}

function isOne(a: Run, b: Run): boolean {
  return a.to === b.from && a.count === b.count && a.holder === b.holder && a.until === b.until
}
