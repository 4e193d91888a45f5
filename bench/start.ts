// Time to a broker that answers: in a test's process, and as a process of its own.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Benchmark } from './outcome.ts'
import { built, scratch } from './places.ts'
import { servePosthorn } from './posthorn.ts'
import { outputOf } from './programs.ts'
import { median, medianRatio, percentile } from './statistics.ts'
import { inTurns } from './turns.ts'

const SHARE_OF_NODE_MAX = 0.5

/** A program like a test's: loads the package, starts a broker, and prints what each took, in ms. */
const program = `
const began = performance.now()
const { start } = await import(${JSON.stringify(built('server/index.js'))})
const loaded = performance.now()
const broker = await start({ storage: 'memory' })
const first = performance.now()
const another = await start({ storage: 'memory' })
console.log(JSON.stringify([loaded - began, first - loaded, performance.now() - first]))
await Promise.all([broker.close(), another.close()])
`

export const start: Benchmark = {
  name: 'start',
  async run({ quick, runs = quick ? 9 : 25 }) {
    const loads: number[] = []
    const seconds: number[] = []
    const folder = scratch('start')
    let served = 0
    const serve = (directory?: () => string) => async () => {
      const broker = await servePosthorn(directory === undefined ? {} : { directory: directory() })
      await broker.close()
      return broker.readyMs
    }
    try {
      const values = await inTurns(
        runs,
        {
          node: () => {
            const began = performance.now()
            execFileSync(process.execPath, ['-e', '0'])
            return performance.now() - began
          },
          start: async () => {
            const said = await outputOf({
              command: process.execPath,
              args: ['--input-type=module', '--eval', program],
            })
            const [load = Number.NaN, first = Number.NaN, second = Number.NaN] = JSON.parse(said) as number[]
            loads.push(load)
            seconds.push(second)
            return first
          },
          memory: serve(),
          fresh: serve(() => join(folder.path, `fresh-${served++}`)),
          again: serve(() => join(folder.path, 'again')),
        },
        { label: 'starts' },
      )
      const loaded = loads.slice(-runs)
      const whole = values.start.map((ms, at) => ms + (loaded[at] ?? Number.NaN))
      const row = (name: string, ms: readonly number[]): string[] => [
        name,
        median(ms).toFixed(1),
        percentile(ms, 0.9).toFixed(1),
      ]
      return {
        title: 'Time to ready',
        method: [`${runs} rounds in turns, a new process for each figure.`],
        tables: [
          {
            title: 'Milliseconds',
            columns: ['what', 'median', '90 %'],
            rows: [
              row('`node -e 0`', values.node),
              row("`start({ storage: 'memory' })`, the first in its process", values.start),
              row('the same, the second in its process', seconds.slice(-runs)),
              row('`import` of the package', loaded),
              row('both: import and first start', whole),
              row('`posthorn serve --memory`, from the start of the process', values.memory),
              row('`posthorn serve` with a new data folder', values.fresh),
              row('`posthorn serve` with a data folder used before', values.again),
            ],
          },
        ],
        targets: [
          {
            name: 'first start() / `node -e 0`',
            value: medianRatio(values.start, values.node),
            bound: SHARE_OF_NODE_MAX,
            must: 'stay within',
            unit: '',
          },
        ],
      }
    } finally {
      folder.release()
    }
  },
}
