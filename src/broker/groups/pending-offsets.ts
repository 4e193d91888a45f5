// Offsets that a transaction will commit (KIP-98): staged durably while it is open, moved to the committed ones when it
// commits, dropped when it aborts. A reader that asks for stable offsets (KIP-447) is refused while one is pending.
// Section `pending-offset` of the metadata log, keyed by producer, group, topic and partition.

import type { Change, Json, Section } from '../journal.ts'
import { type CommittedOffset, type OffsetToCommit, offsetChange } from './offsets.ts'

const SECTION = 'pending-offset'

interface Staged {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly committed: CommittedOffset
}

export class PendingOffsets implements Section {
  readonly name = SECTION
  readonly #byProducer = new Map<number, Map<string, Staged>>()
  /** Transactions that hold an offset of this group, topic and partition. */
  readonly #counts = new Map<string, number>()

  /** Whether a transaction may still change what the group has committed there. */
  isUnstable(group: string, topic: string, partition: number): boolean {
    return this.#counts.has(JSON.stringify([group, topic, partition]))
  }
  /** Whether any transaction has offsets of the group. */
  holds(group: string): boolean {
    for (const staged of this.#byProducer.values())
      for (const one of staged.values()) if (one.group === group) return true
    return false
  }

  /** To write, so that the offsets wait for the end of the producer's transaction. */
  stage(
    producerId: number,
    group: string,
    offsets: readonly OffsetToCommit[],
    committedAt: number,
  ): Change[] {
    return offsets.map(({ topic, partition, offset, leaderEpoch, metadata }) =>
      pendingChange(producerId, { group, topic, partition }, { offset, leaderEpoch, metadata, committedAt }),
    )
  }

  /** To write with the transaction's outcome: its offsets are committed. */
  commit(producerId: number): Change[] {
    const staged = this.#staged(producerId)
    const committed = staged.map(one => offsetChange(one.group, one.topic, one.partition, one.committed))
    return [...committed, ...this.abort(producerId)]
  }
  /** To write with the transaction's outcome: its offsets are dropped. */
  abort(producerId: number): Change[] {
    return this.#staged(producerId).map(one => pendingChange(producerId, one, null))
  }

  forgetTopic(name: string): Change[] {
    return this.#forget(one => one.topic === name)
  }
  forgetGroup(group: string): Change[] {
    return this.#forget(one => one.group === group)
  }

  apply(key: string, value: Json): void {
    const [producerId, group, topic, partition] = JSON.parse(key) as [number, string, string, number]
    const staged = this.#byProducer.get(producerId) ?? new Map<string, Staged>()
    const before = staged.size
    if (value === null) staged.delete(key)
    else staged.set(key, { group, topic, partition, committed: value as CommittedOffset })
    this.#count(JSON.stringify([group, topic, partition]), staged.size - before)
    if (staged.size === 0) this.#byProducer.delete(producerId)
    else this.#byProducer.set(producerId, staged)
  }
  *entries(): Generator<readonly [string, Json]> {
    for (const staged of this.#byProducer.values())
      for (const [key, { committed }] of staged) yield [key, committed]
  }
  valueOf(key: string): Json | undefined {
    const [producerId] = JSON.parse(key) as [number]
    return this.#byProducer.get(producerId)?.get(key)?.committed
  }

  #count(where: string, by: number): void {
    const count = (this.#counts.get(where) ?? 0) + by
    if (count > 0) this.#counts.set(where, count)
    else this.#counts.delete(where)
  }

  #staged(producerId: number): Staged[] {
    return [...(this.#byProducer.get(producerId)?.values() ?? [])]
  }

  #forget(isMeant: (one: Staged) => boolean): Change[] {
    return [...this.#byProducer.keys()].flatMap(producerId =>
      this.#staged(producerId)
        .filter(isMeant)
        .map(one => pendingChange(producerId, one, null)),
    )
  }
}

function pendingChange(
  producerId: number,
  { group, topic, partition }: Pick<Staged, 'group' | 'topic' | 'partition'>,
  value: CommittedOffset | null,
): Change {
  return { section: SECTION, key: JSON.stringify([producerId, group, topic, partition]), value }
}
