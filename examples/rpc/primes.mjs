// The worker of worker.ts: what it serves to whoever has the other end of its port. Plain JavaScript, because Node starts
// workers by itself.

import { workerData } from 'node:worker_threads'
import { serve } from 'posthorn/rpc'

const isPrime = n => {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false
  return true
}

await serve(
  {
    async count(below, progress) {
      let found = 0
      for (let n = 2; n < below; n++) {
        if (isPrime(n)) found++
        if (n % (below / 4) === 0) await progress(n / below)
      }
      return found
    },
  },
  workerData,
)
