// A load of plain producers (kafkajs, acks=all, no retries): each send is one batch, and its outcome is known or not.
// An acknowledged batch must lie where the answer said, whole; one without an answer may be there once, or not at all.

import type kafkajs from 'kafkajs'
import type { Client } from '../../src/cli/kafka/client.ts'
import type { Luck } from './luck.ts'
import { PARTITIONS, storedIn, valueWith } from './stored.ts'
import type { Violations } from './violations.ts'

interface Batch {
  readonly id: number
  readonly partition: number
  readonly count: number
  /** The offset that the broker answered; undefined when it did not. */
  base: number | undefined
}

export class PlainLoad {
  readonly topic: string
  readonly #luck: Luck
  readonly #batches: Batch[] = []
  #producer: kafkajs.Producer | undefined

  constructor(topic: string, luck: Luck) {
    this.topic = topic
    this.#luck = luck
  }

  get acked(): number {
    return this.#batches.reduce((sum, { base, count }) => sum + (base === undefined ? 0 : count), 0)
  }

  /** A new producer for a new life of the broker. */
  async connect(kafka: kafkajs.Kafka): Promise<void> {
    this.#producer = kafka.producer({ retry: { retries: 0 }, allowAutoTopicCreation: false })
    await this.#producer.connect()
  }

  async disconnect(): Promise<void> {
    await this.#producer?.disconnect().catch(() => {})
  }

  /** Sends one batch. Errors: the broker is gone. */
  async step(): Promise<void> {
    const isLarge = this.#luck.chance(0.2)
    const count = isLarge ? this.#luck.whole(50, 400) : this.#luck.whole(1, 5)
    const partition = this.#luck.whole(0, PARTITIONS - 1)
    const batch: Batch = { id: this.#batches.length, partition, count, base: undefined }
    this.#batches.push(batch)
    const messages = Array.from({ length: count }, (_, n) => ({
      partition,
      value: valueWith(`${batch.id} ${n}`, isLarge ? 1000 : 20),
    }))
    const [answer] = (await this.#producer?.send({ topic: this.topic, acks: -1, messages })) ?? []
    batch.base = Number(answer?.baseOffset)
  }

  async verify(client: Client, violations: Violations): Promise<void> {
    const stored = await storedIn(client, this.topic, 'committed')
    const found = new Map<number, { readonly partition: number; readonly offsets: number[] }>()
    stored.forEach((records, partition) => {
      for (const { head, offset } of records) {
        const [id, n] = head.split(' ').map(Number)
        const batch = found.get(id ?? -1) ?? { partition, offsets: [] }
        found.set(id ?? -1, batch)
        if (n !== batch.offsets.length || batch.partition !== partition)
          violations.add(`${this.topic} partition ${partition}: record ${head} at ${offset} is out of place`)
        batch.offsets.push(offset)
      }
    })
    for (const { id, count, base, partition } of this.#batches) {
      const where = `${this.topic} partition ${partition}, batch ${id} of ${count} records`
      const offsets = found.get(id)?.offsets ?? []
      if (offsets.length !== count && (base !== undefined || offsets.length > 0))
        violations.add(`${where}: ${offsets.length} are stored, acknowledged at ${base}`)
      else if (base !== undefined && offsets[0] !== base)
        violations.add(`${where}: it lies at ${offsets[0]}, acknowledged at ${base}`)
    }
  }
}
