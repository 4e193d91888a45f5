// One partition of a topic: a log, and what the broker knows beside it (its producers and transactions). Those are made
// again from the batches' headers when they are first needed, from the last snapshot on.
//
//   append: admit (form, size, time, keys) -> producer's sequence -> transaction is open -> log -> durable
//   read:   up to `end`, or up to the last stable offset for readers of committed records only

import {
  batchesOf,
  type Log,
  type LogExtent,
  type LogSlice,
  type Offset,
  type RecordBatch,
} from '../../log/index.ts'
import { readEndMarker } from '../../log/record/control.ts'
import type { World } from '../../world/index.ts'
import { BrokerError } from '../errors.ts'
import { storageError } from '../storage-error.ts'
import type { TopicSettings } from '../topics/settings.ts'
import { admit } from './admission.ts'
import { Producers } from './producers.ts'
import { recompressed } from './recompress.ts'
import { cutAt } from './slice.ts'
import type { PartitionSnapshot, Snapshots } from './snapshot.ts'
import { type AbortedTransaction, AbortedTransactions } from './transactions.ts'

/** Which records a reader wants to see. */
export type Isolation = 'uncommitted' | 'committed'

export interface Appended {
  readonly offset: Offset
  /** The time given to the records when the topic stamps them itself, else -1. */
  readonly appendTime: number
  readonly start: Offset
}

/** Says whether this producer may write transactionally here: throws TRANSACTION_STATE_INVALID or PRODUCER_FENCED. */
export type TransactionCheck = (producerId: number, epoch: number) => void

export interface PartitionParts {
  readonly topicId: string
  readonly topic: string
  readonly index: number
  readonly log: Log
  readonly world: World
  /** Whose settings are those of the partition: its topic. */
  readonly owner: { readonly settings: TopicSettings }
  readonly snapshots: Snapshots
}

const SCAN_BYTES = 1024 * 1024
/** Bytes appended since the last snapshot after which the next one is due: bounds what a restart scans. */
const SNAPSHOT_EVERY_BYTES = 64 * 1024 * 1024

export class Partition {
  readonly topicId: string
  readonly topic: string
  readonly index: number
  readonly log: Log
  readonly producers = new Producers()
  readonly #world: World
  readonly #owner: { readonly settings: TopicSettings }
  readonly #snapshots: Snapshots
  readonly #aborted = new AbortedTransactions()
  #warming: Promise<void> | undefined
  #warm = false
  #sinceSnapshot = 0

  constructor(parts: PartitionParts) {
    this.topicId = parts.topicId
    this.topic = parts.topic
    this.index = parts.index
    this.log = parts.log
    this.#world = parts.world
    this.#owner = parts.owner
    this.#snapshots = parts.snapshots
    if (this.log.end === this.log.start) this.#warm = true
  }

  get start(): Offset {
    return this.log.start
  }

  /** One past the last durable record: what every reader may see. */
  get highWatermark(): Offset {
    return this.log.end
  }

  /** One past the last record whose outcome is known, never below the start. The partition must be warm. */
  get lastStableOffset(): Offset {
    return Math.max(this.log.start, Math.min(this.producers.firstOpen ?? this.log.end, this.log.end))
  }

  /** Up to where such a reader may read. For committed records the partition must be warm. */
  readableEnd(isolation: Isolation): Offset {
    return isolation === 'committed' ? this.lastStableOffset : this.highWatermark
  }

