// For tests: a broker over a memory store whose clock and disk the test holds in its hand, producers that count their
// sequences, and a reader that does with aborted transactions what Kafka's consumers do.

import { batchesOf, type Log, LogError, type LogStore, type Offset } from '../../log/index.ts'
import { type MemoryStore, openMemoryStore } from '../../log/memory/store.ts'
import { buildBatch } from '../../log/record/builder.ts'
import { readEndMarker } from '../../log/record/control.ts'
import { recordsOf } from '../../log/record/records.ts'
import { ManualWorld } from '../../world/index.ts'
import { Broker } from '../broker.ts'
import type { Appended, Partition } from '../partition/partition.ts'
import type { ProducerIdentity } from './machine.ts'

export interface Scene {
  readonly world: ManualWorld
  readonly broker: Broker
  /** Logs whose name this says true for refuse what is appended, as if the disk were full. */
  refuse: (logName: string) => boolean
  partition(index: number): Partition
  /** The process ends at once and starts again over what was durable. */
  crash(): Promise<Scene>
}

const TOPIC = 'orders'

/** Opens a broker with a topic of `partitions` partitions. */
export async function openScene(partitions = 2): Promise<Scene> {
  const scene = await openOver(openMemoryStore(), new ManualWorld())
  await scene.broker.topics.create({ name: TOPIC, partitions })
  return scene
}

async function openOver(memory: MemoryStore, world: ManualWorld): Promise<Scene> {
  const disk = { refuse: (_: string): boolean => false }
  const broker = await Broker.open({ store: refusing(memory, name => disk.refuse(name)), world })
  return {
    world,
    broker,
    set refuse(refuse: (name: string) => boolean) {
      disk.refuse = refuse
    },
    partition(index) {
      const partition = broker.topics.partition(TOPIC, index)
      if (partition === undefined) throw new Error(`${TOPIC} has no partition ${index}`)
      return partition
    },
    async crash() {
      await memory.close()
      return openOver(openMemoryStore({ from: memory }), new ManualWorld({ now: world.now() }))
    },
  }
}

/** One producer, as a client keeps it. */
export class Writer {
  readonly id: string
  identity: ProducerIdentity
  #sequences = new Map<number, number>()

  constructor(id: string, identity: ProducerIdentity) {
    this.id = id
    this.identity = identity
  }

  static async init(scene: Scene, id: string, timeoutMs = 60_000): Promise<Writer> {
    const { broker } = scene
    return new Writer(id, await broker.transactions.initProducer({ transactionalId: id, timeoutMs }))
  }

  /** Adds the partition to the transaction and writes there. */
  async send(scene: Scene, index: number, value: string): Promise<Appended> {
    await scene.broker.transactions.addPartitions(this.id, this.identity, [scene.partition(index)])
    return this.write(scene, index, value)
  }

  /** Writes as a producer that has its partitions added by its writes (KIP-890). */
  put(scene: Scene, index: number, value: string): Promise<Appended> {
    const place = scene.partition(index)
    return scene.broker.transactions.write(this.id, this.identity, place, () =>
      this.write(scene, index, value),
    )
  }

  async write(scene: Scene, index: number, value: string): Promise<Appended> {
    const partition = scene.partition(index)
    await partition.warm()
    const sequence = this.#sequences.get(index) ?? 0
    const { producerId, epoch } = this.identity
    const batch = buildBatch([{ timestamp: scene.world.now(), value: Buffer.from(value) }], {
      producerId,
      producerEpoch: epoch,
      baseSequence: sequence,
      transactional: true,
    })
    const appended = await partition.append(batch, scene.broker.transactionCheck(partition))
    this.#sequences.set(index, sequence + 1)
    return appended
  }

  end(scene: Scene, outcome: 'commit' | 'abort'): Promise<void> {
    return scene.broker.transactions.end(this.id, this.identity, outcome)
  }

  /** Ends the transaction and goes on with the next epoch (KIP-890). */
  async endAndRenew(scene: Scene, outcome: 'commit' | 'abort'): Promise<void> {
    this.become(await scene.broker.transactions.endAndRenew(this.id, this.identity, outcome))
  }

  /** Goes on with another identity, from sequence 0. */
  become(identity: ProducerIdentity): void {
    this.identity = identity
    this.#sequences = new Map()
  }
}

/** Reads the committed records of a partition, a little at a time. */
export class CommittedReader {
  readonly values: string[] = []
  readonly #index: number
  #next: Offset = 0
  readonly #skipping = new Set<number>()

  constructor(index: number) {
    this.#index = index
  }

  /** Takes what has become stable since the last time. */
  async poll(scene: Scene): Promise<readonly string[]> {
    const partition = scene.partition(this.#index)
    await partition.warm()
    for (;;) {
      const slice = await partition.read(this.#next, 200, 'committed')
      if (slice.next === this.#next) return this.values
      const aborted = partition
        .abortedWithin(slice.start, slice.next)
        .sort((a, b) => a.firstOffset - b.firstOffset)
      for (const chunk of slice.chunks)
        for (const batch of batchesOf(chunk)) {
          while (aborted[0] !== undefined && aborted[0].firstOffset <= batch.lastOffset)
            this.#skipping.add(aborted.shift()?.producerId ?? -1)
          if (readEndMarker(batch)?.outcome === 'abort') this.#skipping.delete(batch.producerId)
          if (batch.isControl || (batch.isTransactional && this.#skipping.has(batch.producerId))) continue
          for (const record of recordsOf(batch, { maxBytes: 1024 })) this.values.push(String(record.value))
        }
      this.#next = slice.next
    }
  }
}

/** All committed records of a partition. */
export function committedIn(scene: Scene, index: number): Promise<readonly string[]> {
  return new CommittedReader(index).poll(scene)
}

/** What the promise is refused with. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
    return 'accepted'
  } catch (error) {
    return (error as { code?: unknown }).code ?? error
  }
}

function refusing(store: LogStore, refuse: (name: string) => boolean): LogStore {
  const wrapped = new Map<string, Log>()
  return over(store, {
    open: async (name: string, options?: Parameters<LogStore['open']>[1]) => {
      const log = await store.open(name, options)
      const known = wrapped.get(name) ?? over(log, { append: appendOf(log, refuse) })
      wrapped.set(name, known)
      return known
    },
  })
}

function appendOf(log: Log, refuse: (name: string) => boolean): Log['append'] {
  return (...call) =>
    refuse(log.name)
      ? Promise.reject(new LogError('LOG_DISK_FULL', `${log.name}: the disk is full`))
      : log.append(...call)
}

/** `target` with some of its methods replaced. */
function over<T extends object>(target: T, replaced: Partial<T>): T {
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(name in replaced ? replaced : target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
