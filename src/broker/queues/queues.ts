// All queues and streams: declared, found, deleted. Definitions are a section of the metadata log, keyed by the queue's
// id; those of transient and exclusive queues are in memory only. A queue's messages lie in a topic of its own, so that
// Kafka clients see them; every topic that is no queue's is in turn a stream to whoever asks by its name.

import type { RecordHeader } from '../../log/record/records.ts'
import { randomUuid, type World } from '../../world/index.ts'
import { BrokerError } from '../errors.ts'
import type { FieldTable } from '../field-value.ts'
import type { Change, Journal, Json, Section } from '../journal.ts'
import type { Topic } from '../topics/topic.ts'
import type { Topics } from '../topics/topics.ts'
import { Writes } from '../writes.ts'
import { checkDeclared, type Declared, declaredBy, type NewQueue, titleOf } from './declaration.ts'
import { checkSame } from './differences.ts'
import type { Afloat } from './outbox.ts'
import { Queue, type QueueParts } from './queue.ts'
import { definitionFromJson, definitionToJson, isKept, type QueueDefinition } from './queue-definition.ts'
import { type QueueSettings, type QueueType, resolveQueueSettings } from './queue-settings.ts'
import type { Routing } from './routing.ts'
import type { Settlements } from './settlements.ts'
import { Stream } from './stream.ts'
import { FIRST_VHOST, topicNameOf } from './topic-name.ts'

const SECTION = 'queue'
/** Queues in all virtual hosts together. Ours. */
export const QUEUES_MAX = 200_000

export type Entity = Queue | Stream

export interface QueuesParts {
  readonly world: World
  readonly topics: Topics
  readonly afloat: Afloat
  readonly routing: () => Routing
  /** What of a virtual host's policies is in effect for a queue. */
  readonly policyOf: (vhost: string, name: string, type: QueueType) => FieldTable
  /** Takes the queue's bindings away: written with its own removal. */
  readonly forgetBindings: (vhost: string, name: string) => readonly Change[]
  readonly hasVhost: (vhost: string) => boolean
  readonly fieldsOf: (headers: readonly RecordHeader[]) => FieldTable
  /** Whether the store keeps what it is given over a restart. */
  readonly isKept: boolean
  readonly refusesPersistent: () => boolean
  readonly onFault: (queue: Entity, error: unknown) => void
}

export class Queues implements Section {
  readonly name = SECTION
  readonly #parts: QueuesParts
  readonly #writes = new Writes()
  readonly #byId = new Map<string, Entity>()
  readonly #definitions = new Map<string, QueueDefinition>()
  readonly #byVhost = new Map<string, Map<string, Entity>>()
  /** Streams of topics that nobody declared. */
  readonly #topicStreams = new Map<string, Stream>()
  readonly #declaring = new Map<string, Promise<Entity>>()
  readonly #owners = new Map<Queue, object>()
  readonly #deletionListeners: ((entity: Entity) => void)[] = []
  readonly #transientQueues: QueueParts
  #keptQueues: QueueParts

