// One store, two protocols: what amqplib publishes kafkajs reads with key and headers, what kafkajs writes amqplib consumes;
// a queue is read as a topic, a topic as a stream and by settlement.

import type { GetMessage } from 'amqplib'
import { freshName, Inbox, type Scene, scene, send, textOf, textsOf } from '../clients/amqplib.ts'
import { kafka } from '../clients/kafkajs.ts'
import { same, until } from '../report.ts'
import type { Stage } from '../stage.ts'

interface Read {
  readonly key: string | undefined
  readonly value: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

export async function crossAmqp(stage: Stage): Promise<void> {
  const { report, amqp } = stage
  const run = (title: string, body: (scene: Scene) => Promise<void>) =>
    report.run(title, () => scene(amqp.url, body))
  await run('amqplib publishes, kafkajs reads the queue as a topic: key, headers, value', scene =>
    published(stage, scene),
  )
  await run('kafkajs writes into a queue, amqplib consumes: key, headers, value', scene =>
    written(stage, scene),
  )
  await run('kafkajs writes a topic, amqplib consumes it as a stream', scene => streamed(stage, scene))
  await run('a topic read by settlement (x-source-topic), which takes nothing away from it', scene =>
    settled(stage, scene),
  )
}

async function published(stage: Stage, { channel }: Scene): Promise<void> {
  const name = freshName('cross')
  await channel.assertQueue(name, { durable: true })
  channel.publish('', name, Buffer.from('body ü'), {
    ...{ contentType: 'text/plain', messageId: 'm-1', correlationId: 'c-1', persistent: true },
    headers: { 'x-kafka-key': 'key-1', own: 'text', number: 7, yes: true },
  })
  await channel.waitForConfirms()
  const [found] = await readTopic(stage, name, 1)
  same([found?.key, found?.value], ['key-1', 'body ü'], 'key and value')
  const { headers = {} } = found ?? {}
  same([headers.own, headers.number, headers.yes], ['text', '7', 'true'], 'headers')
  same(
    [headers['content-type'], headers['amqp.message-id'], headers['amqp.correlation-id']],
    ['text/plain', 'm-1', 'c-1'],
    'properties',
  )
  same((await channel.checkQueue(name)).messageCount, 1, 'messages that stay in the queue')
  await channel.deleteQueue(name)
}

async function written(stage: Stage, { channel }: Scene): Promise<void> {
  const name = freshName('cross')
  await channel.assertQueue(name, { durable: true })
  const inbox = await Inbox.open(channel, name, { noAck: true })
  await writeTopic(stage, name)
  const found = await inbox.next(2)
  same(textsOf(found), ['one', 'two'], 'bodies')
  const headers = found[0]?.properties.headers ?? {}
  same(
    [String(headers['x-kafka-key']), headers.h, found[0]?.properties.contentType],
    ['k', 'v', 'text/x'],
    'headers',
  )
  await channel.deleteQueue(name)
}

async function streamed(stage: Stage, { channel }: Scene): Promise<void> {
  const name = freshName('cross')
  await createTopic(stage, name)
  await writeTopic(stage, name)
  await channel.prefetch(10)
  const inbox = await Inbox.open(channel, name, { arguments: { 'x-stream-offset': 'first' } })
  const found = await inbox.next(2)
  same(textsOf(found), ['one', 'two'], 'bodies')
  same(String(found[0]?.properties.headers?.['x-kafka-key']), 'k', 'key') // bytes, as Kafka's keys are
  for (const message of found) channel.ack(message)
  await send(channel, name, ['by amqp'])
  same(textsOf(await inbox.next(1)), ['by amqp'], 'what amqplib publishes into the topic')
}

async function settled(stage: Stage, { channel, open }: Scene): Promise<void> {
  const topic = freshName('cross')
  await createTopic(stage, topic)
  await writeTopic(stage, topic)
  const queue = freshName('by-settlement')
  await channel.assertQueue(queue, { durable: true, arguments: { 'x-source-topic': topic } })
  await writeTopic(stage, topic)
  const first = await message(() => channel.get(queue))
  const bodies = [textOf(first)]
  channel.nack(first, false, true)
  const again = await message(() => channel.get(queue))
  same(again.fields.redelivered, true, 'redelivered')
  channel.ack(again)
  const reader = await open()
  const inbox = await Inbox.open(reader, queue)
  const rest = await inbox.next(bodies[0] === 'one' ? 1 : 0)
  for (const message of rest) reader.ack(message)
  same((await readTopic(stage, topic, 4)).length, 4, 'records of the topic')
  await channel.deleteQueue(queue)
}

/** Fetches until there is one. */
async function message(get: () => Promise<GetMessage | false>): Promise<GetMessage> {
  const end = performance.now() + 10_000
  for (;;) {
    const found = await get()
    if (found !== false) return found
    if (performance.now() > end) throw new Error('no message came')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

async function createTopic({ plain }: Stage, topic: string): Promise<void> {
  const admin = kafka(plain).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })
  await admin.disconnect()
}

async function writeTopic({ plain }: Stage, topic: string): Promise<void> {
  const producer = kafka(plain).producer({ allowAutoTopicCreation: false })
  await producer.connect()
  const messages = [
    { key: 'k', value: 'one', headers: { h: 'v', 'content-type': 'text/x' } },
    { key: null, value: 'two' },
  ]
  await producer.send({ topic, messages: messages.map(one => ({ ...one, partition: 0 })) })
  await producer.disconnect()
}

async function readTopic({ plain }: Stage, topic: string, count: number): Promise<Read[]> {
  const consumer = kafka(plain).consumer({ groupId: freshName('group') })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  const found: Read[] = []
  await consumer.run({
    eachMessage: async ({ message: { key, value, headers = {} } }) => {
      const texts = Object.entries(headers).map(([name, one]) => [name, String(one)] as const)
      found.push({ key: key?.toString(), value: value?.toString(), headers: Object.fromEntries(texts) })
    },
  })
  await until(`${count} records`, () => (found.length >= count ? true : undefined))
  await consumer.disconnect()
  return found
}
