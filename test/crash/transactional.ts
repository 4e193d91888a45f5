// A load of transactions (kafkajs) over several partitions, with the offset of a group in each. Committed ones must be
// read as a whole, aborted ones not at all, and those whose end nobody confirmed as a whole or not at all; the group's
// offset must be that of the last transaction that is seen.

import type kafkajs from 'kafkajs'
import type { Client } from '../../src/cli/kafka/client.ts'
import { committedOffsets } from '../../src/cli/kafka/group/committed.ts'
import type { Luck } from './luck.ts'
import { endsOf, PARTITIONS, storedIn, valueWith } from './stored.ts'
import type { Violations } from './violations.ts'

interface Transaction {
  readonly id: number
  /** Records in each partition. */
  readonly counts: readonly number[]
  end: 'unknown' | 'committed' | 'aborted'
}

export class TransactionalLoad {
  readonly topic: string
  readonly #name: string
  readonly #luck: Luck
  readonly #transactions: Transaction[] = []
  #producer: kafkajs.Producer | undefined

  /** `name` is the transactional id and the group. */
  constructor(topic: string, name: string, luck: Luck) {
    this.topic = topic
    this.#name = name
    this.#luck = luck
  }

  get acked(): number {
    return this.#transactions
      .filter(({ end }) => end === 'committed')
      .reduce((sum, { counts }) => sum + counts.reduce((a, b) => a + b, 0), 0)
  }

  /** Takes the transactional id over: what was open is aborted. */
  async connect(kafka: kafkajs.Kafka): Promise<void> {
    this.#producer = kafka.producer({
      transactionalId: this.#name,
      idempotent: true,
      maxInFlightRequests: 1,
      transactionTimeout: 30_000,
    })
    await this.#producer.connect()
    // kafkajs asks for the id at its first transaction only.
    await (await this.#producer.transaction()).abort()
  }

  async disconnect(): Promise<void> {
    await this.#producer?.disconnect().catch(() => {})
  }

  /** One transaction. Errors: the broker is gone. */
  async step(): Promise<void> {
    const counts: number[] = Array.from({ length: PARTITIONS }, () =>
      this.#luck.chance(0.5) ? this.#luck.whole(1, 20) : 0,
    )
    if (!counts.some(count => count > 0)) counts[0] = 1
    const one: Transaction = { id: this.#transactions.length, counts, end: 'unknown' }
    this.#transactions.push(one)
    const transaction = await this.#producer?.transaction()
    if (transaction === undefined) throw new Error('no producer')
    for (const [partition, count] of counts.entries()) {
      if (count === 0) continue
      const messages = Array.from({ length: count }, (_, n) => ({
        partition,
        value: valueWith(`${this.#name} ${one.id} ${n}`, 50),
      }))
      await transaction.send({ topic: this.topic, acks: -1, messages })
    }
    const partitions = [{ partition: 0, offset: String(one.id) }]
    await transaction.sendOffsets({
      consumerGroupId: this.#name,
      topics: [{ topic: this.topic, partitions }],
    })
    const isKept = this.#luck.chance(0.75)
    if (isKept) await transaction.commit()
    else await transaction.abort()
    one.end = isKept ? 'committed' : 'aborted'
  }

  async verify(client: Client, violations: Violations): Promise<void> {
    await this.#nothingOpen(client, violations)
    const stored = await storedIn(client, this.topic, 'committed')
    const seen = new Map<string, number>()
    stored.forEach((records, partition) => {
      let last = ''
      for (const { head } of records.filter(record => record.head.startsWith(`${this.#name} `))) {
        const [, id, n] = head.split(' ')
        const key = `${id} ${partition}`
        if (Number(n) !== (seen.get(key) ?? 0) || (key !== last && seen.has(key)))
          violations.add(`${this.topic} partition ${partition}: record ${head} is out of order or twice`)
        last = key
        seen.set(key, (seen.get(key) ?? 0) + 1)
      }
    })
    let lastSeen: number | undefined
    for (const one of this.#transactions) {
      const found = one.counts.map((_, partition) => seen.get(`${one.id} ${partition}`) ?? 0)
      const isWhole = found.every((count, partition) => count === one.counts[partition])
      const isAbsent = found.every(count => count === 0)
      const isRight = { committed: isWhole, aborted: isAbsent, unknown: isWhole || isAbsent }[one.end]
      if (!isRight)
        violations.add(
          `${this.topic}: transaction ${one.id} of ${this.#name}, ${one.end}: ${found} of ${one.counts}`,
        )
      if (isWhole) lastSeen = one.id
    }
    const offset = (await committedOffsets(client, this.#name)).get(this.topic)?.get(0)
    if (offset !== lastSeen)
      violations.add(`${this.topic}: the offset of group ${this.#name} is ${offset}, not ${lastSeen}`)
  }

  /** Once the id has been taken over, nothing may hold readers back. */
  async #nothingOpen(client: Client, violations: Violations): Promise<void> {
    const [stable, end] = [
      await endsOf(client, this.topic, 'committed'),
      await endsOf(client, this.topic, 'uncommitted'),
    ]
    if (JSON.stringify([...stable]) !== JSON.stringify([...end]))
      violations.add(`${this.topic}: readers are held back at ${[...stable]}, the ends are ${[...end]}`)
  }
}
