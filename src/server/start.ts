// Starts a broker in this process: store, broker, heads, in that order; close() undoes it in the other.

import { Broker } from '../broker/index.ts'
import { Kafka, type KafkaListenerOptions } from '../heads/kafka/index.ts'
import { type LogStore, openMemoryStore } from '../log/index.ts'
import { type Reporter, silent, systemWorld, type World } from '../world/index.ts'

export interface StartOptions {
  /** Where data is kept: 'memory', the default, keeps nothing beyond this process. */
  readonly storage?: 'memory'
  /** Kafka's listener; a port of 0 takes a free one. */
  readonly kafka?: KafkaListenerOptions & { readonly brokers?: number }
  /** Broker-wide settings by Kafka's names, such as `num.partitions`. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>
  readonly report?: Reporter
  readonly world?: World
}

/** A broker that runs in this process. */
export class RunningBroker {
  readonly kafka: { readonly brokers: readonly string[] }
  readonly #store: LogStore
  readonly #broker: Broker
  readonly #head: Kafka
  #closing: Promise<void> | undefined

  constructor(store: LogStore, broker: Broker, head: Kafka, listener: string) {
    this.#store = store
    this.#broker = broker
    this.#head = head
    this.kafka = { brokers: head.addresses(listener) }
  }

  /** Answers what is under way, makes everything durable, and ends. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    await this.#head.close()
    await this.#broker.close()
    await this.#store.close()
  }
}

/** Starts a broker; resolves when clients can connect. */
export async function start(options: StartOptions = {}): Promise<RunningBroker> {
  const { kafka = {}, settings = {}, report = silent, world = systemWorld } = options
  const store = openMemoryStore()
  const broker = await Broker.open({ store, world, settings })
  const { brokers = 1, ...listener } = kafka
  const head = await Kafka.open({ broker, world, report, brokers, listeners: [listener] })
  return new RunningBroker(store, broker, head, listener.name ?? 'kafka')
}
