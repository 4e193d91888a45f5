// Where batches lie in a segment, in sections of some megabytes. A section is walked when it is first looked into, and no
// other one is: where sections begin (their *marks*) is in the checkpoint, so that after a restart a look-up reads one
// section and not all of the file.

import type { Offset } from '../log.ts'
import { lastWhere } from '../offset-search.ts'
import { type Entry, type MarkRow, type Placed, Section } from './section.ts'

/** What is indexed. */
export interface Indexed {
  readonly base: Offset
  /** The batches of the file in [from, to), in order; what is damaged is left out. */
  placedIn(from: number, to: number): Iterable<Placed>
}

export class SegmentIndex {
  readonly #segment: Indexed
  /** In order; the first one begins with the file. */
  readonly #sections: Section[]
  #last: Section
  /** After so many bytes of batches another section begins. */
  readonly #sectionBytes: number

  constructor(segment: Indexed, marks: readonly MarkRow[], sectionBytes: number) {
    this.#segment = segment
    this.#sectionBytes = sectionBytes
    const first = new Section({ base: segment.base, position: 0, timeBefore: -1 })
    const others = marks.map(([base, position, timeBefore]) => new Section({ base, position, timeBefore }))
    this.#sections = [first, ...others]
    this.#last = others.at(-1) ?? first
  }

  /** Takes the next batch, which was given its place after all others. `timeBefore` is the largest timestamp of those. */
  place(batch: Placed, timeBefore: number): void {
    const last = this.#last
    // Where nothing was looked for since a restart, what lies before the batch is not known.
    if (last.indexedTo === batch.position && !this.#isFull(last, batch.position)) last.add(batch)
    else this.#insert([begun(batch, timeBefore)], this.#sections.length)
  }

  /** Forgets what lies at or after `position`: it was refused. */
  cut(position: number): void {
    while (this.#sections.length > 1 && this.#at(this.#sections.length - 1).position >= position)
      this.#sections.pop()
    this.#last = this.#at(this.#sections.length - 1)
    this.#last.cut(position)
  }

  /** Of the sections that begin before `bytes`; without the first one, and without those that make others small. */
  marks(bytes: number): MarkRow[] {
    const rows: MarkRow[] = []
    let last = 0
    for (const { base, position, timeBefore } of this.#sections) {
      if (position >= bytes) break
      if (position - last < this.#sectionBytes) continue
      rows.push([base, position, timeBefore])
      last = position
    }
    return rows
  }

  /** A position at or before the batch that holds `offset`. `filled` is how far the file holds batches. */
  positionOf(offset: Offset, filled: number): number {
    return this.#find(({ base }) => base <= offset, filled).positionOf(offset)
  }

  /** The position of the batch that begins with `offset`, if that has an entry. */
  exactPositionOf(offset: Offset, filled: number): number | undefined {
    return this.#find(({ base }) => base <= offset, filled).exactPositionOf(offset)
  }

  /** A position at or before the first batch with a timestamp of at least `timestampMs`. */
  positionOfTime(timestampMs: number, filled: number): number {
    return this.#find(({ timeBefore }) => timeBefore < timestampMs, filled).positionOfTime(timestampMs)
  }

  /** The last batch with an entry to which batches lead from `from` on without damage, at or before `to` and `limit`. */
  lastEntry(
    { from, to, limit }: { readonly from: number; readonly to: number; readonly limit: Offset },
    filled: number,
  ): Entry | undefined {
    let found: Entry | undefined
    for (let at = this.#lastThat(({ position }) => position <= from); at < this.#sections.length; at++) {
      const section = this.#at(at)
      if (section.position > Math.min(to, filled) || section.base > limit) break
      this.#complete(at, filled)
      found = section.lastEntry(from, Math.min(to, filled), limit) ?? found
      if (section.isDamagedAfter(from)) break
    }
    return found
  }

  /** The last section for which `holds`, which is true of a first part of them; complete. */
  #find(holds: (section: Section) => boolean, filled: number): Section {
    this.#complete(this.#lastThat(holds), filled)
    return this.#at(this.#lastThat(holds))
  }

  /** Walks what a section lacks. One that turns out to be large becomes several. */
  #complete(at: number, filled: number): void {
    let section = this.#at(at)
    const end = Math.min(filled, this.#sections[at + 1]?.position ?? filled)
    if (section.indexedTo >= end) return
    const fresh: Section[] = []
    for (const batch of this.#segment.placedIn(section.indexedTo, end)) {
      if (this.#isFull(section, batch.position)) {
        section.indexedTo = batch.position
        section = begun(batch, section.maxTimestamp)
        fresh.push(section)
      } else section.add(batch)
    }
    section.indexedTo = end
    this.#insert(fresh, at + 1)
  }

  #insert(fresh: readonly Section[], at: number): void {
    this.#sections.splice(at, 0, ...fresh)
    this.#last = this.#at(this.#sections.length - 1)
  }

  #isFull(section: Section, position: number): boolean {
    return position - section.position >= this.#sectionBytes
  }

  /** Where the last section for which `holds` is, or the first one. */
  #lastThat(holds: (section: Section) => boolean): number {
    return Math.max(0, lastWhere(this.#sections, holds))
  }

  #at(at: number): Section {
    const section = this.#sections[at]
    if (section === undefined) throw new RangeError(`a segment's index has no section ${at}`)
    return section
  }
}

/** The section that begins with this batch. */
function begun(batch: Placed, timeBefore: number): Section {
  const section = new Section({ base: batch.base, position: batch.position, timeBefore })
  section.add(batch)
  return section
}
