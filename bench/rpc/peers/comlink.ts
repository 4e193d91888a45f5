// Comlink, to a worker thread.
//
//   node comlink.mjs

import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { drive, type Echo } from './drive.ts'

/** What is used of it. */
interface Comlink {
  wrap(endpoint: unknown): { readonly echo: Echo }
  expose(value: object, endpoint: unknown): void
}

const [packageName, adapterName] = ['comlink/dist/esm/comlink.mjs', 'comlink/dist/esm/node-adapter.mjs']
const comlink = (await import(packageName)) as Comlink
const { default: endpointOf } = (await import(adapterName)) as {
  readonly default: (worker: unknown) => unknown
}

if (!isMainThread) comlink.expose({ echo: (payload: Uint8Array) => payload }, endpointOf(parentPort))
else {
  const remote = comlink.wrap(endpointOf(new Worker(new URL(import.meta.url))))
  await drive(payload => remote.echo(payload))
  process.exit()
}
