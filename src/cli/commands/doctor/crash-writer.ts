// The process that `posthorn doctor durability` kills: it appends to a store and says of each batch, once it is
// acknowledged, where it is: `log offset serial`, a line each. It never ends by itself.

import { openFileStore } from '../../../log/index.ts'
import { CRASH_LOGS, crashBatch } from './crash-batch.ts'

const IN_FLIGHT = 8

const [directory = '', first = '0'] = process.argv.slice(2)
let serial = Number(first)
const store = await openFileStore({ directory, scrubBytesPerSecond: 0, ballastBytes: 0 })

await Promise.all(Array.from({ length: IN_FLIGHT }, (_, n) => appendForEver(`log-${n % CRASH_LOGS}`)))

async function appendForEver(name: string): Promise<never> {
  const log = await store.open(name)
  for (;;) {
    const mine = serial++
    const offset = await log.append(crashBatch(mine))
    // A line that is still on its way when the process is killed is not looked for: no harm is done.
    process.stdout.write(`${name} ${offset} ${mine}\n`)
  }
}
