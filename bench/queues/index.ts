// What queues cost: whether a backlog takes memory or speed, what an idle queue takes, and whether many bindings slow
// routing down. The broker runs without any protocol, on the file store with flush=always.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Queue } from '../../src/broker/queues/queue.ts'
import type { Benchmark, Table, Target } from '../outcome.ts'
import { scratch } from '../places.ts'
import { outputOf } from '../programs.ts'
import { note } from '../progress.ts'
import { median, medianRatio, spread } from '../statistics.ts'
import { inTurns } from '../turns.ts'
import { Engine } from './engine.ts'
import { routing } from './routing.ts'

const FEW = 10_000
const MORE_MB_MAX = 100
const IDLE_BYTES_MAX = 10_240
const DIFFERENCE_MAX = 0.2
const PROBE = 20_000
const HOURS = 3_600_000

export const queues: Benchmark = {
  name: 'queues',
  async run({ quick, runs = quick ? 5 : 15 }) {
    const many = quick ? 1_000_000 : 10_000_000
    const idleQueues = quick ? 50_000 : 100_000
    const backlog = quick ? 200_000 : 1_000_000
    const folder = scratch('queues')
    try {
      const few = await filled(join(folder.path, 'few'), FEW)
      const lots = await filled(join(folder.path, 'many'), many)
      note(`${idleQueues} idle queues`)
      const idle = await part('idle', join(folder.path, 'idle'), idleQueues)
      const rates = await ratesWith(join(folder.path, 'rates'), backlog, runs)
      const routed = await routing(quick ? 5 : 9)
      return {
        title: 'Queues',
        method: [
          'The broker without a protocol, bodies of 16 bytes, persistent, file store with flush=always. Memory is resident after a collection, each figure of a process of its own.',
        ],
        tables: [
          memoryTable(few, lots, many),
          {
            title: 'Idle queues',
            columns: ['queues', 'bytes each', 'resident, MB', 'declared a second'],
            rows: [
              [
                String(idleQueues),
                (idle.bytesEach ?? Number.NaN).toFixed(0),
                (idle.memoryMb ?? Number.NaN).toFixed(0),
                (idle.perSecond ?? Number.NaN).toFixed(0),
              ],
            ],
          },
          rateTable(rates, backlog, runs),
          routed.table,
        ],
        targets: [
          atMost(
            `resident memory more with ${many} messages than with ${FEW}`,
            lots.fillMb - few.fillMb,
            MORE_MB_MAX,
            ' MB',
          ),
          atMost('the same, opened again', lots.openMb - few.openMb, MORE_MB_MAX, ' MB'),
          atMost('an idle queue', idle.bytesEach ?? Number.NaN, IDLE_BYTES_MAX, ' B'),
          slower('put', rates.putFull, rates.putEmpty),
          slower('take', rates.takeFull, rates.takeEmpty),
          ...routed.targets,
        ],
      }
    } finally {
      folder.release()
    }
  },
}

interface Filled {
  readonly fillMb: number
  readonly openMb: number
  readonly perSecond: number
  readonly readyMs: number
}

async function filled(folder: string, messages: number): Promise<Filled> {
  note(`a queue with ${messages} messages`)
  const first = await part('fill', folder, messages)
  const again = await part('reopen', folder, messages)
  return {
    fillMb: first.memoryMb ?? Number.NaN,
    openMb: again.memoryMb ?? Number.NaN,
    perSecond: first.perSecond ?? Number.NaN,
    readyMs: again.readyMs ?? Number.NaN,
  }
}

/** A part in a process of its own. */
async function part(name: string, folder: string, count: number): Promise<Readonly<Record<string, number>>> {
  const program = fileURLToPath(new URL('./part.ts', import.meta.url))
  const args = ['--expose-gc', '--import', 'tsx', program, name, folder, String(count)]
  const said = await outputOf({ command: process.execPath, args, timeoutMs: HOURS })
  return JSON.parse(said) as Record<string, number>
}

function memoryTable(few: Filled, lots: Filled, many: number): Table {
  const row = (name: string, of: (side: Filled) => number): string[] => [
    name,
    of(few).toFixed(0),
    of(lots).toFixed(0),
  ]
  return {
    title: 'One queue with so many messages',
    columns: ['', String(FEW), String(many)],
    rows: [
      row('resident when filled, MB', side => side.fillMb),
      row('resident when opened again, after 1,000 were taken, MB', side => side.openMb),
      row('put while filling, thousand/s', side => side.perSecond / 1000),
      row('time to open, ms', side => side.readyMs),
    ],
  }
}

interface Rates {
  readonly putEmpty: number[]
  readonly putFull: number[]
  readonly takeEmpty: number[]
  readonly takeFull: number[]
}

/** Two queues in one process, one of them with a backlog; each probe puts and takes the same number. */
async function ratesWith(folder: string, backlog: number, runs: number): Promise<Rates> {
  note(`rates with ${backlog} messages waiting`)
  const engine = await Engine.open(folder)
  try {
    const [empty, full] = [await engine.queue('empty'), await engine.queue('full')]
    await engine.put('full', backlog)
    const timed = (work: () => Promise<void>) => async (): Promise<number> => {
      const began = performance.now()
      await work()
      return (PROBE * 1000) / (performance.now() - began)
    }
    const put = (queue: Queue) => timed(() => engine.put(queue.name, PROBE))
    const take = (queue: Queue) => timed(() => engine.take(queue, PROBE))
    const contenders = {
      putEmpty: put(empty),
      putFull: put(full),
      takeEmpty: take(empty),
      takeFull: take(full),
    }
    return await inTurns(runs, contenders, { label: 'rates', warmUps: 3 })
  } finally {
    await engine.close()
  }
}

function rateTable({ putEmpty, putFull, takeEmpty, takeFull }: Rates, backlog: number, runs: number): Table {
  const row = (name: string, a: readonly number[], b: readonly number[]): string[] => [
    name,
    (median(a) / 1000).toFixed(0),
    (median(b) / 1000).toFixed(0),
    medianRatio(b, a).toFixed(2),
    `${(Math.max(spread(a), spread(b)) * 100).toFixed(0)} %`,
  ]
  return {
    title: 'Thousand messages a second, with so many waiting',
    columns: ['', '0', String(backlog), 'ratio', 'spread'],
    rows: [row('put', putEmpty, putFull), row('take and settle', takeEmpty, takeFull)],
    note: `${runs} rounds of ${PROBE} messages in turns. What is taken from an empty queue was put a moment ago and is in memory still; of the other the oldest are taken.`,
  }
}

function slower(what: string, full: readonly number[], empty: readonly number[]): Target {
  return {
    name: `${what}, with a backlog / without`,
    value: medianRatio(full, empty),
    bound: 1 - DIFFERENCE_MAX,
    must: 'reach',
    unit: '',
  }
}

function atMost(name: string, value: number, bound: number, unit: string): Target {
  return { name, value, bound, must: 'stay within', unit }
}