  constructor(parts: QueuesParts) {
    this.#parts = parts
    this.#transientQueues = this.#partsOfQueues(undefined)
    this.#keptQueues = this.#transientQueues
    parts.topics.onRemoved(topic => this.#topicRemoved(topic))
  }

  attach(journal: Journal): void {
    this.#writes.attach(journal)
  }

  /** Opens every queue that the metadata log names. */
  async open(settlements: Settlements): Promise<void> {
    this.#keptQueues = this.#partsOfQueues(settlements)
    const kept = [...this.#definitions]
    await Promise.all(kept.map(([id, definition]) => this.#openKept(id, definition)))
    // A crash between the deletion of a virtual host and that of its queues.
    const orphans = [...this.#byVhost.keys()].filter(vhost => !this.#parts.hasVhost(vhost))
    await Promise.all(orphans.map(vhost => this.deleteAll(vhost)))
  }

  /** The queue or stream; a topic under its own name in the first virtual host. */
  get(vhost: string, name: string): Entity | undefined {
    const found = this.#byVhost.get(vhost)?.get(name)
    if (found !== undefined || vhost !== FIRST_VHOST) return found
    return this.#topicStream(name)
  }

  /** Errors: QUEUE_UNKNOWN. */
  require(vhost: string, name: string): Entity {
    const found = this.get(vhost, name)
    if (found === undefined) throw unknown(vhost, name)
    return found
  }

  /** Declared ones, in the order of their declaration. */
  *list(vhost?: string): Generator<Entity> {
    if (vhost !== undefined) yield* this.#byVhost.get(vhost)?.values() ?? []
    else for (const entities of this.#byVhost.values()) yield* entities.values()
  }
  count(vhost?: string): number {
    return vhost === undefined ? this.#byId.size : (this.#byVhost.get(vhost)?.size ?? 0)
  }

  /** Whether the queue is there after a restart. */
  isKept(entity: Entity): boolean {
    const { definition } = entity
    return definition === undefined || isKept(definition)
  }

  /** Called with every queue that is gone. */
  onDeleted(listener: (entity: Entity) => void): void {
    this.#deletionListeners.push(listener)
  }

  /** Refuses a queue that belongs to another connection (QUEUE_LOCKED). */
  checkOwner(entity: Entity, owner: object | undefined): void {
    if (!(entity instanceof Queue)) return
    const holder = this.#owners.get(entity)
    if (holder !== undefined && holder !== owner) throw locked(entity)
  }

  /**
   * Makes the queue, or finds it as it is wanted. Errors: VHOST_UNKNOWN, QUEUE_NAME_INVALID, QUEUE_LOCKED, QUEUE_DIFFERS,
   * ARGUMENT_INVALID, LIMIT_EXCEEDED, STORAGE_*.
   */
  async declare(wanted: NewQueue): Promise<Entity> {
    if (!this.#parts.hasVhost(wanted.vhost))
      throw new BrokerError('VHOST_UNKNOWN', `no vhost '${wanted.vhost}'`)
    const declared = declaredBy(wanted)
    const key = JSON.stringify([wanted.vhost, wanted.name])
    await this.#declaring.get(key)?.catch(() => {}) // its own caller hears of it
    const known = this.get(wanted.vhost, wanted.name)
    if (known !== undefined) return this.#redeclared(known, declared, wanted.owner)
    checkDeclared(declared)
    if (this.#byId.size >= QUEUES_MAX)
      throw new BrokerError('LIMIT_EXCEEDED', `there are ${QUEUES_MAX} queues already; delete some`)
    const making = this.#make(declared, wanted.owner).finally(() => this.#declaring.delete(key))
    this.#declaring.set(key, making)
    return making
  }

  /**
   * Deletes the queue with its messages and bindings; gives how many messages were ready, and undefined when there is
   * no such queue. Errors: QUEUE_IN_USE, QUEUE_NOT_EMPTY, QUEUE_LOCKED, STORAGE_*.
   */
  async delete(
    vhost: string,
    name: string,
    options: {
      readonly ifUnused?: boolean
      readonly ifEmpty?: boolean
      readonly owner?: object | undefined
    } = {},
  ): Promise<number | undefined> {
    const entity = this.get(vhost, name)
    if (entity === undefined) return undefined
    this.checkOwner(entity, options.owner)
    if (options.ifUnused && consumersOf(entity) > 0)
      throw new BrokerError('QUEUE_IN_USE', `${entity.title} in use`)
    if (options.ifEmpty && entity.readyCount > 0)
      throw new BrokerError('QUEUE_NOT_EMPTY', `${entity.title} not empty`)
    const count = entity.readyCount
    await this.#remove(entity)
    return count
  }

  /** The connection is gone: its own queues go too. */
  async releaseOwner(owner: object): Promise<void> {
    const owned = [...this.#owners].filter(([, one]) => one === owner).map(([queue]) => queue)
    await Promise.all(owned.map(queue => this.#remove(queue)))
  }

  /** Everything of a virtual host goes. */
  async deleteAll(vhost: string): Promise<void> {
    await Promise.all([...(this.#byVhost.get(vhost)?.values() ?? [])].map(one => this.#remove(one)))
    this.#byVhost.delete(vhost)
  }

  /** A policy changed: every queue of the virtual host is resolved again. */
  redefine(vhost: string): void {
    for (const entity of this.#byVhost.get(vhost)?.values() ?? [])
      if (entity instanceof Queue) entity.redefine(entity.definition, this.#settingsOf(entity.definition))
      else if (entity.definition !== undefined)
        this.#keepStream(entity, entity.definition).catch(error => this.#parts.onFault(entity, error))
  }

  /** A stream's retention is its topic's: written where a policy changed it. */
  async #keepStream({ topic }: Stream, definition: QueueDefinition): Promise<void> {
    const wanted = streamConfigs(definition.arguments, this.#settingsOf(definition))
    const { configs } = topic.definition
    if (Object.entries(wanted).some(([name, value]) => configs[name] !== value))
      await this.#parts.topics.configure(topic.name, { ...configs, ...wanted })
  }

  /** The queue of a topic, when it is a queue's. */
  ofTopic(topic: Topic): Queue | undefined {
    const found = this.#byId.get(topic.id)
    return found instanceof Queue ? found : undefined
  }

  /** Ends everything; nothing is deleted. */
  close(): void {
    const reason = new BrokerError('STORAGE_FAILED', 'the broker stops')
    for (const entity of this.#byId.values()) entity.close(reason)
    for (const stream of this.#topicStreams.values()) stream.close(reason)
  }

  apply(key: string, value: Json): void {
    if (value === null) {
      this.#definitions.delete(key)
      return
    }
    this.#definitions.set(key, definitionFromJson(value))
  }
  entries(): Iterable<readonly [string, Json]> {
    return [...this.#definitions].map(([id, definition]) => [id, definitionToJson(definition)] as const)
  }
  valueOf(key: string): Json | undefined {
    const definition = this.#definitions.get(key)
    return definition === undefined ? undefined : definitionToJson(definition)
  }

  async #redeclared(known: Entity, declared: Declared, owner: object | undefined): Promise<Entity> {
    this.checkOwner(known, owner)
    // As RabbitMQ: before whatever else differs.
    if (owner !== undefined && (known instanceof Stream || !this.#owners.has(known))) throw locked(known)
    if (known.definition !== undefined) checkSame(known.definition, declared)
    else if (declared.type !== 'stream')
      throw new BrokerError(
        'QUEUE_DIFFERS',
        `inequivalent arg 'x-queue-type' for ${titleOf(declared)}: it is a topic; consume it as a stream, or declare a queue with the argument x-source-topic`,
      )
    if (known instanceof Queue) known.used()
    return known
  }

  async #make(declared: Declared, owner: object | undefined): Promise<Entity> {
    const { vhost, name, type, durable, autoDelete, exclusive, arguments: args } = declared
    // Spelled out: a spread would give each queue's definition a hidden class of its own, of a kilobyte.
    const definition: QueueDefinition = {
      vhost,
      name,
      type,
      durable,
      autoDelete,
      exclusive,
      arguments: args,
      createdAt: this.#parts.world.now(),
      hasExpiring: false,
    }
    const source = declared.arguments.get('x-source-topic')
    if (typeof source === 'string') return this.#makeOverSource(definition, source, owner)
    const kept = isKept(definition)
    const settings = this.#settingsOf(definition)
    const topic = await this.#parts.topics.create(
      {
        name: topicNameOf(declared.vhost, declared.name),
        partitions: 1 + settings.maxPriority,
        isTransient: !kept,
        ...(declared.type === 'stream'
          ? { configs: streamConfigs(declared.arguments, settings) }
          : { isQueue: true }),
      },
      id => (kept ? [{ section: SECTION, key: id, value: definitionToJson(definition) }] : []),
    )
    return this.#open(topic.id, this.#definitions.get(topic.id) ?? definition, topic, owner)
  }

  async #makeOverSource(
    definition: QueueDefinition,
    source: string,
    owner: object | undefined,
  ): Promise<Entity> {
    const topic = this.#parts.topics.get(source)
    if (topic === undefined || topic.definition.isQueue)
      throw new BrokerError('ARGUMENT_INVALID', `invalid arg 'x-source-topic': there is no topic '${source}'`)
    const id = randomUuid(this.#parts.world).toString('base64url')
    if (isKept(definition))
      await this.#writes.write([{ section: SECTION, key: id, value: definitionToJson(definition) }])
    return this.#open(id, definition, topic, owner)
  }

  async #openKept(id: string, definition: QueueDefinition): Promise<void> {
    const source = definition.arguments.get('x-source-topic')
    const topic = typeof source === 'string' ? this.#parts.topics.get(source) : this.#parts.topics.byId(id)
    if (topic !== undefined) await this.#open(id, definition, topic, undefined)
  }

  async #open(
    id: string,
    definition: QueueDefinition,
    topic: Topic,
    owner: object | undefined,
  ): Promise<Entity> {
    const entity =
      definition.type === 'stream'
        ? this.#streamOf(definition, topic)
        : await this.#queueOf(id, definition, topic)
    this.#byId.set(id, entity)
    let inVhost = this.#byVhost.get(definition.vhost)
    if (inVhost === undefined) {
      inVhost = new Map()
      this.#byVhost.set(definition.vhost, inVhost)
    }
    inVhost.set(definition.name, entity)
    if (owner !== undefined && entity instanceof Queue) this.#owners.set(entity, owner)
    return entity
  }

  async #queueOf(id: string, definition: QueueDefinition, topic: Topic): Promise<Queue> {
    const parts = isKept(definition) ? this.#keptQueues : this.#transientQueues
    const queue = new Queue(id, definition, this.#settingsOf(definition), parts)
    await queue.open(topic.partitions, { isSource: definition.arguments.has('x-source-topic') })
    return queue
  }

  #partsOfQueues(settlements: Settlements | undefined): QueueParts {
    const { world, afloat, fieldsOf, onFault, refusesPersistent, routing, isKept: keeps } = this.#parts
    return {
      world,
      afloat,
      fieldsOf,
      onFault,
      refusesPersistent,
      routing,
      settlements,
      isKept: keeps,
      unused: one => void this.#remove(one).catch(error => onFault(one, error)),
      expiring: one => this.#noteExpiring(one),
    }
  }

  #streamOf(definition: QueueDefinition, topic: Topic): Stream {
    const { world, afloat, onFault } = this.#parts
    return new Stream({ ...definition, definition }, topic, { world, afloat, onFault })
  }

  #topicStream(name: string): Stream | undefined {
    const topic = this.#parts.topics.get(name)
    if (topic === undefined || topic.definition.isQueue || topic.partitions.length === 0) return undefined
    let stream = this.#topicStreams.get(topic.id)
    if (stream === undefined) {
      const { world, afloat, onFault } = this.#parts
      stream = new Stream({ vhost: FIRST_VHOST, name }, topic, { world, afloat, onFault })
      this.#topicStreams.set(topic.id, stream)
    }
    return stream
  }

  /** From now on a restart looks for messages that expire. What is lost with a crash before expires when delivered. */
  #noteExpiring(queue: Queue): void {
    const { id } = queue
    const definition = { ...queue.definition, hasExpiring: true }
    queue.redefine(definition, queue.settings)
    if (!this.#definitions.has(id)) return
    this.#writes
      .write([{ section: SECTION, key: id, value: definitionToJson(definition) }])
      .catch(error => this.#parts.onFault(queue, error))
  }

  #settingsOf({ vhost, name, type, arguments: args }: QueueDefinition): QueueSettings {
    return resolveQueueSettings(args, this.#parts.policyOf(vhost, name, type), type)
  }

  async #remove(entity: Entity): Promise<void> {
    const { vhost, name } = entity
    const bindings = this.#parts.forgetBindings(vhost, name)
    const id = entity instanceof Queue ? entity.id : entity.topic.id
    const own = this.#definitions.has(id) ? [{ section: SECTION, key: id, value: null }] : []
    entity.close(gone(entity))
    this.#forget(id, entity)
    if (entity instanceof Queue && entity.definition.arguments.has('x-source-topic'))
      await this.#writes.write([...own, ...bindings])
    else await this.#parts.topics.remove(topicOf(entity), [...own, ...bindings])
    if (entity instanceof Queue) entity.forget()
  }

  #forget(id: string, entity: Entity): void {
    this.#byId.delete(id)
    this.#topicStreams.delete(id)
    const inVhost = this.#byVhost.get(entity.vhost)
    if (inVhost?.get(entity.name) === entity) inVhost.delete(entity.name)
    if (entity instanceof Queue) this.#owners.delete(entity)
    for (const listener of this.#deletionListeners) listener(entity)
  }

  /** A topic went by another way than through its queue or stream. */
  #topicRemoved(topic: Topic): void {
    const entity = this.#byId.get(topic.id) ?? this.#topicStreams.get(topic.id)
    if (entity === undefined) return
    entity.close(gone(entity))
    this.#forget(topic.id, entity)
    if (entity instanceof Queue) entity.forget()
  }
}

/** The text is RabbitMQ's. */
function locked({ title }: Entity): BrokerError {
  return new BrokerError(
    'QUEUE_LOCKED',
    `cannot obtain exclusive access to locked ${title}. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration.`,
  )
}

function consumersOf(entity: Entity): number {
  return entity instanceof Queue ? entity.consumerCount : entity.consumers.size
}

function topicOf(entity: Entity): string {
  return entity instanceof Stream ? entity.topic.name : topicNameOf(entity.vhost, entity.name)
}

function gone(entity: Entity): BrokerError {
  return new BrokerError(
    'QUEUE_UNKNOWN',
    `no queue '${entity.name}' in vhost '${entity.vhost}': it was deleted`,
  )
}

function unknown(vhost: string, name: string): BrokerError {
  return new BrokerError('QUEUE_UNKNOWN', `no queue '${name}' in vhost '${vhost}'`)
}

/** A stream's retention is that of its topic. */
function streamConfigs(args: FieldTable, { maxAgeMs, maxBytes }: QueueSettings): Record<string, string> {
  const segment = args.get('x-stream-max-segment-size-bytes')
  return {
    'retention.ms': maxAgeMs === Number.POSITIVE_INFINITY ? '-1' : String(maxAgeMs),
    'retention.bytes': maxBytes === Number.POSITIVE_INFINITY ? '-1' : String(maxBytes),
    ...(typeof segment === 'number' && {
      'segment.bytes': String(Math.min(Math.max(segment, 1024), 0x7fff_ffff)),
    }),
  }
}
