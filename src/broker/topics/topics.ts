// All topics: made, found, changed, removed. Definitions are a section of the metadata log, keyed by the topic's id.

import { randomUuid } from '../../world/index.ts'
import { BrokerError } from '../errors.ts'
import type { Change, Journal, Json, Section } from '../journal.ts'
import type { Partition } from '../partition/partition.ts'
import { checkSettings } from './settings.ts'
import { type Replicas, Topic, type TopicDefinition, type TopicParts } from './topic.ts'

const SECTION = 'topic'
/** Kafka's limit on names, so that they fit a file name with a partition after them. */
/** Characters of a topic's name (Kafka's own limit). */
export const TOPIC_NAME_LENGTH_MAX = 249
/** Partitions of one topic. */
export const PARTITIONS_MAX = 10_000
/** Partitions of all topics together. */
export const PARTITIONS_TOTAL_MAX = 200_000

export interface NewTopic {
  readonly name: string
  readonly partitions: number
  readonly replication?: number
  readonly replicas?: Replicas
  readonly configs?: Readonly<Record<string, string>>
  readonly isQueue?: boolean
  readonly isTransient?: boolean
}

export class Topics implements Section {
  readonly name = SECTION
  readonly #parts: TopicParts
  readonly #byId = new Map<string, Topic>()
  readonly #byName = new Map<string, Topic>()
  readonly #opening = new Map<string, Promise<void>>()
  readonly #removalListeners: ((topic: Topic) => void)[] = []
  #journal: Journal | undefined
  #revision = 0
  /** Partitions of all topics together. */
  #partitions = 0

  constructor(parts: TopicParts) {
    this.#parts = parts
  }

  /** The journal exists only after its sections: it is handed in once it is open. */
  attach(journal: Journal): void {
    this.#journal = journal
  }

  /** Rises with every topic that is made, changed or removed. */
  get revision(): number {
    return this.#revision
  }

