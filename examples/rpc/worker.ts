// A worker thread that is called like an object: the same `serve` (in primes.mjs) and `connect`, over a MessagePort in place of
// a socket.
//
//   npx tsx examples/rpc/worker.ts

import { MessageChannel, Worker } from 'node:worker_threads'
import { connect } from 'posthorn/rpc'

/** What primes.mjs serves. */
interface Primes {
  count(below: number, progress: (share: number) => void): Promise<number>
}

const { port1, port2 } = new MessageChannel()
const worker = new Worker(new URL('primes.mjs', import.meta.url), {
  workerData: port2,
  transferList: [port2],
})
{
  await using primes = await connect<Primes>(port1)
  const shares: number[] = []
  const found = await primes.count(100_000, share => {
    shares.push(share)
  })
  console.log(`primes below 100,000: ${found}, counted in a worker that told us ${shares.join(', ')}`)
}
await worker.terminate()
