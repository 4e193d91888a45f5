// A queue: messages kept until they are settled. What is written goes through an outbox into a log, what is read comes
// from it through a subscription; around both stand the rules that a queue may have: limits, time to live, dead letters,
// priorities (a lane for each), groups, deduplication.
//
// A queue with a *source* reads a topic instead of messages of its own: it has a cursor in each partition, and takes
// nothing away from the topic or its other readers.

import type { Offset } from '../../log/index.ts'
import type { RecordHeader } from '../../log/record/records.ts'
import type { World } from '../../world/index.ts'
import { BrokerError } from '../errors.ts'
import type { FieldTable } from '../field-value.ts'
import type { Partition } from '../partition/partition.ts'
import { storageError } from '../storage-error.ts'
import { Browser } from './browser.ts'
import type { Consumer, ConsumerOptions } from './consumer.ts'
import { DeadLetters } from './dead-letters.ts'
import { DedupWindow } from './dedup.ts'
import type { Delivery } from './delivery.ts'
import { DropHead } from './drop-head.ts'
import { DueMessages } from './due-messages.ts'
import { Lane, type LaneOwner } from './lane.ts'
import { bodyBytes, type Facts, type Message, type Publication, type Receipt } from './message.ts'
import { MessageReader } from './message-reader.ts'
import { type Afloat, Outbox } from './outbox.ts'
import type { QueueDefinition } from './queue-definition.ts'
import { hasLimits, type QueueSettings } from './queue-settings.ts'
import type { Routing, Target } from './routing.ts'
import { freshState, type Settlements } from './settlements.ts'
import {
  type DiscardReason,
  type Fetched,
  Subscription,
  type SubscriptionOwner,
  type SubscriptionRules,
} from './subscription.ts'
import { Unused } from './unused.ts'

/** What a queue works with; one object for all queues that are kept alike. */
export interface QueueParts {
  readonly world: World
  readonly routing: () => Routing
  readonly afloat: Afloat
  /** Undefined for a transient queue: what is settled is kept in memory only. */
  readonly settlements: Settlements | undefined
  readonly fieldsOf: (headers: readonly RecordHeader[]) => FieldTable
  /** The queue is to be deleted: nobody uses it any more. */
  readonly unused: (queue: Queue) => void
  /** The first message with a time to live of its own came. */
  readonly expiring: (queue: Queue) => void
  readonly onFault: (queue: Queue, error: unknown) => void
  /** Whether the disk keeps what is written: a memory store does not. */
  readonly isKept: boolean
  readonly refusesPersistent: () => boolean
}

/** Since the start. */
export interface QueueCounts {
  published: number
  discarded: number
}

const none: readonly never[] = []

const noFacts: Facts = {
  expiresAt: Number.POSITIVE_INFINITY,
  groupId: undefined,
  dedupId: undefined,
}

export class Queue implements Target, LaneOwner, SubscriptionOwner {
  readonly id: string
  readonly vhost: string
  readonly name: string
  readonly counts: QueueCounts = { published: 0, discarded: 0 }
  readonly #parts: QueueParts
  readonly #subscription: Subscription
  /** These are made when they are first needed: an idle queue is to cost little. */
  #deadLetters: DeadLetters | undefined
  #expiry: DueMessages | undefined
  #dedupWindow: DedupWindow | undefined
  #dropHead: DropHead | undefined
  #unused: Unused | undefined
  #definition: QueueDefinition
  #settings: QueueSettings
  #isSource = false
  /** Lowest priority first: the outbox of priority p is the p-th. */
  #outboxes: readonly Outbox[] = none
  #bytes = 0
  #hadConsumers = false
  #closed: BrokerError | undefined

  constructor(id: string, definition: QueueDefinition, settings: QueueSettings, parts: QueueParts) {
    this.id = id
    this.vhost = definition.vhost
    this.name = definition.name
    this.#definition = definition
    this.#settings = settings
    this.#parts = parts
    this.#subscription = new Subscription(this, parts.world)
  }

  get title(): string {
    return `queue '${this.name}' in vhost '${this.vhost}'`
  }
  get definition(): QueueDefinition {
    return this.#definition
  }
  get settings(): QueueSettings {
    return this.#settings
  }
  get rules(): SubscriptionRules {
    return this.#settings
  }
  get subscription(): Subscription {
    return this.#subscription
  }
  /** Messages that could be delivered now. */
  get readyCount(): number {
    return this.#subscription.readyCount
  }
  /** Messages that are out with consumers. */
  get outCount(): number {
    return this.#subscription.outCount
  }
  get consumerCount(): number {
    return this.#subscription.consumers.size
  }
  /** Bytes of the logs, settled messages that are still there among them. */
  get logBytes(): number {
    return this.#subscription.lanes.reduce((sum, lane) => sum + lane.partition.log.bytes, 0)
  }