  /** Opens every topic that the metadata log names. */
  async open(): Promise<void> {
    await Promise.all([...this.#byId.values()].map(topic => topic.open()))
  }

  list(): Topic[] {
    return [...this.#byName.values()]
  }
  get(name: string): Topic | undefined {
    return this.#byName.get(name)
  }
  byId(id: string): Topic | undefined {
    return this.#byId.get(id)
  }
  partition(name: string, index: number): Partition | undefined {
    return this.#byName.get(name)?.partitions[index]
  }
  /** Errors: TOPIC_UNKNOWN. */
  require(name: string): Topic {
    const topic = this.#byName.get(name)
    if (topic === undefined) throw new BrokerError('TOPIC_UNKNOWN', `there is no topic '${name}'`)
    return topic
  }
  onRemoved(listener: (topic: Topic) => void): void {
    this.#removalListeners.push(listener)
  }

  /** Refuses what `create` would refuse, and does nothing. */
  check({ name, partitions, configs = {} }: NewTopic): void {
    checkTopicName(name)
    if (this.#byName.has(name)) throw new BrokerError('TOPIC_EXISTS', `Topic '${name}' already exists.`)
    this.#checkPartitions(partitions, 0)
    checkSettings(configs)
  }

  /**
   * Makes a topic; `alongside` is written with its definition, so that both are there or none.
   * Errors: TOPIC_EXISTS, TOPIC_NAME_INVALID, PARTITIONS_INVALID, CONFIG_INVALID, STORAGE_FULL.
   */
  async create(topic: NewTopic, alongside: (id: string) => readonly Change[] = () => []): Promise<Topic> {
    this.check(topic)
    const id = this.#freshId()
    const creation = this.#create(id, topic, alongside(id)).finally(() => this.#opening.delete(id))
    this.#opening.set(id, creation)
    await creation
    return this.require(topic.name)
  }

  /** Finds the topic or makes it; several callers at once make one. */
  async findOrCreate(topic: NewTopic): Promise<Topic> {
    const found = this.#byName.get(topic.name)
    if (found === undefined) return this.create(topic)
    await this.#opening.get(found.id)
    return found
  }

  /** Resolves when the topic's definition is durably gone; its logs go with it. Errors: TOPIC_UNKNOWN. */
  async remove(name: string, alongside: readonly Change[] = []): Promise<void> {
    const topic = this.require(name)
    const forget = this.#parts.snapshots.forget(topic.id, topic.definition.partitions)
    const gone = { section: SECTION, key: topic.id, value: null }
    if (topic.definition.isTransient) this.apply(topic.id, null)
    await this.#write([...(topic.definition.isTransient ? [] : [gone]), ...forget, ...alongside])
    await topic.destroy()
    for (const listener of this.#removalListeners) listener(topic)
  }

  /** `replicas` are those of new partitions. Errors: TOPIC_UNKNOWN, PARTITIONS_INVALID. */
  async grow(name: string, partitions: number, replicas: Replicas = {}): Promise<void> {
    const topic = this.require(name)
    this.checkGrowth(name, partitions)
    await this.#redefine(topic, { ...topic.definition, partitions, ...withReplicas(topic, replicas) })
    await topic.open()
  }

  /** Says where these partitions are. Errors: TOPIC_UNKNOWN. */
  async assign(name: string, replicas: Replicas): Promise<void> {
    const topic = this.require(name)
    await this.#redefine(topic, { ...topic.definition, ...withReplicas(topic, replicas) })
  }

  checkGrowth(name: string, partitions: number): void {
    const topic = this.require(name)
    if (topic.definition.isQueue)
      throw new BrokerError(
        'PARTITIONS_INVALID',
        `Topic '${name}' is a queue: its partitions are its priorities.`,
      )
    const now = topic.definition.partitions
    if (partitions <= now)
      throw new BrokerError(
        'PARTITIONS_INVALID',
        `Topic '${name}' currently has ${now} partitions, which is higher than the requested ${partitions}.`,
      )
    this.#checkPartitions(partitions, now)
  }

  /** Sets the topic's own settings to exactly these. Errors: TOPIC_UNKNOWN, CONFIG_INVALID. */
  async configure(name: string, configs: Readonly<Record<string, string>>): Promise<void> {
    const topic = this.require(name)
    checkSettings(configs)
    await this.#redefine(topic, { ...topic.definition, configs })
  }

  apply(key: string, value: Json): void {
    this.#revision++
    const known = this.#byId.get(key)
    const before = known?.definition.partitions ?? 0
    this.#partitions += ((value as unknown as TopicDefinition | null)?.partitions ?? 0) - before
    if (value === null) {
      if (known === undefined) return
      this.#byId.delete(key)
      if (this.#byName.get(known.name) === known) this.#byName.delete(known.name)
      return
    }
    const definition = value as unknown as TopicDefinition
    if (known !== undefined) {
      known.redefine(definition)
      return
    }
    const topic = new Topic(key, definition, this.#parts)
    this.#byId.set(key, topic)
    this.#byName.set(topic.name, topic)
  }
  entries(): Iterable<readonly [string, Json]> {
    return [...this.#byId]
      .filter(([, topic]) => !topic.definition.isTransient)
      .map(([id, topic]) => [id, topic.definition as unknown as Json] as const)
  }
  valueOf(id: string): Json | undefined {
    return this.#byId.get(id)?.definition as unknown as Json | undefined
  }

  async #redefine(topic: Topic, definition: TopicDefinition): Promise<void> {
    if (definition.isTransient) this.apply(topic.id, definition as unknown as Json)
    else await this.#write([{ section: SECTION, key: topic.id, value: definition as unknown as Json }])
  }

  async #create(
    id: string,
    { name, partitions, replication = 1, replicas, configs = {}, isQueue, isTransient }: NewTopic,
    alongside: readonly Change[],
  ): Promise<void> {
    const definition: TopicDefinition = {
      name,
      partitions,
      replication,
      ...(replicas && { replicas }),
      configs,
      createdAt: this.#parts.world.now(),
      ...(isQueue && { isQueue }),
      ...(isTransient && { isTransient }),
    }
    const change = { section: SECTION, key: id, value: definition as unknown as Json }
    if (isTransient) this.apply(id, change.value)
    await this.#write([...(isTransient ? [] : [change]), ...alongside])
    await this.#byId.get(id)?.open()
  }

  async #write(changes: readonly Change[]): Promise<void> {
    await this.#journal?.write(changes)
  }

  #checkPartitions(partitions: number, had: number): void {
    if (!Number.isInteger(partitions) || partitions < 1)
      throw new BrokerError(
        'PARTITIONS_INVALID',
        `Number of partitions was set to an invalid non-positive value: ${partitions}.`,
      )
    if (partitions > PARTITIONS_MAX)
      throw new BrokerError(
        'PARTITIONS_INVALID',
        `${partitions} partitions are more than the ${PARTITIONS_MAX} a topic may have`,
      )
    const total = this.#partitions + partitions - had
    if (total > PARTITIONS_TOTAL_MAX)
      throw new BrokerError(
        'PARTITIONS_INVALID',
        `${total} partitions in all are more than the ${PARTITIONS_TOTAL_MAX} that a broker may have`,
      )
  }

  #freshId(): string {
    for (;;) {
      const id = randomUuid(this.#parts.world).toString('base64url')
      // Tools take a leading '-' for a flag.
      if (!id.startsWith('-') && !this.#byId.has(id)) return id
    }
  }
}

/** What is known of where partitions are, and this; nothing when that is nothing. */
function withReplicas({ definition }: Topic, more: Replicas): { readonly replicas?: Replicas } {
  const replicas = { ...definition.replicas, ...more }
  return Object.keys(replicas).length === 0 ? {} : { replicas }
}

/** Errors: TOPIC_NAME_INVALID. */
export function checkTopicName(name: string): void {
  const problem =
    name === ''
      ? 'it is empty'
      : name === '.' || name === '..'
        ? "it is '.' or '..'"
        : name.length > TOPIC_NAME_LENGTH_MAX
          ? `it is longer than ${TOPIC_NAME_LENGTH_MAX} characters`
          : /[^a-zA-Z0-9._-]/.test(name)
            ? 'it has characters other than ASCII letters, digits, ., _ and -'
            : undefined
  if (problem !== undefined)
    throw new BrokerError('TOPIC_NAME_INVALID', `Topic name '${name.slice(0, 60)}' is illegal, ${problem}.`)
}
