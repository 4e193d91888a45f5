// A test that has a broker of its own, and moves its clock:
//
//   npx tsx --test examples/orders.test.ts

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Kafka, logLevel } from 'kafkajs'
import { start } from 'posthorn'

test('an order is stored', async () => {
  await using broker = await start()
  const kafka = new Kafka({ ...broker.kafka.clientConfig(), logLevel: logLevel.ERROR })
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic: 'orders', messages: [{ value: 'tea' }] })
  await producer.disconnect()
  assert.deepEqual(await ends(kafka), ['1'])
})

test('an order is forgotten after a week', async () => {
  await using broker = await start({ clock: 'manual', settings: { 'log.retention.ms': 604_800_000 } })
  const kafka = new Kafka({ ...broker.kafka.clientConfig(), logLevel: logLevel.ERROR })
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic: 'orders', messages: [{ value: 'tea' }] })
  await producer.disconnect()
  await broker.clock.advance('8d')
  assert.deepEqual(await starts(kafka), ['1'])
})

async function ends(kafka: Kafka): Promise<string[]> {
  return (await offsets(kafka)).map(({ high }) => high)
}

async function starts(kafka: Kafka): Promise<string[]> {
  return (await offsets(kafka)).map(({ low }) => low)
}

async function offsets(kafka: Kafka) {
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await admin.fetchTopicOffsets('orders')
  } finally {
    await admin.disconnect()
  }
}
