// Where batches lie in a segment: an entry for about every SPACING bytes, so that a look-up walks few headers. Kept in
// memory only; a segment whose index is not there is walked once.

import type { Offset } from '../log.ts'

/** Bytes of batches between two entries, at least. */
const SPACING = 32 * 1024

export class SparseIndex {
  readonly #offsets: Offset[] = []
  readonly #positions: number[] = []
  /** Largest timestamp of all batches before the entry. */
  readonly #timesBefore: number[] = []
  #maxTimestamp = -1
  /** Where entries begin that lie behind damage. */
  #damaged: number[] | undefined
  #lastPosition = Number.NEGATIVE_INFINITY

  /** Takes the next batch of the segment; with an entry of its own when what lies before it cannot be walked. */
  add(base: Offset, position: number, maxTimestamp: number, afterDamage = false): void {
    if (afterDamage || position - this.#lastPosition >= SPACING) {
      this.#offsets.push(base)
      this.#positions.push(position)
      this.#timesBefore.push(this.#maxTimestamp)
      this.#lastPosition = position
      if (afterDamage) this.#damaged = [...(this.#damaged ?? []), position]
    }
    if (maxTimestamp > this.#maxTimestamp) this.#maxTimestamp = maxTimestamp
  }

  /** A position at or before the batch that holds `offset`. */
  positionOf(offset: Offset): number {
    return this.#positions[lastIndex(this.#offsets, one => one <= offset)] ?? 0
  }

  /** The position of the batch that begins with `offset`, if that has an entry. */
  exactPositionOf(offset: Offset): number | undefined {
    const at = lastIndex(this.#offsets, one => one <= offset)
    return this.#offsets[at] === offset ? this.#positions[at] : undefined
  }

  /** The last batch with an entry to which batches lead from `from` on without damage, at or before both bounds. */
  lastEntry(
    from: number,
    to: number,
    limit: Offset,
  ): { readonly position: number; readonly base: Offset } | undefined {
    const damaged = this.#damaged?.find(one => one > from) ?? Number.POSITIVE_INFINITY
    const at = Math.min(
      lastIndex(this.#positions, one => one <= to && one < damaged),
      lastIndex(this.#offsets, one => one <= limit),
    )
    const [position, base] = [this.#positions[at], this.#offsets[at]]
    return position === undefined || base === undefined ? undefined : { position, base }
  }

  /** A position at or before the first batch with a timestamp of at least `timestampMs`. */
  positionOfTime(timestampMs: number): number {
    return this.#positions[lastIndex(this.#timesBefore, one => one < timestampMs)] ?? 0
  }

  /** Forgets what lies at or after `position`: it was refused. */
  cut(position: number): void {
    while ((this.#positions.at(-1) ?? -1) >= position) {
      this.#offsets.pop()
      this.#positions.pop()
      this.#timesBefore.pop()
    }
    this.#damaged = this.#damaged?.filter(one => one < position)
    this.#lastPosition = this.#positions.at(-1) ?? Number.NEGATIVE_INFINITY
  }
}

/** Index of the last element for which `holds`, which is true of a first part of the list; -1 when of none. */
function lastIndex(list: readonly number[], holds: (value: number) => boolean): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(list[middle] ?? 0)) low = middle + 1
    else high = middle
  }
  return low - 1
}
