// capnweb: over WebSocket between processes (with ws), and to a worker thread.
//
//   node capnweb.mjs serve        prints its port
//   node capnweb.mjs call PORT
//   node capnweb.mjs thread

import type { AddressInfo } from 'node:net'
import { isMainThread, type MessagePort, parentPort, Worker } from 'node:worker_threads'
import { WebSocket, WebSocketServer } from 'ws'
import { drive, type Echo, say } from './drive.ts'

/** What is used of it. */
interface Capnweb {
  readonly RpcTarget: new () => object
  newMessagePortRpcSession(port: unknown, local?: object): { readonly echo: Echo }
  newWebSocketRpcSession(socket: unknown, local?: object): { readonly echo: Echo }
}

// Version 0.12 asks for the class of browsers even where it is handed a socket; Node 20 has none.
Object.assign(globalThis, { WebSocket })
const packageName = 'capnweb'
const capnweb = (await import(packageName)) as Capnweb

class Api extends capnweb.RpcTarget {
  echo(payload: Uint8Array): Uint8Array {
    return payload
  }
}

const [role = '', port = ''] = process.argv.slice(2)

if (!isMainThread) {
  parentPort?.once('message', (port: MessagePort) => capnweb.newMessagePortRpcSession(port, new Api()))
} else if (role === 'serve') {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  server.on('connection', socket => capnweb.newWebSocketRpcSession(socket, new Api()))
  server.on('listening', () => say(String((server.address() as AddressInfo).port)))
} else {
  const remote = role === 'thread' ? threaded() : await dialled()
  // Its class for bytes is Uint8Array itself.
  await drive(payload => remote.echo(new Uint8Array(payload.buffer) as Buffer))
  process.exit()
}

function threaded() {
  const worker = new Worker(new URL(import.meta.url))
  const { port1, port2 } = new MessageChannel()
  worker.postMessage(port2, [port2 as unknown as MessagePort])
  return capnweb.newMessagePortRpcSession(port1)
}

async function dialled() {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`)
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  return capnweb.newWebSocketRpcSession(socket)
}
