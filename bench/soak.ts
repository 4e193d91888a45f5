// A mixed load on one broker while its memory is watched: a producer and a reader at full pace with retention deleting
// behind them, topics made and deleted, and connections opened and closed. The first part of the run is for warming up;
// after it memory must not grow. What is alive in the heap is watched besides what is resident: little things that are kept
// for ever show there long before.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { readArguments, refuse } from '../tools/arguments.ts'
import { batchOf } from './log/engine.ts'
import { releaseScratches, root, scratch } from './places.ts'
import { servePosthorn } from './posthorn.ts'
import { Probe, wholeBatches } from './probe.ts'
import { endPrograms, residentMb } from './programs.ts'
import { note } from './progress.ts'
import { median } from './statistics.ts'

const usage = `npm run soak [-- --minutes N] [--flush MODE]

A mixed load on one broker while its memory is watched. Ends with 1 when memory grows beyond the bound, or when a record is
lost or doubled.

  --minutes N   how long, 5 by default
  --flush MODE  when the broker flushes: always, which is the default, or interval

  npm run soak -- --minutes 30
`

const RECORDS_PER_BATCH = 100
const WINDOW = 5
const FETCH_BYTES = 1024 * 1024
const SAMPLE_MS = 1000
/** Below, there is too little to compare: the heap is looked at every five seconds. */
const MINUTES_MIN = 1
/** The share of the run after which memory counts. */
const WARM_UP = 0.3
/** Resident memory in the last fifth may exceed that of the fifth after the warm-up by this. */
const GROWTH_MB_MAX = 32
const RESIDENT_MB_MAX = 320
/** The same of what is alive in the heap. */
const LIVE_GROWTH_MB_MAX = 1.5

interface Life {
  readonly port: number
  readonly signal: AbortSignal
}

interface Count {
  written: number
  read: number
  topics: number
  connections: number
}

async function main(): Promise<number> {
  const { values } = readArguments(usage, {
    minutes: { type: 'string', default: '5' },
    flush: { type: 'string', default: 'always' },
  })
  const minutes = Number(values.minutes)
  if (!(minutes >= MINUTES_MIN))
    refuse(usage, `--minutes is ${values.minutes}: it must be a number from ${MINUTES_MIN}`)
  const { flush } = values
  if (flush !== 'always' && flush !== 'interval')
    refuse(usage, `--flush is ${flush}: it must be always or interval`)
  const folder = scratch('soak')
  const heapFile = join(folder.path, 'live-heap')
  const broker = await servePosthorn({
    directory: join(folder.path, 'data'),
    flush,
    // So often that what retention lets go is not taken for growth.
    settings: { 'log.retention.check.interval.ms': '5000' },
    node: ['--import', liveHeap(heapFile)],
  })
  try {
    const signal = AbortSignal.timeout(minutes * 60_000)
    const life: Life = { port: broker.port, signal }
    const count: Count = { written: 0, read: 0, topics: 0, connections: 0 }
    const sampling = sample(broker.child.pid, signal, count)
    await Promise.all([stream(life, count), churnTopics(life, count), churnConnections(life, count)])
    return verdict(await sampling, liveMb(heapFile), count)
  } finally {
    await broker.close()
    folder.release()
  }
}

/** Writes as fast as it is acknowledged and reads behind, checking that every offset comes once and in order. */
async function stream({ port, signal }: Life, count: Count): Promise<void> {
  const [writer, reader] = [await Probe.open(port, 'soak'), await Probe.open(port, 'soak')]
  await writer.create(1, { 'retention.bytes': '67108864', 'segment.bytes': '16777216' })
  await reader.refresh()
  const batch = batchOf(16_000, RECORDS_PER_BATCH)
  let ended = false
  const writing = (async () => {
    while (!signal.aborted) {
      await writer.produceMany(batch, 50, WINDOW)
      count.written += 50 * RECORDS_PER_BATCH
    }
    ended = true
  })()
  while (!ended || count.read < count.written) {
    const before = count.read
    for (const one of wholeBatches(await reader.fetch(before, FETCH_BYTES, 100))) {
      if (one.baseOffset !== count.read)
        throw new Error(`offset ${count.read} was due, the batch begins at ${one.baseOffset}`)
      count.read = one.lastOffset + 1
    }
  }
  await writing
  writer.close()
  reader.close()
}

async function churnTopics({ port, signal }: Life, count: Count): Promise<void> {
  const batch = batchOf(200)
  while (!signal.aborted) {
    const probe = await Probe.open(port, `soak-${count.topics}`)
    await probe.create(4)
    await probe.produceMany(batch, 20, WINDOW)
    await probe.remove()
    probe.close()
    count.topics++
    await pause(100)
  }
}

async function churnConnections({ port, signal }: Life, count: Count): Promise<void> {
  while (!signal.aborted) {
    const probes = await Promise.all(Array.from({ length: 10 }, () => Probe.open(port, 'soak')))
    for (const probe of probes) probe.close()
    count.connections += probes.length
    await pause(100)
  }
}

async function sample(pid: number | undefined, signal: AbortSignal, count: Count): Promise<number[]> {
  const samples: number[] = []
  while (!signal.aborted) {
    await pause(SAMPLE_MS)
    const resident = residentMb(pid)
    samples.push(resident)
    if (samples.length % 10 === 0)
      note(
        `${resident.toFixed(0)} MB, ${count.written} records written, ${count.topics} topics, ${count.connections} connections`,
      )
  }
  return samples
}

/** What makes the broker write down what is alive in its heap. */
function liveHeap(file: string): string {
  const program = pathToFileURL(join(root, 'bench', 'live-heap.mjs'))
  program.searchParams.set('file', file)
  return program.href
}

function liveMb(file: string): number[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  return lines.map(line => Number(line) / 1e6)
}

/** Medians of the first and of the last fifth after the warm-up. */
function ends(samples: readonly number[]): readonly [early: number, late: number] {
  const kept = samples.slice(Math.floor(samples.length * WARM_UP))
  const fifth = Math.max(1, Math.floor(kept.length / 5))
  return [median(kept.slice(0, fifth)), median(kept.slice(-fifth))]
}

function verdict(resident: readonly number[], live: readonly number[], count: Count): number {
  const [early, late] = ends(resident)
  const [earlyLive, lateLive] = ends(live)
  const most = Math.max(...resident)
  const fine =
    late - early <= GROWTH_MB_MAX && most <= RESIDENT_MB_MAX && lateLive - earlyLive <= LIVE_GROWTH_MB_MAX
  process.stdout.write(
    `${fine ? 'steady' : 'grew'}: ${early.toFixed(0)} MB after the warm-up, ${late.toFixed(0)} MB at the end (at most ${GROWTH_MB_MAX} more), never above ${most.toFixed(0)} MB (at most ${RESIDENT_MB_MAX}); alive in the heap ${earlyLive.toFixed(1)} and ${lateLive.toFixed(1)} MB (at most ${LIVE_GROWTH_MB_MAX} more); ${count.written} records written and read, ${count.topics} topics, ${count.connections} connections\n`,
  )
  return fine ? 0 : 1
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

process.once('exit', () => {
  endPrograms()
  releaseScratches()
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
process.exit(await main())
