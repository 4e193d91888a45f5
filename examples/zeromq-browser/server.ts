// A page that speaks ZeroMQ: `npx tsx examples/zeromq-browser/server.ts`, then open http://127.0.0.1:8080. The page asks a REP
// socket and subscribes to a PUB socket, both over WebSocket; any libzmq that has ws:// could be in their place.

import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { Publisher, Reply } from 'posthorn/zeromq'

const files: Readonly<Record<string, readonly [path: string, type: string]>> = {
  '/': [fileURLToPath(new URL('index.html', import.meta.url)), 'text/html'],
  '/posthorn-zeromq.js': [fileURLToPath(import.meta.resolve('posthorn/zeromq/browser')), 'text/javascript'],
}

createServer(async (request, response) => {
  const [path, type] = files[request.url ?? ''] ?? []
  if (path === undefined || type === undefined) response.writeHead(404).end()
  else response.writeHead(200, { 'content-type': type }).end(await readFile(path))
}).listen(8080, '127.0.0.1', () => console.log('http://127.0.0.1:8080'))

const publisher = new Publisher()
await publisher.bind('ws://127.0.0.1:5556')
setInterval(() => void publisher.send(['time', new Date().toISOString()]), 1000)

const reply = new Reply()
await reply.bind('ws://127.0.0.1:5555')
for await (const [question] of reply) await reply.send(`You said: ${question}`)
