// Reads partitions of a topic from given offsets on: one long poll per leader at a time, answers in the order they come,
// and a bounded number of them kept, so that a slow reader slows the brokers down. Offsets are the caller's; nothing is
// committed here.

import { type Deferred, deferred } from '../../flow/index.ts'
import type { ResponseOutput } from '../../heads/kafka/wire/api.ts'
import { Fetch } from '../../heads/kafka/wire/index.ts'
import { ZERO_UUID } from '../../heads/kafka/wire/kinds.ts'
import type { RecordBatch } from '../../log/index.ts'
import type { Client } from './client.ts'
import { BrokerFault, retryOf } from './faults.ts'
import { limits } from './limits.ts'
import { type Isolation, isolationLevel, offsetsAt, places } from './offsets.ts'
import { backoff, raced, sleep } from './patience.ts'
import { Visibility, wholeBatches } from './visible.ts'

export interface FetcherOptions {
  readonly topic: string
  /** Where to begin, by partition. */
  readonly from: ReadonlyMap<number, number>
  /** Where to stop, by partition; without it reading never ends. */
  readonly until?: ReadonlyMap<number, number>
  readonly isolation?: Isolation
  readonly waitMs?: number
  /** Ends reading: `pieces` returns. */
  readonly signal: AbortSignal
  /** Told when records that were asked for have been deleted in the meantime. */
  readonly onGap?: (partition: number, asked: number, found: number) => void
}

/** What came of one partition. */
export interface Piece {
  readonly partition: number
  /** Batches to look at, in order; the first may begin before `from`. */
  readonly batches: readonly RecordBatch[]
  /** The first offset that was asked for. */
  readonly from: number
  /** The offset to continue at. */
  readonly next: number
  /** The end of the partition at the time. */
  readonly end: number
}

type PartitionAnswer = ResponseOutput<typeof Fetch>['responses'][number]['partitions'][number]

/** Fetch versions from this one on name topics by their id. */
const TOPIC_ID_VERSION = 13

/** All pieces until the ends are reached or the signal aborts. Errors: BrokerFault, CommandError for damaged batches. */
export function pieces(client: Client, options: FetcherOptions): AsyncGenerator<Piece> {
  return new Fetcher(client, options).pieces()
}

class Fetcher {
  readonly #client: Client
  readonly #options: FetcherOptions
  readonly #positions: Map<number, number>
  readonly #busy = new Set<number>()
  readonly #fetched: Piece[] = []
  readonly #ended = new AbortController()
  #failure: Error | undefined
  #changed: Deferred<void> = deferred()
  #attempts = 0
  #deadline: number | undefined

  constructor(client: Client, options: FetcherOptions) {
    this.#client = client
    this.#options = options
    this.#positions = new Map(
      [...options.from].filter(([partition, offset]) => !this.#isDone(partition, offset)),
    )
  }

