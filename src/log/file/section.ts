// A section of a segment's index: an entry for about every SPACING bytes of its batches, so that a look-up walks few headers.
// Kept in memory only, and made by walking the section once.

import type { Offset } from '../log.ts'
import { lastWhere } from '../offset-search.ts'

/** Bytes of batches between two entries, at least. */
const SPACING = 32 * 1024

/** Where a section begins. */
export interface Mark {
  /** Base offset of its first batch. */
  readonly base: Offset
  readonly position: number
  /** Largest timestamp of all batches of the segment before it; -1 when there are none. */
  readonly timeBefore: number
}

/** The same, as a checkpoint has it. */
export type MarkRow = readonly [base: Offset, position: number, timeBefore: number]

/** A batch in its place. */
export interface Placed {
  readonly base: Offset
  readonly position: number
  readonly bytes: number
  readonly maxTimestamp: number
}

/** A batch that a look-up can go to. */
export interface Entry {
  readonly position: number
  readonly base: Offset
}

interface Entries {
  readonly offsets: Offset[]
  readonly positions: number[]
  /** Largest timestamp of all batches before the entry. */
  readonly timesBefore: number[]
}

export class Section implements Mark {
  // Fields of its own: an append to one of a thousand logs goes to memory for every object on its way.
  readonly base: Offset
  readonly position: number
  readonly timeBefore: number
  /** How far its batches are known: what comes is walked from here on. */
  indexedTo: number
  /** There are many sections that nobody looks into. */
  #entries: Entries | undefined
  /** Position of the last one. */
  #lastEntry: number
  /** Where the last batch ends: when `indexedTo` is elsewhere, what lies between is damaged. */
  #end: number
  #maxTimestamp: number
  /** Where entries begin that lie behind damage. */
  #damaged: number[] | undefined

  constructor({ base, position, timeBefore }: Mark) {
    this.base = base
    this.position = position
    this.timeBefore = timeBefore
    this.indexedTo = position
    this.#lastEntry = position - SPACING
    this.#end = position
    this.#maxTimestamp = timeBefore
  }

  /** Largest timestamp of all batches that are known, and of those before. */
  get maxTimestamp(): number {
    return this.#maxTimestamp
  }

  /** Takes the next batch; with an entry of its own when what lies before it cannot be walked. */
  add({ base, position, bytes, maxTimestamp }: Placed): void {
    const isAfterDamage = position !== this.#end
    if (isAfterDamage || position - this.#lastEntry >= SPACING) this.#enter(base, position)
    if (isAfterDamage) this.#damaged = [...(this.#damaged ?? []), position]
    if (maxTimestamp > this.#maxTimestamp) this.#maxTimestamp = maxTimestamp
    this.#end = position + bytes
    this.indexedTo = this.#end
  }

  #enter(base: Offset, position: number): void {
    const entries = this.#entries
    this.#lastEntry = position
    if (entries === undefined) {
      // Not by `push`, which makes room for sixteen: a hundred thousand logs have one entry each.
      this.#entries = { offsets: [base], positions: [position], timesBefore: [this.#maxTimestamp] }
      return
    }
    entries.offsets.push(base)
    entries.positions.push(position)
    entries.timesBefore.push(this.#maxTimestamp)
  }

  /** A position at or before the batch that holds `offset`. */
  positionOf(offset: Offset): number {
    const { offsets, positions } = this.#entries ?? none
    return positions[lastWhere(offsets, one => one <= offset)] ?? this.position
  }

  /** The position of the batch that begins with `offset`, if that has an entry. */
  exactPositionOf(offset: Offset): number | undefined {
    const { offsets, positions } = this.#entries ?? none
    const at = lastWhere(offsets, one => one <= offset)
    return offsets[at] === offset ? positions[at] : undefined
  }

  /** The last batch with an entry to which batches lead from `from` on without damage, at or before both bounds. */
  lastEntry(from: number, to: number, limit: Offset): Entry | undefined {
    const { offsets, positions } = this.#entries ?? none
    const damaged = this.#damaged?.find(one => one > from) ?? Number.POSITIVE_INFINITY
    const at = Math.min(
      lastWhere(positions, one => one <= to && one < damaged),
      lastWhere(offsets, one => one <= limit),
    )
    const [position, base] = [positions[at], offsets[at]]
    return position === undefined || base === undefined ? undefined : { position, base }
  }

  /** Whether something between `from` and the end of what is known is damaged. */
  isDamagedAfter(from: number): boolean {
    return this.#end !== this.indexedTo || this.#damaged?.some(one => one > from) === true
  }

  /** A position at or before the first batch with a timestamp of at least `timestampMs`. */
  positionOfTime(timestampMs: number): number {
    const { positions, timesBefore } = this.#entries ?? none
    return positions[lastWhere(timesBefore, one => one < timestampMs)] ?? this.position
  }

  /** Forgets what lies at or after `position`: it was refused. */
  cut(position: number): void {
    const { offsets, positions, timesBefore } = this.#entries ?? none
    while ((positions.at(-1) ?? -1) >= position) {
      offsets.pop()
      positions.pop()
      timesBefore.pop()
    }
    this.#lastEntry = positions.at(-1) ?? this.position - SPACING
    this.#damaged = this.#damaged?.filter(one => one < position)
    this.#end = Math.min(this.#end, position)
    this.indexedTo = Math.min(this.indexedTo, position)
  }
}

const none: Entries = { offsets: [], positions: [], timesBefore: [] }
