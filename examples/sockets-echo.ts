// A server that gives every line back, over TCP and over a Unix-domain socket, and a client for each:
//
//   npx tsx examples/sockets-echo.ts

import { type SocketAddress, type StreamSocket, socket } from 'posthorn/sockets'

async function echo(client: StreamSocket): Promise<void> {
  await using connection = client
  for (;;) {
    const line = await connection.receiveUntil('\n', { bytesMax: 1024 }).catch(() => undefined)
    if (line === undefined) return
    await connection.send(line)
  }
}

async function serve(server: StreamSocket): Promise<void> {
  for await (const client of server) void echo(client)
}

async function ask(client: StreamSocket, address: SocketAddress, line: string): Promise<string> {
  await client.connect(address, { timeoutMs: 5000 })
  await client.send(`${line}\n`)
  return String(await client.receiveUntil('\n', { timeoutMs: 5000 })).trimEnd()
}

await using overTcp = socket('inet', 'stream')
await overTcp.bind({ host: '127.0.0.1' })
await overTcp.listen()
void serve(overTcp)

await using local = socket('unix', 'stream')
await local.bind({ path: `/tmp/posthorn-echo-${process.pid}.sock` })
await local.listen()
void serve(local)

for (const [server, line] of [
  [overTcp, 'hello over TCP'],
  [local, 'hello over a Unix-domain socket'],
] as const) {
  await using client = socket(server.family === 'unix' ? 'unix' : 'inet', 'stream')
  console.log(await ask(client, server.localAddress ?? { path: '' }, line))
}
