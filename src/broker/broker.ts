// The broker: opens its parts over one store, replays the metadata log into them, and closes them in the other order.

import type { LogStore } from '../log/index.ts'
import type { World } from '../world/index.ts'
import { Access, type AccessOptions } from './access/access.ts'
import { Quotas } from './access/quotas.ts'
import { Groups } from './groups/groups.ts'
import { Identity } from './identity.ts'
import { ProducerIds } from './ids.ts'
import { Journal } from './journal.ts'
import type { Partition, TransactionCheck } from './partition/partition.ts'
import { Snapshots } from './partition/snapshot.ts'
import { Settings } from './settings.ts'
import { Topics } from './topics/topics.ts'
import { Transactions } from './transactions/coordinator.ts'
import { Upkeep, type UpkeepFailure } from './upkeep/upkeep.ts'

export interface BrokerOptions {
  readonly store: LogStore
  readonly world: World
  /** Broker-wide settings by Kafka's names, over the defaults. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>
  readonly access?: AccessOptions
  /** Where the store keeps its files, for administrators to read. Default 'memory'. */
  readonly dataPath?: string
  /** Hears of what retention and compaction could not do. */
  readonly onUpkeepFailure?: (failure: UpkeepFailure) => void
}

export class Broker {
  readonly store: LogStore
  readonly world: World
  readonly settings: Settings
  readonly topics: Topics
  readonly producerIds = new ProducerIds()
  readonly identity: Identity
  readonly access: Access
  readonly quotas = new Quotas()
  /** Where the store keeps its files, or 'memory'. */
  readonly dataPath: string
  readonly upkeep: Upkeep
  readonly groups: Groups
  readonly transactions: Transactions
  readonly #snapshots = new Snapshots()
  #closing: Promise<void> | undefined

  private constructor({
    store,
    world,
    settings,
    access,
    dataPath = 'memory',
    onUpkeepFailure,
  }: BrokerOptions) {
    this.store = store
    this.world = world
    this.settings = new Settings(settings)
    this.identity = new Identity(world)
    this.access = new Access(access)
    this.dataPath = dataPath
    this.topics = new Topics({
      store,
      world,
      snapshots: this.#snapshots,
      defaults: () => this.settings.topicDefaults(),
    })
    this.upkeep = new Upkeep({
      world,
      topics: this.topics,
      settings: this.settings,
      ...(onUpkeepFailure ? { onFailure: onUpkeepFailure } : {}),
    })
    this.groups = new Groups({ world, settings: this.settings, topics: this.topics })
    this.transactions = new Transactions({
      world,
      settings: this.settings,
      topics: this.topics,
      producerIds: this.producerIds,
      coordinatorEpoch: store.epoch,
      offsets: { commit: id => this.groups.commitPending(id), abort: id => this.groups.abortPending(id) },
    })
    this.settings.onChange(() => {
      for (const topic of this.topics.list()) topic.redefine()
    })
  }

  /** Errors: LogError as the store gives them; CONFIG_INVALID. */
  static async open(options: BrokerOptions): Promise<Broker> {
    const broker = new Broker(options)
    const owners = [
      broker.settings,
      broker.quotas,
      broker.identity,
      broker.topics,
      broker.producerIds,
      broker.#snapshots,
      broker.upkeep.cleaned,
      broker.transactions.holders,
    ]
    const journal = await Journal.open(options.store, options.world, [
      ...owners,
      ...broker.access.sections,
      ...broker.groups.sections,
    ])
    for (const owner of owners) owner.attach(journal)
    await broker.identity.open()
    broker.access.open(journal, broker.identity.decoySecret)
    await broker.topics.open()
    broker.groups.attach(journal)
    await broker.transactions.open()
    broker.upkeep.start()
    return broker
  }

  /** Makes the topic if clients may make topics by asking for them; undefined when they may not. */
  async topicOnDemand(name: string) {
    const found = this.topics.get(name)
    if (found !== undefined) return this.topics.findOrCreate({ name, partitions: 1 })
    if (!this.settings.boolean('auto.create.topics.enable')) return undefined
    return this.topics.findOrCreate({
      name,
      partitions: this.settings.number('num.partitions'),
      replication: this.settings.number('default.replication.factor'),
    })
  }

  /** Deletes a topic with all that is known of it. Errors: TOPIC_UNKNOWN. */
  async deleteTopic(name: string): Promise<void> {
    await this.topics.remove(name, this.groups.forgetTopic(name))
  }

  /** What a transactional batch must pass before `partition` takes it. */
  transactionCheck(partition: Partition): TransactionCheck {
    return (producerId, epoch) => this.transactions.check(producerId, epoch, partition)
  }

  /** Keeps what makes the next start quick. The store is its owner's to close. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.groups.close()
    await this.upkeep.stop()
    await this.transactions.close()
    const partitions = this.topics.list().flatMap(topic => topic.partitions)
    await Promise.allSettled(partitions.map(one => one.snapshot()))
  }
}