  async *pieces(): AsyncGenerator<Piece> {
    const { signal } = this.#options
    const stop = (): void => this.#stop(undefined)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    const work = this.#coordinate().catch(error => this.#stop(error))
    try {
      for (;;) {
        const piece = this.#fetched.shift()
        if (piece !== undefined) {
          this.#change()
          yield piece
        } else if (this.#failure !== undefined) throw this.#failure
        else if (this.#ended.signal.aborted || (this.#positions.size === 0 && this.#busy.size === 0)) return
        else await this.#changed.promise
      }
    } finally {
      this.#stop(undefined)
      signal.removeEventListener('abort', stop)
      await work
    }
  }

  /** Gives every partition that nobody fetches to the loop of its leader, until there are none left. */
  async #coordinate(): Promise<void> {
    while (!this.#ended.signal.aborted && this.#positions.size > 0) {
      const idle = [...this.#positions.keys()].filter(partition => !this.#busy.has(partition))
      const byLeader = new Map<number, number[]>()
      try {
        for (const partition of idle) {
          const leader = await this.#client.cluster.leader(this.#options.topic, partition)
          byLeader.set(leader, [...(byLeader.get(leader) ?? []), partition])
        }
      } catch (error) {
        await this.#setBack(error)
        continue
      }
      for (const [leader, partitions] of byLeader) void this.#follow(leader, partitions)
      await this.#changed.promise
    }
  }

  /** Fetches from one leader until something must be sorted out anew. */
  async #follow(leader: number, partitions: readonly number[]): Promise<void> {
    for (const partition of partitions) this.#busy.add(partition)
    try {
      let mine = [...partitions]
      while (mine.length > 0 && !this.#ended.signal.aborted) {
        const answers = await this.#fetch(leader, mine)
        this.#attempts = 0
        this.#deadline = undefined
        for (const answer of answers) await this.#take(answer)
        mine = mine.filter(partition => this.#positions.has(partition))
        await this.#room()
      }
    } catch (error) {
      if (!this.#ended.signal.aborted) await this.#setBack(error).catch(reason => this.#stop(reason))
    } finally {
      for (const partition of partitions) this.#busy.delete(partition)
      this.#change()
    }
  }

  async #fetch(leader: number, partitions: readonly number[]): Promise<readonly PartitionAnswer[]> {
    const { topic, isolation = 'committed', waitMs = limits.fetchWaitMs } = this.#options
    const { signal } = this.#ended
    const { topicId } = await this.#client.cluster.topic(topic)
    const connection = await raced(this.#client.cluster.node(leader), signal)
    const request = connection.request(
      Fetch,
      {
        maxWaitMs: waitMs,
        minBytes: 1,
        maxBytes: limits.fetchBytes,
        isolationLevel: isolationLevel(isolation),
        topics: [{ topic, topicId, partitions: partitions.map(partition => this.#asked(partition)) }],
      },
      {
        timeoutMs: this.#client.timeoutMs + waitMs,
        ...(topicId === ZERO_UUID && { versionMax: TOPIC_ID_VERSION - 1 }),
      },
    )
    const answer = await raced(request, signal)
    if (answer.errorCode !== 0) throw new BrokerFault(answer.errorCode, `reading ${topic}`)
    return answer.responses[0]?.partitions ?? []
  }

  #asked(partition: number) {
    const fetchOffset = this.#positions.get(partition) ?? 0
    return { partition, fetchOffset, partitionMaxBytes: limits.fetchPartitionBytes }
  }

  async #take(answer: PartitionAnswer): Promise<void> {
    const { topic } = this.#options
    const partition = answer.partitionIndex
    const from = this.#positions.get(partition)
    if (from === undefined) return
    const where = `partition ${partition} of ${topic}`
    const fault = answer.errorCode === 0 ? undefined : new BrokerFault(answer.errorCode, where)
    if (fault?.is('OFFSET_OUT_OF_RANGE')) return this.#skipGap(partition, from, fault)
    if (fault !== undefined) throw fault
    const visibility = new Visibility(answer.abortedTransactions)
    const batches: RecordBatch[] = []
    let next = from
    for (const batch of wholeBatches(answer.records ?? Buffer.alloc(0), where)) {
      next = Math.max(next, batch.lastOffset + 1)
      if (visibility.isVisible(batch) && batch.lastOffset >= from) batches.push(batch)
    }
    this.#advance(partition, next)
    this.#fetched.push({ partition, batches, from, next, end: answer.highWatermark })
    this.#change()
  }

  /** Retention may have passed us: then reading goes on where the partition begins now. */
  async #skipGap(partition: number, from: number, fault: BrokerFault): Promise<void> {
    const { topic, onGap } = this.#options
    const found = (await offsetsAt(this.#client, topic, [partition], places.start)).get(partition) ?? 0
    if (found <= from) throw fault
    onGap?.(partition, from, found)
    this.#advance(partition, found)
  }

  #advance(partition: number, offset: number): void {
    if (this.#isDone(partition, offset)) this.#positions.delete(partition)
    else this.#positions.set(partition, offset)
  }

  #isDone(partition: number, offset: number): boolean {
    const { until } = this.#options
    return until !== undefined && offset >= (until.get(partition) ?? 0)
  }

  /** A pause before trying again, or the end when that cannot help or the time is up. */
  async #setBack(error: unknown): Promise<void> {
    const { world, timeoutMs, cluster } = this.#client
    this.#deadline ??= world.monotonic() + timeoutMs
    const retry = retryOf(error)
    if (retry === 'no' || world.monotonic() > this.#deadline) throw error
    if (retry === 'elsewhere') cluster.forget(this.#options.topic)
    await sleep(world, backoff(world, ++this.#attempts), this.#ended.signal)
  }

  /** Waits while more is fetched than is read. */
  async #room(): Promise<void> {
    while (this.#fetched.length >= limits.fetchedMax * Math.max(1, this.#options.from.size)) {
      if (this.#ended.signal.aborted) return
      await this.#changed.promise
    }
  }

  #change(): void {
    this.#changed.resolve()
    this.#changed = deferred()
  }

  #stop(error: unknown): void {
    const { signal } = this.#ended
    if (error !== undefined && !signal.aborted)
      this.#failure = error instanceof Error ? error : new Error(String(error))
    this.#ended.abort()
    this.#change()
  }
}
