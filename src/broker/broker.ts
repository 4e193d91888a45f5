// The broker: opens its parts over one store, replays the metadata log into them, and closes them in the other order.

import type { LogStore } from '../log/index.ts'
import type { World } from '../world/index.ts'
import { ProducerIds } from './ids.ts'
import { Journal } from './journal.ts'
import { Snapshots } from './partition/snapshot.ts'
import { Settings } from './settings.ts'
import { Topics } from './topics/topics.ts'

export interface BrokerOptions {
  readonly store: LogStore
  readonly world: World
  /** Broker-wide settings by Kafka's names, over the defaults. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>
}

export class Broker {
  readonly store: LogStore
  readonly world: World
  readonly settings: Settings
  readonly topics: Topics
  readonly producerIds = new ProducerIds()
  readonly #snapshots = new Snapshots()
  #closing: Promise<void> | undefined

  private constructor({ store, world, settings }: BrokerOptions) {
    this.store = store
    this.world = world
    this.settings = new Settings(settings)
    this.topics = new Topics({
      store,
      world,
      snapshots: this.#snapshots,
      defaults: () => this.settings.topicDefaults(),
    })
    this.settings.onChange(() => {
      for (const topic of this.topics.list()) topic.redefine()
    })
  }

  /** Errors: LogError as the store gives them; CONFIG_INVALID. */
  static async open(options: BrokerOptions): Promise<Broker> {
    const broker = new Broker(options)
    const sections = [broker.settings, broker.topics, broker.producerIds, broker.#snapshots]
    const journal = await Journal.open(options.store, options.world, sections)
    for (const section of sections) section.attach(journal)
    await broker.topics.open()
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

  /** Keeps what makes the next start quick. The store is its owner's to close. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const partitions = this.topics.list().flatMap(topic => topic.partitions)
    await Promise.allSettled(partitions.map(one => one.snapshot()))
  }
}
