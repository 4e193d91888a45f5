// What upkeep's stories are told in: a broker over memory whose clock is moved by hand, one topic, and a reader that
// goes by the rules of Kafka's consumers.

import {
  batchesOf,
  type MemoryStore,
  type Offset,
  openMemoryStore,
  type RecordBatch,
} from '../../log/index.ts'
import { buildBatch, type NewRecord } from '../../log/record/builder.ts'
import { buildEndMarker, readEndMarker } from '../../log/record/control.ts'
import { recordsOf } from '../../log/record/records.ts'
import { ManualWorld } from '../../world/index.ts'
import { Broker } from '../broker.ts'
import { Journal } from '../journal.ts'
import type { Partition } from '../partition/partition.ts'
import type { UpkeepFailure } from './upkeep.ts'

const TOPIC = 't'
const limits = { maxBytes: 1 << 24 }

/** A record as a story sees it; null is a tombstone. */
export interface Seen {
  readonly offset: Offset
  readonly key: string | null
  readonly value: string | null
}

export interface Producer {
  readonly id: number
  readonly epoch?: number
  readonly sequence: number
  readonly transactional?: boolean
}

export class Scene {
  readonly world = new ManualWorld()
  readonly failures: UpkeepFailure[] = []
  #store: MemoryStore = openMemoryStore()
  #broker: Broker | undefined

  static async open(configs: Readonly<Record<string, string>> = {}): Promise<Scene> {
    const scene = new Scene()
    await scene.#open()
    await scene.broker.topics.create({ name: TOPIC, partitions: 1, configs })
    return scene
  }

  get broker(): Broker {
    if (this.#broker === undefined) throw new Error('the scene is not open')
    return this.#broker
  }
  get partition(): Partition {
    const partition = this.broker.topics.partition(TOPIC, 0)
    if (partition === undefined) throw new Error(`topic ${TOPIC} is not there`)
    return partition
  }
  get now(): number {
    return this.world.now()
  }
  /** Base offsets of the segments, the one being written included. */
  get bases(): readonly Offset[] {
    return this.partition.log.segments.map(one => one.base)
  }

  async configure(configs: Readonly<Record<string, string>>): Promise<void> {
    await this.broker.topics.configure(TOPIC, configs)
  }

  /** Appends one batch of `key=value` (a bare `key` is a tombstone), at `age` ms before now. */
  async write(text: string, { producer, age = 0 }: { producer?: Producer; age?: number } = {}) {
    return this.append(recordsFrom(text, this.now - age), producer)
  }

  async append(records: readonly NewRecord[], producer?: Producer): Promise<Offset> {
    await this.partition.warm()
    const { offset } = await this.partition.append(
      buildBatch(records, producer === undefined ? {} : header(producer)),
    )
    return offset
  }

  async end(producerId: number, outcome: 'commit' | 'abort', producerEpoch = 0): Promise<Offset> {
    const timestamp = this.now
    const marker = { outcome, coordinatorEpoch: 0, producerId, producerEpoch, timestamp }
    return this.partition.appendMarker(buildEndMarker(marker))
  }

  async roll(): Promise<void> {
    await this.partition.log.roll()
  }

  /** One round of upkeep in which nothing may fail. */
  async upkeep(): Promise<void> {
    await this.broker.upkeep.runNow()
    if (this.failures.length > 0) throw this.failures[0]?.error
  }

  /** As if the process had ended, with or without the care of a clean stop, and begun anew. */
  async restart({ clean = true }: { clean?: boolean } = {}): Promise<void> {
    if (clean) await this.broker.close()
    else await this.broker.upkeep.stop()
    await this.#store.close()
    this.#store = openMemoryStore({ from: this.#store })
    await this.#open()
  }

  /** Takes from the metadata what is known of producers, so that a restart has only the log. */
  async forgetSnapshot(): Promise<void> {
    const journal = await Journal.open(this.#store, this.world, [
      { name: 'partition', apply() {}, entries: () => [], valueOf: () => undefined },
    ])
    const { topicId, index } = this.partition
    await journal.write([{ section: 'partition', key: `${topicId}/${index}`, value: null }])
  }

  /** Every record that is there. */
  async all(): Promise<Seen[]> {
    return (await this.batches()).filter(batch => !batch.isControl).flatMap(batch => seenIn(batch))
  }

  async batches(): Promise<RecordBatch[]> {
    const { log } = this.partition
    const found: RecordBatch[] = []
    for (let at = log.start; at < log.end; ) {
      const slice = await log.read(at, 500)
      found.push(...slice.chunks.flatMap(chunk => [...batchesOf(chunk)]))
      if (slice.next <= at) throw new Error(`reading at ${at} of ${log.end} leads nowhere`)
      at = slice.next
    }
    return found
  }

  /** What a consumer of committed records gets in small fetches from the start to the last stable offset. */
  async committed(): Promise<Seen[]> {
    const { partition } = this
    await partition.warm()
    const records: Seen[] = []
    const skipped = new Set<number>()
    for (let at = partition.start; at < partition.lastStableOffset; ) {
      const slice = await partition.read(at, 300, 'committed')
      const aborted = partition.abortedWithin(at, slice.next).sort((a, b) => b.firstOffset - a.firstOffset)
      for (const batch of slice.chunks.flatMap(chunk => [...batchesOf(chunk)])) {
        while ((aborted.at(-1)?.firstOffset ?? Number.POSITIVE_INFINITY) <= batch.lastOffset)
          skipped.add(aborted.pop()?.producerId ?? -1)
        if (readEndMarker(batch)?.outcome === 'abort') skipped.delete(batch.producerId)
        if (batch.isControl || (batch.isTransactional && skipped.has(batch.producerId))) continue
        records.push(...seenIn(batch))
      }
      if (slice.next <= at) throw new Error(`reading at ${at} of ${partition.lastStableOffset} leads nowhere`)
      at = slice.next
    }
    return records
  }

  async #open(): Promise<void> {
    this.#broker = await Broker.open({
      store: this.#store,
      world: this.world,
      onUpkeepFailure: failure => this.failures.push(failure),
    })
  }
}

/** Records told as `offset:key=value` or `offset:key` for a tombstone. */
export function told(records: readonly Seen[]): string {
  return records
    .map(({ offset, key, value }) => `${offset}:${key}${value === null ? '' : `=${value}`}`)
    .join(' ')
}

function recordsFrom(text: string, timestamp: number): NewRecord[] {
  return text.split(' ').map(word => {
    const [key = '', value] = word.split('=')
    return { timestamp, key: Buffer.from(key), value: value === undefined ? null : Buffer.from(value) }
  })
}

function header({ id, epoch = 0, sequence, transactional = false }: Producer) {
  return { producerId: id, producerEpoch: epoch, baseSequence: sequence, transactional }
}

function seenIn(batch: RecordBatch): Seen[] {
  return [...recordsOf(batch, limits)].map(({ offset, key, value }) => ({
    offset,
    key: key?.toString() ?? null,
    value: value?.toString() ?? null,
  }))
}