  /** Begins to work over these partitions: those of its priorities, lowest first, or those of its source. */
  async open(partitions: readonly Partition[], { isSource }: { readonly isSource: boolean }): Promise<void> {
    this.#isSource = isSource
    const lanes = partitions.map(partition => this.#laneOf(partition))
    if (this.#dedup !== undefined) await this.#rememberIds(partitions, this.#dedup)
    if (this.#settings.maxBytes !== Number.POSITIVE_INFINITY) await this.#countBytes(lanes)
    this.#subscription.use([...lanes].reverse())
    if (this.#hasTimes) this.#expire('cursor')
    this.#watchUse()
  }

  /** The definition or a policy changed. */
  redefine(definition: QueueDefinition, settings: QueueSettings): void {
    const ttlChanged = settings.ttlMs !== this.#settings.ttlMs
    const hadTimes = this.#hasTimes
    this.#definition = definition
    this.#settings = settings
    if (!hadTimes && this.#hasTimes) this.#expire(ttlChanged ? 'cursor' : 'end')
    else if (ttlChanged) this.#expiry?.restart()
    this.#watchUse()
    this.#makeRoom()
  }

  put(publication: Publication, receipt: Receipt | undefined): void {
    const refusal = this.#refusal(publication)
    if (refusal !== undefined) {
      receipt?.done(refusal)
      return
    }
    const { dedupId } = publication
    const dedup = dedupId === undefined ? undefined : this.#dedup
    if (dedupId !== undefined && dedup?.isNew(dedupId) === false) {
      receipt?.done()
      return
    }
    this.counts.published++
    const bytes = bodyBytes(publication.record)
    this.#bytes += bytes
    const outboxes = this.#openOutboxes()
    const lane = Math.min(Math.max(0, publication.priority ?? 0), outboxes.length - 1)
    const own = dedupId !== undefined && dedup !== undefined ? forgetting(dedup, dedupId, receipt) : receipt
    outboxes[lane]?.put(publication.record, this.#factsOf(publication), own)
  }

  /** Errors: CONSUMER_EXCLUDED, QUEUE_UNKNOWN when the queue is gone. */
  subscribe(options: ConsumerOptions): Consumer {
    const consumer = this.#subscription.subscribe(options)
    this.#hadConsumers = true
    this.used()
    return consumer
  }

  /** POLL: the next message, or undefined at once. Errors: QUEUE_UNKNOWN. */
  poll(options: { readonly presettled?: boolean } = {}): Fetched | undefined | Promise<Fetched | undefined> {
    if (this.#closed !== undefined) throw this.#closed
    this.used()
    return this.#subscription.fetch(options)
  }

  /**
   * Resolves when the messages that came so far can be seen, or were refused, and have pushed out what is beyond the limits;
   * undefined when that is so already. Whoever publishes and then asks on the same channel expects to find what he published.
   */
  arrivals(): Promise<unknown> | undefined {
    const waits = this.#outboxes.map(one => one.arrivals()).filter(one => one !== undefined)
    const dropped = (): Promise<void> | undefined => this.#dropHead?.dropped
    return waits.length === 0 ? dropped() : Promise.all(waits).then(dropped)
  }

  /** GET: waits for a message. Errors: QUEUE_UNKNOWN, AbortError. */
  async get({
    presettled = false,
    signal,
  }: {
    readonly presettled?: boolean
    readonly signal?: AbortSignal
  } = {}): Promise<Fetched> {
    for (;;) {
      signal?.throwIfAborted()
      const found = await this.poll({ presettled })
      if (found !== undefined) return found
      await this.#ready(signal)
    }
  }

  /** NOTIFY: calls once when there may be a message to get; gives the function that takes it back. */
  notify(call: () => void): () => void {
    return this.#subscription.whenReady(call)
  }

  /** Ends a lock `ms` from now instead of when it would have ended. */
  lock(delivery: Delivery, ms: number): void {
    this.#subscription.lock(delivery, ms)
  }

  /** Looks at messages without touching them, oldest first; those that are out among them. */
  browse(signal?: AbortSignal): AsyncIterable<Message> {
    return new Browser(this.#subscription.lanes, signal)
  }

  /** Settles every ready message; gives how many those were. */
  purge(): number {
    this.used()
    let count = 0
    for (const lane of this.#subscription.lanes) count += lane.purge()
    this.#bytes = 0
    return count
  }

  /** Somebody uses the queue: it does not expire for now. */
  used(): void {
    this.#unused?.used()
  }

  /** Takes no more messages and consumers. What consumers have out may still be settled. */
  close(reason: BrokerError): void {
    if (this.#closed !== undefined) return
    this.#closed = reason
    this.#unused?.close()
    this.#unused = undefined
    this.#expiry?.close()
    this.#deadLetters?.close()
    this.#subscription.close(reason)
  }

  /** Forgets what is kept of its cursors. */
  forget(): void {
    for (const lane of this.#subscription.lanes) this.#parts.settlements?.remove(lane.name)
  }

  /** For the subscription: a message that is out leaves. */
  discard(lane: Lane, offset: Offset, reason: DiscardReason, message?: Message): void {
    this.counts.discarded++
    this.#letters().discard(lane, offset, reason, message)
  }

  /** For the subscription: the last consumer went. */
  abandoned(): void {
    this.used()
    if (this.#definition.autoDelete && this.#hadConsumers && this.#closed === undefined)
      this.#parts.unused(this)
  }

  /** For readers of its lanes. */
  expiryOf(timestamp: number): number {
    return timestamp < 0 ? Number.POSITIVE_INFINITY : timestamp + this.#settings.ttlMs
  }

  /** For its lanes: ids within the window are read again at the next start. */
  keepFrom({ partition }: Lane): Promise<Offset> | undefined {
    const dedup = this.#dedup
    return dedup === undefined ? undefined : dedupKeeps(dedup, partition)
  }

  /** For its subscription: a message came back, maybe beyond the limits. */
  returned(): void {
    this.#makeRoom()
  }

  /** For its lanes: messages may be ready that were not before. */
  laneMoved(): void {
    this.#expiry?.catchUp()
    this.#makeRoom()
    this.#subscription.schedule()
  }

  /** For its lanes: bodies of this many bytes are settled. */
  laneSettled(bytes: number): void {
    this.#bytes = Math.max(0, this.#bytes - bytes)
  }

  /** For its lanes: reading or forgetting went wrong. */
  laneFailed(_: Lane, error: unknown): void {
    this.#parts.onFault(this, storageError(error))
  }

  /** Whether messages can have a time to live at all. */
  get #hasTimes(): boolean {
    return this.#settings.ttlMs !== Number.POSITIVE_INFINITY || this.#definition.hasExpiring
  }

  /** Begins to watch for messages whose time is over: all that are there, or those that come. */
  #expire(from: 'cursor' | 'end'): void {
    if (this.#expiry !== undefined) {
      this.#expiry.restart()
      return
    }
    const { world, onFault } = this.#parts
    this.#expiry = new DueMessages({
      world,
      isNeeded: () => this.#hasTimes,
      timeOf: message => message.expiresAt,
      due: (lane, offset) => this.discard(lane, offset, 'expired'),
      onFault: (_, error) => onFault(this, error),
    })
    this.#expiry.use(this.#subscription.lanes, { from, expiries: this })
  }

  /** Undefined when the queue does not deduplicate. */
  get #dedup(): DedupWindow | undefined {
    if (this.#settings.dedupMs <= 0) return undefined
    this.#dedupWindow ??= new DedupWindow(this.#parts.world, () => this.#settings.dedupMs)
    return this.#dedupWindow
  }

  #letters(): DeadLetters {
    const { world, routing, fieldsOf, onFault } = this.#parts
    this.#deadLetters ??= new DeadLetters({
      vhost: this.vhost,
      queue: this.name,
      world,
      routing: routing(),
      rule: () => this.#settings.deadLetter,
      fieldsOf,
      needsSizes: () => this.#settings.maxBytes !== Number.POSITIVE_INFINITY,
      onFault: (_, error) => onFault(this, error),
    })
    return this.#deadLetters
  }

  #laneOf(partition: Partition): Lane {
    const { settlements } = this.#parts
    const name = `${this.id}/${partition.index}`
    const lane = new Lane({
      name,
      partition,
      state: settlements?.restore(name) ?? freshState(),
      owns: !this.#isSource,
      owner: this,
      keeper: settlements,
    })
    settlements?.add(lane)
    return lane
  }

  /** Lowest priority first; none when it reads a topic. */
  #openOutboxes(): readonly Outbox[] {
    if (this.#outboxes.length === 0 && !this.#isSource)
      this.#outboxes = [...this.#subscription.lanes].reverse().map(lane => this.#outboxOf(lane))
    return this.#outboxes
  }

  #outboxOf(lane: Lane): Outbox {
    return new Outbox({
      partition: lane.partition,
      lane,
      afloat: this.#parts.afloat,
      placed: (base, facts) =>
        this.#expiry?.placed(lane, base, facts.length, n => (facts[n] as Facts).expiresAt),
      refused: () => this.#expiry?.restart(),
    })
  }

  /** Why a message is not taken. */
  #refusal({ record, persistent }: Publication): BrokerError | undefined {
    if (this.#closed !== undefined) return this.#closed
    if (this.#isSource)
      return new BrokerError(
        'REQUEST_UNSUPPORTED',
        `${this.title} reads a topic: publish to the topic instead`,
      )
    if (persistent && this.#definition.durable && !this.#parts.isKept && this.#parts.refusesPersistent())
      return new BrokerError(
        'QUEUE_TRANSIENT',
        `${this.title} is kept in memory and cannot keep a persistent message: declare it as transient, or give the broker a folder`,
      )
    const { maxLength, maxBytes, overflow } = this.#settings
    if (overflow === 'drop-head' || !hasLimits(this.#settings)) return undefined
    const waiting = this.readyCount + this.#afloatMessages
    if (waiting < maxLength && this.#bytes + bodyBytes(record) <= maxBytes) return undefined
    if (overflow === 'reject-publish-dlx') this.#letters().refuse(record, 'maxlen')
    return new BrokerError('QUEUE_FULL', `${this.title} is full: it holds ${waiting} messages`)
  }

  get #afloatMessages(): number {
    let count = 0
    for (const outbox of this.#outboxes) count += outbox.messages
    return count
  }

  #factsOf({ ttlMs, groupId, dedupId }: Publication): Facts {
    const ttl = Math.min(ttlMs ?? Number.POSITIVE_INFINITY, this.#settings.ttlMs)
    if (ttl === Number.POSITIVE_INFINITY && groupId === undefined && dedupId === undefined) return noFacts
    if (ttlMs !== undefined && !this.#definition.hasExpiring) this.#parts.expiring(this)
    const expiresAt = this.#parts.world.now() + ttl
    return { expiresAt, groupId, dedupId }
  }

  async #rememberIds(partitions: readonly Partition[], dedup: DedupWindow): Promise<void> {
    for (const partition of partitions)
      await eachMessage(new MessageReader(partition, partition.start), ({ dedupId, timestamp }) => {
        if (dedupId !== undefined && timestamp >= dedup.since) dedup.remember(dedupId, timestamp)
      })
  }

  async #countBytes(lanes: readonly Lane[]): Promise<void> {
    this.#bytes = 0
    for (const lane of lanes)
      await eachMessage(new MessageReader(lane.partition, lane.cursor), message => {
        if (!lane.isSettled(message.offset)) this.#bytes += bodyBytes(message)
      })
  }

  #makeRoom(): void {
    if (this.#settings.overflow !== 'drop-head' || !hasLimits(this.#settings) || !this.#isOver) return
    this.#dropHead ??= new DropHead({
      lowestFirst: () => [...this.#subscription.lanes].reverse(),
      isOver: () => this.#closed === undefined && this.#isOver,
      drop: (lane, message) => this.discard(lane, message.offset, 'maxlen', message),
    })
    this.#dropHead.makeRoom()
  }

  get #isOver(): boolean {
    const { maxLength, maxBytes } = this.#settings
    return this.readyCount > maxLength || (this.#bytes > maxBytes && this.readyCount > 0)
  }

  #ready(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    return new Promise((resolve, reject) => {
      const stop = this.notify(() => {
        signal?.removeEventListener('abort', aborted)
        resolve()
      })
      const aborted = (): void => {
        stop()
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', aborted, { once: true })
    })
  }

  #watchUse(): void {
    if (this.#closed !== undefined || this.#settings.expiresMs === Number.POSITIVE_INFINITY) return
    this.#unused ??= new Unused(this.#parts.world, {
      expiresMs: () => this.#settings.expiresMs,
      isUsed: () => this.consumerCount > 0,
      expired: () => this.#parts.unused(this),
    })
    this.#unused.watch()
  }
}

/** An id whose message was refused may come again. */
function forgetting(dedup: DedupWindow, dedupId: string, receipt: Receipt | undefined): Receipt {
  return {
    done: error => {
      if (error !== undefined) dedup.takeBack(dedupId)
      receipt?.done(error)
    },
  }
}

async function dedupKeeps({ since }: DedupWindow, { log }: Partition): Promise<Offset> {
  return (await log.seek(since)) ?? log.end
}

async function eachMessage(reader: MessageReader, call: (message: Message) => void): Promise<void> {
  for (;;) {
    const message = reader.next()
    if (message === undefined) return
    if (message instanceof Promise) await message
    else call(message)
  }
}
