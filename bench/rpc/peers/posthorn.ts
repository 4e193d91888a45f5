// Posthorn's RPC embedded in the language: over TCP and WebSocket between processes, and to a worker thread.
//
//   node posthorn.mjs serve tcp://127.0.0.1:*    prints its address
//   node posthorn.mjs call ADDRESS
//   node posthorn.mjs thread

import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { load } from './built.ts'
import { drive, type Echo, say } from './drive.ts'

interface Api {
  echo(payload: Uint8Array): Uint8Array
}

const { connect, serve } = await load()
const [role = '', address = ''] = process.argv.slice(2)
const api: Api = { echo: payload => payload }

if (!isMainThread && parentPort !== null) await serve(api, parentPort)
else if (role === 'serve') say((await serve(api, address)).address)
else {
  const worker = role === 'thread' ? new Worker(new URL(import.meta.url)) : undefined
  const remote = await connect<Api>(worker ?? address)
  await drive((payload => remote.echo(payload)) as Echo)
  process.exit()
}
