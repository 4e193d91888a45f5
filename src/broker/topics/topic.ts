// A topic: a name, settings, and its partitions.

import type { LogOptions, LogStore } from '../../log/index.ts'
import type { World } from '../../world/index.ts'
import { Partition } from '../partition/partition.ts'
import type { Snapshots } from '../partition/snapshot.ts'
import { resolveSettings, type TopicSettings } from './settings.ts'

/** Which brokers have a partition, by its index; the first one leads it. */
export type Replicas = Readonly<Record<string, readonly number[]>>

/** As it is kept in the metadata log, under the topic's id. */
export interface TopicDefinition {
  readonly name: string
  readonly partitions: number
  readonly replication: number
  /** What clients said of single partitions, where a head shows several brokers; the others go by that head's rule. */
  readonly replicas?: Replicas
  /** The settings that the topic has of its own. */
  readonly configs: Readonly<Record<string, string>>
  /** Ms since 1970. */
  readonly createdAt: number
  /** The log of a queue: what it keeps is decided by what is settled, not by the topic's settings. */
  readonly isQueue?: boolean
  /** Kept in memory only, and not in the metadata log. */
  readonly isTransient?: boolean
}

export interface TopicParts {
  readonly store: LogStore
  /** For topics that are transient. */
  readonly memory: LogStore
  readonly world: World
  readonly snapshots: Snapshots
  /** Broker-wide defaults of topic settings. */
  readonly defaults: () => ReadonlyMap<string, string>
}

export class Topic {
  /** Kafka's textual UUID. A topic made anew under an old name has another id. */
  readonly id: string
  readonly name: string
  readonly #parts: TopicParts
  #definition: TopicDefinition
  #settings: TopicSettings | undefined
  #partitions: readonly Partition[] = []

  constructor(id: string, definition: TopicDefinition, parts: TopicParts) {
    this.id = id
    this.name = definition.name
    this.#definition = definition
    this.#parts = parts
  }

  get definition(): TopicDefinition {
    return this.#definition
  }
  /** Names that begin with two underscores belong to the broker or its tools. */
  get isInternal(): boolean {
    return (
      this.name === '__consumer_offsets' || this.name === '__transaction_state' || this.name === '__scheduled'
    )
  }
  get partitions(): readonly Partition[] {
    return this.#partitions
  }
  get settings(): TopicSettings {
    if (this.#settings === undefined) {
      const own = new Map(Object.entries(this.#definition.configs))
      const resolved = resolveSettings(own, this.#parts.defaults())
      this.#settings = this.#definition.isQueue ? { ...resolved, ...keptUntilSettled } : resolved
    }
    return this.#settings
  }

  /** Forgets the typed view, because the definition or a default changed. */
  redefine(definition: TopicDefinition = this.#definition): void {
    this.#definition = definition
    this.#settings = undefined
  }

  /** Opens the logs of all partitions that the definition names and that are not open yet. */
  async open(): Promise<void> {
    const missing = Array.from(
      { length: this.#definition.partitions - this.#partitions.length },
      (_, n) => n + this.#partitions.length,
    )
    const opened = await Promise.all(missing.map(index => this.#openPartition(index)))
    this.#partitions = [...this.#partitions, ...opened]
  }

  /** Deletes the logs. */
  async destroy(): Promise<void> {
    await Promise.all(
      Array.from({ length: this.#definition.partitions }, (_, index) =>
        this.#store.delete(logName(this.id, index)),
      ),
    )
  }

  get #store(): LogStore {
    return this.#definition.isTransient ? this.#parts.memory : this.#parts.store
  }

  async #openPartition(index: number): Promise<Partition> {
    const { world, snapshots } = this.#parts
    const log = await this.#store.open(logName(this.id, index), new SegmentSize(this))
    return new Partition({
      topicId: this.id,
      topic: this.name,
      index,
      log,
      world,
      snapshots,
      owner: this,
    })
  }
}

/** A log follows its topic's setting. A class: an object with a getter of its own would be a hidden class for each log. */
class SegmentSize implements LogOptions {
  readonly #topic: Topic

  constructor(topic: Topic) {
    this.#topic = topic
  }

  get segmentBytes(): number {
    return this.#topic.settings.segmentBytes
  }
}

/** Over a topic's settings when it is a queue's. */
const keptUntilSettled = {
  deletes: false,
  compacts: false,
  retentionMs: -1,
  retentionBytes: -1,
  segmentBytes: 16 * 1024 * 1024, // space comes back by whole segments
} as const

/** Logs are named by the topic's id, so a topic made anew never meets what its predecessor left. */
function logName(topicId: string, index: number): string {
  return `topic/${topicId}/${index}`
}
