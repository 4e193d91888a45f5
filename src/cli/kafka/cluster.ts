// What the client knows of the cluster: which brokers there are, who leads each partition, and the connections to them,
// one per broker, opened when they are needed. A connection that ended is forgotten and opened anew at the next use.

import type { ResponseOutput } from '../../heads/kafka/wire/api.ts'
import { Metadata } from '../../heads/kafka/wire/index.ts'
import type { Connection } from './connection.ts'
import { type Address, addressText } from './dial.ts'
import { BrokerFault, ConnectionFault } from './faults.ts'

/** A topic as the brokers describe it. */
export type TopicView = ResponseOutput<typeof Metadata>['topics'][number]

export interface RefreshOptions {
  /** Let the broker create topics that do not exist, if it is set up to. */
  readonly autoCreate?: boolean
}

export class Cluster {
  readonly #bootstrap: readonly Address[]
  readonly #dial: (address: Address) => Promise<Connection>
  readonly #connections = new Map<string, Promise<Connection>>()
  readonly #nodes = new Map<number, Address>()
  readonly #topics = new Map<string, TopicView>()
  #controllerId = -1

  constructor(bootstrap: readonly Address[], dial: (address: Address) => Promise<Connection>) {
    this.#bootstrap = bootstrap
    this.#dial = dial
  }

  /** The ids of all brokers, once metadata have been asked for. */
  get nodeIds(): readonly number[] {
    return [...this.#nodes.keys()]
  }

  /** Where a broker is; undefined when it is not known. */
  address(nodeId: number): Address | undefined {
    return this.#nodes.get(nodeId)
  }

  /** A connection to whichever broker answers. Errors: that of the last one tried. */
  async any(): Promise<Connection> {
    for (const opening of this.#connections.values()) {
      const connection = await opening.catch(() => undefined)
      if (connection?.isOpen) return connection
    }
    let failure: unknown = new ConnectionFault('no broker was named')
    for (const address of [...this.#nodes.values(), ...this.#bootstrap]) {
      try {
        return await this.connect(address)
      } catch (error) {
        if (!(error instanceof ConnectionFault)) throw error
        failure = error
      }
    }
    throw failure
  }

  /** A connection to this broker; asks for metadata when it is not known. */
  async node(nodeId: number): Promise<Connection> {
    if (!this.#nodes.has(nodeId)) await this.refresh([])
    const address = this.#nodes.get(nodeId)
    if (address === undefined) throw new ConnectionFault(`no broker with id ${nodeId} is in the cluster`)
    return this.connect(address)
  }

  /** A connection to the controller, or to any broker where the cluster names none. */
  async controller(): Promise<Connection> {
    if (this.#nodes.size === 0) await this.refresh([])
    return this.#nodes.has(this.#controllerId) ? this.node(this.#controllerId) : this.any()
  }

  async connect(address: Address): Promise<Connection> {
    const key = addressText(address)
    const known = await this.#connections.get(key)?.catch(() => undefined)
    if (known?.isOpen) return known
    const opening = this.#dial(address)
    this.#connections.set(key, opening)
    return opening
  }

  /** Asks for these topics, or with null for all, and remembers what is said. Topics in error come with their code. */
  async refresh(names: readonly string[] | null, { autoCreate = false }: RefreshOptions = {}) {
    const connection = await this.any()
    const answer = await connection.request(Metadata, {
      topics: names?.map(name => ({ name })) ?? null,
      allowAutoTopicCreation: autoCreate,
    })
    this.#nodes.clear()
    for (const { nodeId, host, port } of answer.brokers) this.#nodes.set(nodeId, { host, port })
    this.#controllerId = answer.controllerId
    for (const topic of answer.topics) {
      if (topic.name === null) continue
      if (topic.errorCode === 0) this.#topics.set(topic.name, topic)
      else this.#topics.delete(topic.name)
    }
    return answer
  }

  /** The topic, from memory or asked for. Errors: BrokerFault. */
  async topic(name: string, options: RefreshOptions = {}): Promise<TopicView> {
    const known = this.#topics.get(name)
    if (known !== undefined) return known
    const answer = await this.refresh([name], options)
    const [found] = answer.topics
    if (found === undefined || found.errorCode !== 0)
      throw new BrokerFault(found?.errorCode ?? UNKNOWN_TOPIC, `topic ${name}`)
    return found
  }

  /** Who leads the partition. Errors: BrokerFault. */
  async leader(name: string, partition: number): Promise<number> {
    const topic = await this.topic(name)
    const found = topic.partitions.find(one => one.partitionIndex === partition)
    if (found === undefined) {
      const count = topic.partitions.length
      throw new BrokerFault(
        UNKNOWN_TOPIC,
        `topic ${name}`,
        `it has no partition ${partition}, only ${count} from 0 on`,
      )
    }
    if (found.leaderId < 0) throw new BrokerFault(LEADER_NOT_AVAILABLE, `partition ${partition} of ${name}`)
    return found.leaderId
  }

  /** Forgets who leads the topic's partitions. */
  forget(name: string): void {
    this.#topics.delete(name)
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    for (const opening of this.#connections.values()) {
      const connection = await opening.catch(() => undefined)
      connection?.close()
    }
  }
}

const UNKNOWN_TOPIC = 3
const LEADER_NOT_AVAILABLE = 5
