// How far each compacted partition has been cleaned, a section of the metadata log: what lies above is dirty, and its
// share decides when the next cleaning is due, also after a restart.

import type { Offset } from '../../log/index.ts'
import type { Change, Journal, Json, Section } from '../journal.ts'
import type { Partition } from '../partition/partition.ts'

const SECTION = 'cleaned'

type Place = Pick<Partition, 'topicId' | 'index'>

export class CleanedPositions implements Section {
  readonly name = SECTION
  readonly #positions = new Map<string, Offset>()
  #journal: Journal | undefined

  /** The journal exists only after its sections: it is handed in once it is open. */
  attach(journal: Journal): void {
    this.#journal = journal
  }

  /** First offset that was not cleaned; undefined when nothing was. */
  get(place: Place): Offset | undefined {
    return this.#positions.get(keyOf(place))
  }

  /** Resolves when it is durable. Errors: STORAGE_FULL, STORAGE_FAILED. */
  async set(place: Place, offset: Offset): Promise<void> {
    await this.#write([{ section: SECTION, key: keyOf(place), value: offset }])
  }

  /** Forgets the partitions of topics that are no more. Errors: STORAGE_FULL, STORAGE_FAILED. */
  async keepOnly(isKnown: (topicId: string) => boolean): Promise<void> {
    const gone = [...this.#positions.keys()].filter(key => !isKnown(key.slice(0, key.lastIndexOf('/'))))
    await this.#write(gone.map(key => ({ section: SECTION, key, value: null })))
  }

  apply(key: string, value: Json): void {
    if (typeof value === 'number') this.#positions.set(key, value)
    else this.#positions.delete(key)
  }
  entries(): Iterable<readonly [string, Json]> {
    return this.#positions.entries()
  }
  valueOf(key: string): Json | undefined {
    return this.#positions.get(key)
  }

  async #write(changes: readonly Change[]): Promise<void> {
    await this.#journal?.write(changes)
  }
}

function keyOf({ topicId, index }: Place): string {
  return `${topicId}/${index}`
}
