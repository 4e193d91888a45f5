// A thousand logs with one record each, appended at the same time, against a thousand records to one log: one flush
// should do for either.

import { join } from 'node:path'
import type { Log } from '../../src/log/index.ts'
import type { BenchOptions, Table, Target } from '../outcome.ts'
import { scratch } from '../places.ts'
import { median, medianRatio, spread } from '../statistics.ts'
import { inTurns } from '../turns.ts'
import { batchOfValues, copyOf, openEngine } from './engine.ts'

const LOGS = 1000
const RECORD_BYTES = 100
const RATIO_MAX = 3

export async function manyLogs({ quick, runs = quick ? 9 : 25 }: BenchOptions) {
  const folder = scratch('many')
  const store = await openEngine(join(folder.path, 'store'))
  try {
    const one = await store.open('one')
    const many: Log[] = []
    for (let at = 0; at < LOGS; at++) many.push(await store.open(`many-${at}`))
    const batch = batchOfValues(RECORD_BYTES)
    const timed = (logAt: (index: number) => Log) => async () => {
      const batches = Array.from({ length: LOGS }, () => copyOf(batch))
      const began = performance.now()
      await Promise.all(batches.map((copy, at) => logAt(at).append(copy)))
      return performance.now() - began
    }
    const values = await inTurns(
      runs,
      { one: timed(() => one), many: timed(at => many[at] ?? one) },
      { label: `${LOGS} logs`, warmUps: 20 },
    )
    const table: Table = {
      title: `${LOGS} records of ${RECORD_BYTES} bytes at the same time, a batch each`,
      columns: ['to', 'ms until all are durable', 'spread'],
      rows: [
        ['one log', median(values.one).toFixed(2), `${(spread(values.one) * 100).toFixed(0)} %`],
        [`${LOGS} logs`, median(values.many).toFixed(2), `${(spread(values.many) * 100).toFixed(0)} %`],
      ],
      note: `${runs} rounds.`,
    }
    const target: Target = {
      name: `${LOGS} logs / one log`,
      value: medianRatio(values.many, values.one),
      bound: RATIO_MAX,
      must: 'stay within',
      unit: '',
    }
    return { table, targets: [target] }
  } finally {
    await store.close()
    folder.release()
  }
}