  /** Undefined when producers and transactions are known; else resolves when they are. */
  warm(): Promise<void> | undefined {
    if (this.#warm) return undefined
    this.#warming ??= this.#scan().finally(() => {
      this.#warming = undefined
    })
    return this.#warming
  }

  /**
   * Takes a producer's batch; its buffer is kept. Resolves when it is durable; a repeat of a remembered batch resolves
   * with the first one's offset once that is durable. The partition must be warm when the batch has a producer id.
   */
  append(batch: RecordBatch, transaction?: TransactionCheck): Promise<Appended> {
    try {
      return this.#accept(batch, transaction)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Appends the marker that ends a producer's transaction here; resolves when it is durable. The outcome must be
   * durable already: the transaction counts as ended at once, and still does when the store refuses the marker, which
   * is then to be appended again.
   */
  async appendMarker(marker: RecordBatch): Promise<Offset> {
    await this.warm()
    return this.#write(marker, () => this.#recordMarker(marker))
  }

  /**
   * Appends a batch that the broker itself made of messages; its buffer is kept, and its first offset is the log's
   * `nextOffset` before the call. Resolves when it is durable. Errors: STORAGE_FULL, STORAGE_FAILED.
   */
  appendBuilt(batch: RecordBatch): Promise<Offset> {
    return this.#write(batch, () => {})
  }

  /** Whole batches from the one that holds `from`. Errors: OFFSET_OUT_OF_RANGE, STORAGE_ROTTEN. */
  read(from: Offset, maxBytes: number, isolation: Isolation): LogSlice | Promise<LogSlice> {
    const limit = this.readableEnd(isolation)
    if (from > limit && from <= this.highWatermark) return { chunks: [], bytes: 0, start: from, next: from }
    try {
      const slice = this.log.read(from, maxBytes)
      if (slice instanceof Promise)
        return slice.then(
          late => cutAt(late, limit),
          error => Promise.reject(storageError(error)),
        )
      return cutAt(slice, limit)
    } catch (error) {
      throw storageError(error)
    }
  }

  /** What `read` would give, to be read while it is sent; undefined when `read` is the way. Errors: those of `read`. */
  extent(from: Offset, maxBytes: number, isolation: Isolation): LogExtent | undefined {
    try {
      return this.log.extent?.(from, maxBytes, this.readableEnd(isolation))
    } catch (error) {
      throw storageError(error)
    }
  }

  /** Aborted transactions with batches in [from, to). The partition must be warm. */
  abortedWithin(from: Offset, to: Offset): AbortedTransaction[] {
    return this.#aborted.within(from, to)
  }

  /** Forgets everything below `before`. Errors: OFFSET_OUT_OF_RANGE. */
  async trim(before: Offset): Promise<void> {
    if (before < 0 || before > this.highWatermark)
      throw new BrokerError(
        'OFFSET_OUT_OF_RANGE',
        `${this.topic}-${this.index} cannot be cut to ${before}, its end is ${this.highWatermark}`,
      )
    try {
      await this.log.trim(before)
    } catch (error) {
      throw storageError(error)
    }
    this.#aborted.trim(this.log.start)
  }

  watch(listener: () => void): () => void {
    return this.log.watch(listener)
  }

  /** Keeps what a restart would have to scan for. */
  async snapshot(): Promise<void> {
    if (!this.#warm || this.#sinceSnapshot === 0) return
    this.#sinceSnapshot = 0
    await this.#snapshots.save(this, {
      offset: this.log.end,
      producers: this.producers.knownAt(this.log.end),
      aborted: this.#aborted.list(),
    })
  }

  /**
   * Forgets the aborted transactions that end with these markers, of which compaction found nothing left, and keeps a
   * snapshot in any case: when it resolves, no restart needs a marker that is durable now. The partition must be warm.
   */
  async forgetAborted(markers: ReadonlySet<Offset>): Promise<void> {
    this.#aborted.forget(markers)
    this.#sinceSnapshot ||= 1
    await this.snapshot()
  }

  #accept(batch: RecordBatch, transaction: TransactionCheck | undefined): Promise<Appended> {
    const { settings } = this.#owner
    const now = this.#world.now()
    admit(batch, settings, now)
    if (batch.producerId >= 0) {
      const repeated = this.producers.check(batch)
      if (repeated !== undefined) return this.#repeat(repeated.offset, repeated.lastOffset)
      if (batch.isTransactional) transaction?.(batch.producerId, batch.producerEpoch)
      this.#refuseLooseBatch(batch)
    }
    const stored = recompressed(batch, settings.compression)
    if (settings.timestampType === 'LogAppendTime') stored.stampLogAppendTime(now)
    const appended = this.#write(stored, () => {
      if (stored.producerId >= 0) this.producers.record(stored)
    })
    const appendTime = settings.timestampType === 'LogAppendTime' ? now : -1
    return appended.then(offset => ({ offset, appendTime, start: this.log.start }))
  }

  /** A producer in a transaction must not write outside it (Kafka: INVALID_TXN_STATE). */
  #refuseLooseBatch(batch: RecordBatch): void {
    if (!batch.isTransactional && this.producers.get(batch.producerId)?.openSince !== undefined)
      throw new BrokerError(
        'TRANSACTION_STATE_INVALID',
        `producer ${batch.producerId} has a transaction open in ${this.topic}-${this.index}`,
      )
  }

  /** The first one may still be on its way to the disk: a repeat is not acknowledged before it. */
  async #repeat(offset: Offset, lastOffset: Offset): Promise<Appended> {
    while (this.log.end <= lastOffset) {
      if (this.log.nextOffset <= lastOffset)
        throw new BrokerError('STORAGE_FULL', `the batch at ${offset} was refused; send it again`)
      await new Promise<void>(resolve => {
        const stop = this.log.watch(() => {
          stop()
          resolve()
        })
      })
    }
    return { offset, appendTime: -1, start: this.log.start }
  }

  /** What is remembered of the batch is so before the append: readers that it wakes ask for the last stable offset. */
  #write(batch: RecordBatch, remember: () => void): Promise<Offset> {
    const { bytes } = batch
    batch.baseOffset = this.log.nextOffset
    remember()
    return this.log.append(batch).then(
      offset => {
        this.#sinceSnapshot += bytes
        if (this.#sinceSnapshot >= SNAPSHOT_EVERY_BYTES) void this.snapshot().catch(() => {}) // a longer scan, no loss
        return offset
      },
      error => {
        this.producers.undoFrom(this.log.nextOffset)
        throw storageError(error)
      },
    )
  }

  #recordMarker(batch: RecordBatch): void {
    const marker = readEndMarker(batch)
    if (marker === undefined) return
    const began = this.producers.end(
      batch.producerId,
      batch.producerEpoch,
      marker.coordinatorEpoch,
      batch.maxTimestamp,
    )
    if (marker.outcome === 'abort' && began !== undefined)
      this.#aborted.add({
        producerId: batch.producerId,
        firstOffset: began,
        lastOffset: batch.baseOffset,
        stableAfter: this.producers.firstOpen ?? batch.baseOffset + 1,
      })
  }

  async #scan(): Promise<void> {
    const from = this.#restore(this.#snapshots.load(this))
    for (let at = from; at < this.log.end; ) {
      const slice = await this.log.read(at, SCAN_BYTES)
      for (const chunk of slice.chunks)
        for (const batch of batchesOf(chunk)) if (batch.baseOffset >= from) this.#recall(batch)
      at = slice.next
    }
    this.#sinceSnapshot = Math.max(1, this.log.end - from)
    this.#warm = true
  }

  #restore(snapshot: PartitionSnapshot | undefined): Offset {
    const usable = snapshot !== undefined && snapshot.offset <= this.log.end ? snapshot : undefined
    this.producers.restore(usable?.producers ?? []) // a scan that failed half-way leaves nothing behind
    this.#aborted.restore(usable?.aborted ?? [])
    this.#aborted.trim(this.log.start)
    return Math.max(usable?.offset ?? 0, this.log.start)
  }

  #recall(batch: RecordBatch): void {
    if (batch.producerId < 0) return
    if (batch.isControl) this.#recordMarker(batch)
    else this.producers.record(batch)
  }
}
