// Committed offsets: how far each group has come in each partition, with the note that the consumer left there. By the
// topic's name, as consumers commit them, so they must be dropped together with the topic. Section `offset` of the
// metadata log, one key for each group, topic and partition.

import type { Change, Json, Section } from '../journal.ts'

const SECTION = 'offset'

/** What was committed, as it is kept. A type and not an interface, because it is JSON. */
export type CommittedOffset = {
  /** Of the next record to read. */
  readonly offset: number
  /** Of the last record read; -1 when the consumer did not say. */
  readonly leaderEpoch: number
  /** The consumer's note, given back as it came. */
  readonly metadata: string
  /** Ms since 1970. */
  readonly committedAt: number
  /** When the consumer itself said that it may be forgotten (only old clients do), ms since 1970. */
  readonly expiresAt?: number
}

/** One partition of a commit. */
export interface OffsetToCommit {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly leaderEpoch: number
  readonly metadata: string
}

/** What decides how long a group's offsets live. */
export interface OffsetLife {
  readonly now: number
  readonly retentionMs: number
  /** From when the retention counts. */
  since(committed: CommittedOffset): number
  /** Whether somebody is subscribed to the topic, so that nothing of it expires. */
  keeps(topic: string): boolean
}

type Partitions = Map<number, CommittedOffset>

export class Offsets implements Section {
  readonly name = SECTION
  readonly #groups = new Map<string, Map<string, Partitions>>()

  get(group: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.#groups.get(group)?.get(topic)?.get(partition)
  }
  has(group: string): boolean {
    return this.#groups.has(group)
  }
  /** Groups with an offset. */
  groups(): Iterable<string> {
    return this.#groups.keys()
  }
  *of(
    group: string,
  ): Generator<{ readonly topic: string; readonly partition: number; readonly committed: CommittedOffset }> {
    for (const [topic, partitions] of this.#groups.get(group) ?? [])
      for (const [partition, committed] of partitions) yield { topic, partition, committed }
  }

  /** To write, so that the group has come this far. */
  commit(
    group: string,
    offsets: readonly OffsetToCommit[],
    at: Pick<CommittedOffset, 'committedAt' | 'expiresAt'>,
  ): Change[] {
    return offsets.map(({ topic, partition, offset, leaderEpoch, metadata }) =>
      offsetChange(group, topic, partition, { offset, leaderEpoch, metadata, ...at }),
    )
  }

  /** To write, so that this one is gone; nothing if it is not there. */
  forget(group: string, topic: string, partition: number): Change[] {
    return this.get(group, topic, partition) === undefined
      ? []
      : [offsetChange(group, topic, partition, null)]
  }
  /** To write together with the removal of the topic. */
  forgetTopic(name: string): Change[] {
    return [...this.#groups].flatMap(([group, topics]) =>
      [...(topics.get(name)?.keys() ?? [])].map(partition => offsetChange(group, name, partition, null)),
    )
  }
  /** To write together with the removal of the group. */
  forgetGroup(group: string): Change[] {
    return [...this.of(group)].map(({ topic, partition }) => offsetChange(group, topic, partition, null))
  }
  /** To write, because these have outlived their time. */
  forgetExpired(group: string, life: OffsetLife): Change[] {
    return [...this.of(group)]
      .filter(({ topic, committed }) => !life.keeps(topic) && life.now >= endOf(committed, life))
      .map(({ topic, partition }) => offsetChange(group, topic, partition, null))
  }

  apply(key: string, value: Json): void {
    const [group, topic, partition] = JSON.parse(key) as [string, string, number]
    if (value === null) this.#remove(group, topic, partition)
    else this.#partitions(group, topic).set(partition, value as CommittedOffset)
  }
  *entries(): Generator<readonly [string, Json]> {
    for (const group of this.#groups.keys())
      for (const { topic, partition, committed } of this.of(group))
        yield [offsetKey(group, topic, partition), committed]
  }
  valueOf(key: string): Json | undefined {
    const [group, topic, partition] = JSON.parse(key) as [string, string, number]
    return this.get(group, topic, partition)
  }

  #partitions(group: string, topic: string): Partitions {
    const topics = this.#groups.get(group) ?? new Map<string, Partitions>()
    this.#groups.set(group, topics)
    const partitions = topics.get(topic) ?? new Map<number, CommittedOffset>()
    topics.set(topic, partitions)
    return partitions
  }

  #remove(group: string, topic: string, partition: number): void {
    const topics = this.#groups.get(group)
    const partitions = topics?.get(topic)
    if (topics === undefined || partitions === undefined) return
    partitions.delete(partition)
    if (partitions.size === 0) topics.delete(topic)
    if (topics.size === 0) this.#groups.delete(group)
  }
}

/** To write, so that the group has come this far in this partition; null means that nothing is known of it. */
export function offsetChange(
  group: string,
  topic: string,
  partition: number,
  value: CommittedOffset | null,
): Change {
  return { section: SECTION, key: offsetKey(group, topic, partition), value }
}

function offsetKey(group: string, topic: string, partition: number): string {
  return JSON.stringify([group, topic, partition])
}

function endOf(committed: CommittedOffset, life: OffsetLife): number {
  return committed.expiresAt ?? life.since(committed) + life.retentionMs
}
