// A broker in this process, one client that produces and one that consumes:
//
//   npx tsx examples/in-process.ts

import { Kafka, logLevel } from 'kafkajs'
import { start } from 'posthorn'

await using broker = await start()
console.log(`listening on ${broker.kafka.brokers}`)
const kafka = new Kafka({ ...broker.kafka.clientConfig(), logLevel: logLevel.ERROR })

const producer = kafka.producer()
await producer.connect()
await producer.send({
  topic: 'orders',
  messages: ['tea', 'milk', 'salt'].map(value => ({ key: 'ann', value })),
})
await producer.disconnect()

const consumer = kafka.consumer({ groupId: 'kitchen' })
await consumer.connect()
await consumer.subscribe({ topic: 'orders', fromBeginning: true })
const seen: string[] = []
await new Promise<void>((resolve, reject) => {
  consumer
    .run({
      eachMessage: async ({ message }) => {
        seen.push(String(message.value))
        if (seen.length === 3) resolve()
      },
    })
    .catch(reject)
})
await consumer.disconnect()
console.log(seen.join(' '))
