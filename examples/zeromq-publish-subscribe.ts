// Publish and subscribe: each subscriber gets what begins with what it has subscribed to.
//
//   npx tsx examples/zeromq-publish-subscribe.ts

import { Subscriber, XPublisher } from 'posthorn/zeromq'

// An XPublisher hears of subscriptions, so that nothing is sent before somebody listens.
const publisher = new XPublisher()
await publisher.bind('tcp://127.0.0.1:*')

const subscriber = new Subscriber()
subscriber.connect(publisher.lastEndpoint ?? '')
subscriber.subscribe('weather')
await publisher.receive()

for (const [topic, text] of [
  ['sports', 'two all'],
  ['weather', 'rain'],
  ['weather', 'sun'],
] as const)
  await publisher.send([topic, text])

for (let left = 2; left > 0; left--) {
  const [topic, text] = await subscriber.receive()
  console.log(`${topic}: ${text}`)
}

subscriber.close()
publisher.close()
