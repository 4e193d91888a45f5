// What the file engine makes of the disk, against the least that any program has to do.

import type { Benchmark } from '../outcome.ts'
import { groupCommit } from './groups.ts'
import { manyLogs } from './many.ts'
import { cachedReads } from './reading.ts'

export const log: Benchmark = {
  name: 'log',
  async run(options) {
    const parts = [await groupCommit(options), await manyLogs(options), await cachedReads(options)]
    return {
      title: 'The log on the file engine',
      method: [
        'The engine runs in the process of the benchmark, with flush=always; the bare loops use the same folder.',
        'A ratio is the median of the rounds, each of which compares figures measured one after the other.',
      ],
      tables: parts.map(({ table }) => table),
      targets: parts.flatMap(({ targets }) => targets),
    }
  },
}
