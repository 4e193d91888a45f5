// A load of idempotent producers (our own client's), which live through the crash: what was under way when the broker
// was killed is sent again after its return, and must be stored once. In each partition the records of a producer must
// be numbered 0, 1, 2, … without gap or repetition.

import type { Client } from '../../src/cli/kafka/client.ts'
import { openProducer, type Producer } from '../../src/cli/kafka/producer.ts'
import type { NewRecord } from '../../src/log/record/builder.ts'
import type { Luck } from './luck.ts'
import { PARTITIONS, storedIn, valueWith } from './stored.ts'
import type { Violations } from './violations.ts'

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
const LARGE_BYTES = 60_000

export class IdempotentLoad {
  readonly topic: string
  readonly #name: string
  readonly #luck: Luck
  readonly #producer: Producer
  readonly #sent: number[] = Array.from({ length: PARTITIONS }, () => 0)
  readonly #acked: number[]

  private constructor(topic: string, name: string, luck: Luck, producer: Producer, acked: number[]) {
    this.topic = topic
    this.#name = name
    this.#luck = luck
    this.#producer = producer
    this.#acked = acked
  }

  static async open(client: Client, topic: string, name: string, luck: Luck): Promise<IdempotentLoad> {
    const acked = Array.from({ length: PARTITIONS }, () => 0)
    const producer = await openProducer<NewRecord>(client, {
      topic,
      codec: codecs[luck.whole(0, codecs.length - 1)] ?? 'none',
      batchBytes: luck.whole(1000, 200_000),
      onStored: (records, partition) => {
        acked[partition] = (acked[partition] ?? 0) + records.length
      },
    })
    return new IdempotentLoad(topic, name, luck, producer, acked)
  }

  get acked(): number {
    return this.#acked.reduce((sum, count) => sum + count, 0)
  }

  /** One burst of records. */
  async step(): Promise<void> {
    const partition = this.#luck.whole(0, PARTITIONS - 1)
    const isLarge = this.#luck.chance(0.1)
    const count = isLarge ? this.#luck.whole(1, 5) : this.#luck.whole(1, 100)
    for (let n = 0; n < count; n++) {
      const number = this.#sent[partition] ?? 0
      this.#sent[partition] = number + 1
      const padding = isLarge ? LARGE_BYTES : this.#luck.whole(0, 200)
      const value = valueWith(`${this.#name} ${number}`, padding)
      const full = this.#producer.send({ timestamp: number, value }, partition)
      if (full !== undefined) return full
    }
  }

  /** Everything that was sent gets stored: a refusal means that the broker forgot what it had acknowledged. */
  async settle(violations: Violations): Promise<void> {
    await this.#producer
      .flush()
      .catch(error => violations.add(`${this.topic}: producer ${this.#name} was refused: ${error.message}`))
  }

  async verify(client: Client, violations: Violations): Promise<void> {
    const stored = await storedIn(client, this.topic, 'committed')
    stored.forEach((records, partition) => {
      const where = `${this.topic} partition ${partition}, producer ${this.#name}`
      const numbers = records.map(({ head }) => head.split(' ')).filter(([name]) => name === this.#name)
      numbers.forEach(([, number], at) => {
        if (Number(number) !== at) violations.add(`${where}: number ${number} stands where ${at} belongs`)
      })
      const sent = this.#sent[partition] ?? 0
      if (numbers.length !== sent)
        violations.add(`${where}: ${numbers.length} records are stored, ${sent} were acknowledged`)
    })
  }
}
