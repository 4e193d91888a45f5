// Consumer groups as kafkajs uses them: members come and go, offsets are kept, an administrator looks on.

import kafkajs, { type Consumer, type Kafka as KafkaClient, logLevel } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { type RunningBroker, start } from './index.ts'

const { Kafka } = kafkajs
const groupId = 'readers'
const topic = 'orders'

function client(broker: RunningBroker, clientId = 'app'): KafkaClient {
  return new Kafka({ clientId, brokers: [...broker.kafka.brokers], logLevel: logLevel.NOTHING })
}

async function produce(kafka: KafkaClient, values: readonly string[]): Promise<void> {
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages: values.map((value, at) => ({ value, partition: at % 2 })) })
  await producer.disconnect()
}

/** A member that keeps what it reads; `until` resolves when all readers together have this many. */
class Readers {
  readonly seen: { readonly value: string; readonly by: string }[] = []
  readonly #waiting: { readonly count: number; readonly done: () => void }[] = []
  readonly #consumers: Consumer[] = []

  async join(kafka: KafkaClient, by: string): Promise<Consumer> {
    const consumer = kafka.consumer({
      groupId,
      sessionTimeout: 10_000,
      heartbeatInterval: 200,
      maxWaitTimeInMs: 100,
    })
    this.#consumers.push(consumer)
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    const joined = new Promise<void>(resolve => {
      consumer.on('consumer.group_join', () => resolve())
    })
    await consumer.run({
      eachMessage: async ({ message }) => {
        this.seen.push({ value: message.value?.toString() ?? '', by })
        for (const one of this.#waiting) if (this.seen.length >= one.count) one.done()
      },
    })
    await joined
    return consumer
  }

  until(count: number): Promise<void> {
    if (this.seen.length >= count) return Promise.resolve()
    return new Promise(done => this.#waiting.push({ count, done }))
  }

  async leave(): Promise<void> {
    await Promise.all(this.#consumers.map(one => one.disconnect()))
  }
}

async function withTopic(broker: RunningBroker): Promise<KafkaClient> {
  const kafka = client(broker)
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] })
  await admin.disconnect()
  return kafka
}

describe('a group of kafkajs consumers', () => {
  it('reads everything once, shares partitions with a newcomer, and goes on where it stopped', async () => {
    await using broker = await start()
    const kafka = await withTopic(broker)
    const readers = new Readers()
    await produce(kafka, ['a', 'b', 'c', 'd'])
    await readers.join(kafka, 'one')
    await readers.until(4)
    const rejoined = readers.join(client(broker, 'second'), 'two')
    await rejoined
    const admin = kafka.admin()
    await admin.connect()
    await expect
      .poll(async () => (await admin.describeGroups([groupId])).groups[0]?.state, { timeout: 10_000 })
      .toBe('Stable')
    expect((await admin.describeGroups([groupId])).groups[0]?.members).toHaveLength(2)
    await produce(kafka, ['e', 'f'])
    await readers.until(6)
    expect(readers.seen.map(({ value }) => value).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
    expect(new Set(readers.seen.slice(4).map(({ by }) => by)).size).toBe(2)
    await readers.leave()
    const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] })
    expect(offsets?.partitions.map(({ offset }) => offset)).toEqual(['3', '3'])
    await admin.disconnect()
  })

  it('is listed, its offsets are reset, and it is deleted', async () => {
    await using broker = await start()
    const kafka = await withTopic(broker)
    const admin = kafka.admin()
    await admin.connect()
    await admin.setOffsets({ groupId, topic, partitions: [{ partition: 1, offset: '42' }] })
    const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] })
    expect(offsets?.partitions.find(({ partition }) => partition === 1)?.offset).toBe('42')
    expect((await admin.listGroups()).groups.map(one => one.groupId)).toEqual([groupId])
    await admin.deleteGroups([groupId])
    expect((await admin.listGroups()).groups).toEqual([])
    await admin.disconnect()
  })
})
