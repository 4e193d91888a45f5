// Reading a log from the page cache, against a loop of readSync over the same file.

import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../../src/log/index.ts'
import type { BenchOptions, Table, Target } from '../outcome.ts'
import { scratch } from '../places.ts'
import { median, medianRatio, spread } from '../statistics.ts'
import { inTurns } from '../turns.ts'
import { batchOf, copyOf, openEngine } from './engine.ts'

const KIB = 1024
const sizes = [64 * KIB, 1024 * KIB]
const BATCH_BYTES = 16 * KIB
const RATIO_MIN = 0.6

export async function cachedReads({ quick, runs = quick ? 7 : 21 }: BenchOptions) {
  const folder = scratch('reading')
  const store = await openEngine(join(folder.path, 'store'))
  try {
    const log = await filled(await store.open('one'), quick ? 48e6 : 96e6)
    const path = largestFile(join(folder.path, 'store', 'logs'))
    const rows: string[][] = []
    const targets: Target[] = []
    for (const size of sizes) {
      const values = await inTurns(
        runs,
        {
          bare: () => bareRead(path, size, 'fresh'),
          engine: () => engineRead(log, size),
          reused: () => bareRead(path, size, 'reused'),
        },
        { label: `reads of ${size / KIB} KB`, warmUps: 3 },
      )
      const row = (name: string, mbPerSecond: readonly number[]): string[] => [
        `${size / KIB} KB, ${name}`,
        median(mbPerSecond).toFixed(0),
        medianRatio(mbPerSecond, values.bare).toFixed(2),
        `${(spread(mbPerSecond) * 100).toFixed(0)} %`,
      ]
      rows.push(
        row('readSync, a buffer for each', values.bare),
        row('readSync, one buffer', values.reused),
        row('log.read', values.engine),
      )
      targets.push({
        name: `log.read / readSync into a buffer for each, ${size / KIB} KB`,
        value: medianRatio(values.engine, values.bare),
        bound: RATIO_MIN,
        must: 'reach',
        unit: '',
      })
    }
    const table: Table = {
      title: 'Sequential reads from the page cache',
      columns: ['read', 'MB/s', 'of bare', 'spread'],
      rows,
      note: `${runs} rounds over batches of ${BATCH_BYTES / KIB} KB. What log.read gives out belongs to the reader, so its measure is the loop that allocates, too.`,
    }
    return { table, targets }
  } finally {
    await store.close()
    folder.release()
  }
}

async function filled(log: Log, bytes: number): Promise<Log> {
  const batch = batchOf(BATCH_BYTES, 100)
  while (log.bytes < bytes) await Promise.all(Array.from({ length: 64 }, () => log.append(copyOf(batch))))
  return log
}

function largestFile(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => join(folder, name))
  const [largest] = files
    .filter(one => one.endsWith('.log'))
    .sort((a, b) => statSync(b).size - statSync(a).size)
  if (largest === undefined) throw new Error(`there is no segment in ${folder}`)
  return largest
}

async function engineRead(log: Log, size: number): Promise<number> {
  const began = performance.now()
  let bytes = 0
  for (let at = log.start; at < log.end; ) {
    const reading = log.read(at, size)
    const slice = reading instanceof Promise ? await reading : reading
    bytes += slice.bytes
    at = slice.next
  }
  return bytes / (performance.now() - began) / 1000
}

function bareRead(path: string, size: number, buffers: 'fresh' | 'reused'): number {
  const fd = openSync(path, 'r')
  const end = fstatSync(fd).size
  const began = performance.now()
  let into = Buffer.allocUnsafeSlow(size)
  let at = 0
  while (at < end) {
    if (buffers === 'fresh') into = Buffer.allocUnsafeSlow(size)
    at += readSync(fd, into, 0, size, at)
  }
  const mbPerSecond = at / (performance.now() - began) / 1000
  closeSync(fd)
  return mbPerSecond
}
