// A broker made of a ROUTER and a DEALER: clients and workers know it, and not one another.
//
//   npx tsx examples/zeromq-broker.ts

import { Dealer, Proxy as Queue, Reply, Request, Router } from 'posthorn/zeromq'

const front = new Router()
await front.bind('tcp://127.0.0.1:*')
const back = new Dealer()
await back.bind('tcp://127.0.0.1:*')
const clientsAt = front.lastEndpoint ?? ''
const workersAt = back.lastEndpoint ?? ''
const broker = new Queue(front, back)
const running = broker.run()

async function work(worker: Reply): Promise<void> {
  for await (const [name] of worker) await worker.send(`hello, ${name}`)
}
const workers = [new Reply(), new Reply()]
for (const worker of workers) worker.connect(workersAt)
const working = workers.map(work)

const greetings = await Promise.all(
  ['ann', 'bob', 'eve'].map(async name => {
    const client = new Request()
    client.connect(clientsAt)
    await client.send(name)
    const [greeting] = await client.receive()
    client.close()
    return String(greeting)
  }),
)
console.log(greetings.join('\n'))

for (const worker of workers) worker.close()
broker.terminate()
await Promise.all([running, ...working])
