// The broker: opens its parts over one store, replays the metadata log into them, and closes them in the other order.

import { type LogStore, MemoryStore, openMemoryStore } from '../log/index.ts'
import type { RecordHeader } from '../log/record/records.ts'
import type { World } from '../world/index.ts'
import { Access, type AccessOptions } from './access/access.ts'
import { Accounts } from './access/accounts.ts'
import { Permissions } from './access/permissions.ts'
import { Quotas } from './access/quotas.ts'
import { UserLimits } from './access/user-limits.ts'
import type { FieldTable } from './field-value.ts'
import { GroupSettings } from './group-settings.ts'
import { Groups } from './groups/groups.ts'
import { Identity } from './identity.ts'
import { ProducerIds } from './ids.ts'
import { Journal } from './journal.ts'
import { Parameters } from './parameters.ts'
import type { Partition, TransactionCheck } from './partition/partition.ts'
import { Snapshots } from './partition/snapshot.ts'
import { Policies } from './policies.ts'
import type { PolicyDefinition } from './policy-keys.ts'
import { Pressure } from './queues/afloat.ts'
import { Publisher } from './queues/publisher.ts'
import { type Entity, Queues } from './queues/queues.ts'
import type { Target } from './queues/routing.ts'
import { Schedule } from './queues/schedule.ts'
import { Settlements } from './queues/settlements.ts'
import { textFields } from './queues/text-fields.ts'
import { Exchanges } from './routing/exchanges.ts'
import { Settings } from './settings.ts'
import { ShareGroups } from './share/share-groups.ts'
import { Topics } from './topics/topics.ts'
import { Transactions } from './transactions/coordinator.ts'
import { Upkeep, type UpkeepFailure } from './upkeep/upkeep.ts'
import { Vhosts } from './vhosts.ts'

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
  /** Whether there is the account guest, with the password guest, from loopback. Default true. */
  readonly guest?: boolean
  /** Hears of what a queue could not do; undefined stands for the messages that are held until later. */
  readonly onQueueFault?: (queue: Entity | undefined, error: unknown) => void
  /** What headers exchanges see of a stored message that is routed again. Default: its headers as texts. */
  readonly fieldsOf?: (headers: readonly RecordHeader[]) => FieldTable
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
  readonly groupSettings: GroupSettings
  readonly groups: Groups
  readonly shareGroups: ShareGroups
  readonly transactions: Transactions
  readonly vhosts = new Vhosts()
  readonly policies: Policies
  readonly parameters: Parameters
  readonly permissions: Permissions
  readonly userLimits: UserLimits
  readonly accounts: Accounts
  readonly exchanges: Exchanges<Target>
  readonly queues: Queues
  readonly publisher: Publisher
  readonly schedule: Schedule
  /** Messages on their way to the disk. */
  readonly pressure = new Pressure()
  /** Keeps what is transient. */
  readonly #memory: LogStore
  #settlements: Settlements | undefined
  readonly #snapshots = new Snapshots()
  #closing: Promise<void> | undefined

  private constructor({
    store,
    world,
    settings,
    access,
    dataPath = 'memory',
    onUpkeepFailure,
    onQueueFault = () => {},
    fieldsOf = textFields,
    guest = true,
  }: BrokerOptions) {
    this.store = store
    const isKept = !(store instanceof MemoryStore)
    this.#memory = isKept ? openMemoryStore() : store
    this.world = world
    this.settings = new Settings(settings)
    this.identity = new Identity(world)
    this.access = new Access(access)
    this.dataPath = dataPath
    this.topics = new Topics({
      store,
      memory: this.#memory,
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
    this.groupSettings = new GroupSettings(this.settings)
    this.groups = new Groups({
      world,
      settings: this.settings,
      topics: this.topics,
      groupSettings: this.groupSettings,
      isShare: id => this.shareGroups.has(id),
    })
    this.shareGroups = new ShareGroups({
      world,
      settings: this.settings,
      groupSettings: this.groupSettings,
      topics: this.topics,
      isOther: id => this.groups.has(id),
    })
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
    this.policies = new Policies({ vhosts: this.vhosts })
    this.parameters = new Parameters({ vhosts: this.vhosts })
    this.permissions = new Permissions({
      vhosts: this.vhosts,
      isUser: name => this.accounts.has(name),
      hasDefault: name => this.accounts.hasDefault(name),
    })
    this.userLimits = new UserLimits({ isUser: name => this.accounts.has(name) })
    const { access: credentials, permissions, userLimits } = this
    this.accounts = new Accounts({ access: credentials, permissions, limits: userLimits, world, guest })
    this.queues = new Queues({
      world,
      topics: this.topics,
      afloat: this.pressure,
      routing: () => this.publisher,
      policyOf: (vhost, name, type) => policyFields(this.policies.forQueue(vhost, name, type).definition),
      forgetBindings: (vhost, name) => this.exchanges.forgetQueue(vhost, name),
      hasVhost: vhost => this.vhosts.has(vhost),
      fieldsOf,
      isKept,
      refusesPersistent: () => this.settings.get('memory.persistent.messages') === 'refuse',
      onFault: onQueueFault,
    })
    this.exchanges = new Exchanges<Target>({
      world,
      vhosts: this.vhosts,
      queues: {
        get: (vhost, name) => this.queues.get(vhost, name),
        isKept: target => this.queues.isKept(target as Entity),
      },
      alternateByPolicy: (vhost, name) => {
        const alternate = this.policies.forExchange(vhost, name).definition['alternate-exchange']
        return typeof alternate === 'string' ? alternate : undefined
      },
    })
    for (const part of [this.exchanges, this.policies, this.parameters, this.permissions])
      this.vhosts.partOf(vhost => part.forgetVhost(vhost))
    this.vhosts.onRemoved(async vhost => {
      this.exchanges.dropVhost(vhost)
      await this.queues.deleteAll(vhost)
    })
    this.policies.onChange(vhost => {
      this.queues.redefine(vhost)
      this.exchanges.redefine()
    })
    this.schedule = new Schedule({
      world,
      topics: this.topics,
      settlements: () => this.#settled,
      afloat: this.pressure,
      deliver: (destination, publication, receipt) => {
        if (destination.to === 'exchange') {
          const [routingKey = '', ...routingKeys] = destination.routingKeys
          const headers = fieldsOf(publication.record.headers ?? [])
          const message = { exchange: destination.exchange, routingKey, routingKeys, headers, publication }
          this.publisher.publish(destination.vhost, message, receipt)
        } else this.queues.require(destination.vhost, destination.queue).put(publication, receipt)
      },
      onFault: error => onQueueFault(undefined, error),
    })
    this.publisher = new Publisher({ world, exchanges: this.exchanges, schedule: this.schedule })
  }

  /** What queues and exchanges are surrounded by. */
  get #topology() {
    const users = [this.permissions, this.userLimits, this.accounts]
    return [this.vhosts, this.policies, this.parameters, ...users, this.exchanges]
  }

  get #settled(): Settlements {
    if (this.#settlements === undefined)
      throw new TypeError('settlements are asked for before the broker is open')
    return this.#settlements
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
      broker.queues,
    ]
    const journal = await Journal.open(options.store, options.world, [
      ...owners,
      ...broker.access.sections,
      ...broker.groups.sections,
      ...broker.groupSettings.sections,
      ...broker.shareGroups.sections,
      ...broker.#topology.flatMap(part => part.sections),
    ])
    for (const owner of [...owners, ...broker.#topology]) owner.attach(journal)
    await broker.identity.open()
    broker.access.open(journal, broker.identity.decoySecret)
    await broker.topics.open()
    broker.groups.attach(journal)
    broker.groupSettings.attach(journal)
    broker.shareGroups.attach(journal)
    await broker.transactions.open()
    broker.#settlements = await Settlements.open(options.store, options.world)
    await broker.queues.open(broker.#settlements)
    await broker.shareGroups.open(broker.#settlements)
    await broker.schedule.open()
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

  /** Deletes a topic with all that is known of it; a queue, when it is one's. Errors: TOPIC_UNKNOWN, QUEUE_LOCKED. */
  async deleteTopic(name: string): Promise<void> {
    const queue = this.queues.ofTopic(this.topics.require(name))
    if (queue !== undefined) {
      await this.queues.delete(queue.vhost, queue.name)
      return
    }
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
    this.queues.close()
    this.schedule.close()
    await this.#settlements?.close()
    this.shareGroups.close()
    await this.upkeep.stop()
    await this.transactions.close()
    const partitions = this.topics.list().flatMap(topic => topic.partitions)
    await Promise.allSettled(partitions.map(one => one.snapshot()))
    if (this.#memory !== this.store) await this.#memory.close()
  }
}

/** The part of a policy that queues know: its plain values. What else may stand in one (ha-params) means nothing here. */
function policyFields(definition: PolicyDefinition): FieldTable {
  const plain = Object.entries(definition).flatMap(([name, value]) =>
    typeof value === 'object' ? [] : [[name, value] as const],
  )
  return new Map(plain)
}
