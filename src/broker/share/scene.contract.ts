// For tests: a broker over a memory store whose clock the test moves, one topic, and members of a share group that fetch
// and acknowledge as the head lets them.

import { type MemoryStore, openMemoryStore } from '../../log/index.ts'
import { buildBatch, type NewRecord } from '../../log/record/builder.ts'
import { ManualWorld } from '../../world/index.ts'
import { Broker } from '../broker.ts'
import type { BrokerErrorCode } from '../errors.ts'
import type { Partition } from '../partition/partition.ts'
import type { ShareHeartbeat } from './coordinator.ts'
import type { ShareOutcome, SharePartition, ShareTaker } from './share-partition.ts'

export const GROUP = 'sharers'
export const TOPIC = 'orders'

export class Scene {
  readonly world = new ManualWorld()
  #store: MemoryStore
  #broker: Broker | undefined

  private constructor(store: MemoryStore) {
    this.#store = store
  }

  /** A topic of one partition, and a group that begins at its start unless `own` says otherwise. */
  static async open(own: Readonly<Record<string, string>> = {}): Promise<Scene> {
    const scene = new Scene(openMemoryStore())
    await scene.#start()
    await scene.broker.topics.create({ name: TOPIC, partitions: 1 })
    await scene.broker.groupSettings.replace(GROUP, { 'share.auto.offset.reset': 'earliest', ...own })
    return scene
  }

  get broker(): Broker {
    if (this.#broker === undefined) throw new TypeError('the scene is closed')
    return this.#broker
  }
  get groups() {
    return this.broker.shareGroups
  }
  get partition(): Partition {
    return this.broker.topics.partition(TOPIC, 0) as Partition
  }
  share(): Promise<SharePartition> {
    return this.groups.partition(GROUP, this.partition)
  }

  /** One batch of this many records; gives its first offset. */
  async put(count: number, more: Partial<Parameters<typeof buildBatch>[1]> = {}): Promise<number> {
    const records: NewRecord[] = Array.from({ length: count }, (_, n) => ({
      timestamp: this.world.now(),
      key: null,
      value: Buffer.from(`value ${n}`),
    }))
    return (await this.partition.append(buildBatch(records, more))).offset
  }

  beat(memberId: string, change: Partial<ShareHeartbeat> = {}) {
    return this.groups.heartbeat({
      groupId: GROUP,
      memberId,
      memberEpoch: 0,
      rackId: null,
      topicNames: [TOPIC],
      clientId: 'client',
      clientHost: '/127.0.0.1',
      ...change,
    })
  }

  /** What the member is given: 'first-last*deliveries', one for each range. */
  async fetch(memberId: string, change: Partial<ShareTaker> & { readonly maxBytes?: number } = {}) {
    const share = await this.share()
    const reading = await share.read(change.maxBytes ?? 1_000_000)
    const taker = { memberId, maxRecords: 500, batchSize: 500, exact: false, ...change }
    return share.acquire(reading, taker).ranges.map(({ first, last, count }) => `${first}-${last}*${count}`)
  }

  /** Both ends included; gives the code that it is refused with. */
  async say(memberId: string, ...said: readonly (readonly [first: number, last: number, ShareOutcome])[]) {
    const share = await this.share()
    return codeOf(
      share.acknowledge(
        memberId,
        said.map(([from, last, outcome]) => ({ from, to: last + 1, outcome })),
      ),
    )
  }

  /** As if the process had ended and begun again. */
  async restart(): Promise<void> {
    await this.broker.close()
    await this.#store.close()
    this.#store = openMemoryStore({ from: this.#store })
    await this.#start()
  }

  async close(): Promise<void> {
    await this.broker.close()
    await this.#store.close()
  }

  async #start(): Promise<void> {
    this.#broker = await Broker.open({
      store: this.#store,
      world: this.world,
      settings: { 'group.share.min.record.lock.duration.ms': 1000 },
    })
  }
}

/** Undefined when it is not refused. */
export function codeOf(promise: Promise<unknown>): Promise<BrokerErrorCode | undefined> {
  return promise.then(
    () => undefined,
    error => error.code,
  )
}

/** Lets everything run that waits for no clock. */
export async function settle(): Promise<void> {
  for (let n = 0; n < 5; n++) await new Promise<void>(resolve => setImmediate(resolve))
}
