// What a partition knows of its producers and transactions up to an offset, kept in the metadata log so that a restart
// scans only what came after.

import type { Offset } from '../../log/index.ts'
import type { Journal, Json, Section } from '../journal.ts'
import type { ProducerState } from './producers.ts'
import type { AbortedTransaction } from './transactions.ts'

export interface PartitionSnapshot {
  readonly offset: Offset
  readonly producers: readonly ProducerState[]
  readonly aborted: readonly AbortedTransaction[]
}

interface Place {
  readonly topicId: string
  readonly index: number
}

const SECTION = 'partition'

export class Snapshots implements Section {
  readonly name = SECTION
  readonly #kept = new Map<string, Json>()
  #journal: Journal | undefined

  /** The journal exists only after its sections: it is handed in once it is open. */
  attach(journal: Journal): void {
    this.#journal = journal
  }

  load(place: Place): PartitionSnapshot | undefined {
    return this.#kept.get(keyOf(place)) as PartitionSnapshot | undefined
  }

  async save(place: Place, snapshot: PartitionSnapshot): Promise<void> {
    await this.#journal?.write([
      { section: SECTION, key: keyOf(place), value: structuredClone(snapshot) as unknown as Json },
    ])
  }

  /** The changes that forget the partitions of a topic. */
  forget(topicId: string, partitions: number) {
    return Array.from({ length: partitions }, (_, index) => keyOf({ topicId, index }))
      .filter(key => this.#kept.has(key))
      .map(key => ({ section: SECTION, key, value: null }))
  }

  apply(key: string, value: Json): void {
    if (value === null) this.#kept.delete(key)
    else this.#kept.set(key, value)
  }
  entries(): Iterable<readonly [string, Json]> {
    return this.#kept.entries()
  }
  valueOf(key: string): Json | undefined {
    return this.#kept.get(key)
  }
}

function keyOf({ topicId, index }: Place): string {
  return `${topicId}/${index}`
}
