// Reads a topic with kafkajs as a member of a group, from the start, and ends after so many records:
//
//   npx tsx examples/consume.ts 127.0.0.1:9092 hello readers 3

import { Kafka, logLevel } from 'kafkajs'

const [brokers = '127.0.0.1:9092', topic = 'hello', groupId = 'readers', count = '3'] = process.argv.slice(2)

const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.ERROR })
const consumer = kafka.consumer({ groupId })
await consumer.connect()
await consumer.subscribe({ topic, fromBeginning: true })

let left = Number(count)
await new Promise<void>((resolve, reject) => {
  consumer
    .run({
      eachMessage: async ({ partition, message }) => {
        console.log(`${partition}/${message.offset} ${message.value}`)
        if (--left === 0) resolve()
      },
    })
    .catch(reject)
})
await consumer.disconnect()
