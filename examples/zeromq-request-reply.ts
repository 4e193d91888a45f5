// Request and reply: a client asks, a server answers.
//
//   npx tsx examples/zeromq-request-reply.ts

import { Reply, Request } from 'posthorn/zeromq'

const server = new Reply()
await server.bind('tcp://127.0.0.1:*')

async function serve(): Promise<void> {
  for await (const [number] of server) await server.send(String(Number(number) ** 2))
}
const serving = serve()

const client = new Request()
client.connect(server.lastEndpoint ?? '')
for (const number of [3, 4]) {
  await client.send(String(number))
  const [square] = await client.receive()
  console.log(`${number} squared is ${square}`)
}

client.close()
server.close()
await serving
