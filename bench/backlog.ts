// Whether a backlog costs anything: two brokers with one partition each, one holding ten thousand records and one ten
// million. The same probes against both, in turns: appending, reading from the start, reading at the tail.

import { batchOfValues } from './log/engine.ts'
import type { Benchmark } from './outcome.ts'
import { scratch } from './places.ts'
import { type RunningBroker, servePosthorn } from './posthorn.ts'
import { Probe, wholeBatches } from './probe.ts'
import { residentMb } from './programs.ts'
import { note } from './progress.ts'
import { median, medianRatio, spread } from './statistics.ts'
import { inTurns } from './turns.ts'

const RECORD_BYTES = 100
const RECORDS_PER_BATCH = 100
const SMALL = 10_000
const WINDOW = 5
const FETCH_BYTES = 1024 * 1024
/** What a probe writes and reads: as much as the small backlog holds. */
const PROBE_BATCHES = SMALL / RECORDS_PER_BATCH
const PROBES_A_ROUND = 5
/** Reading is quick: more of it, so that one collection in this process is not most of what was measured. */
const READS_A_ROUND = 25
/** Whoever is read after the other pays for its own processor's caches, and for the memory that this process has to collect. */
const UNCOUNTED_FETCHES = 5
const DIFFERENCE_MAX = 0.2

export const backlog: Benchmark = {
  name: 'backlog',
  async run({ quick, runs = quick ? 7 : 21 }) {
    const large = quick ? 1_000_000 : 10_000_000
    const folder = scratch('backlog')
    const brokers: RunningBroker[] = []
    try {
      const filled = async (records: number): Promise<Side> => {
        const side = await fill(`${folder.path}/${records}`, records)
        brokers.push(side.broker)
        return side
      }
      const [few, many] = [await filled(SMALL), await filled(large)]
      const rates = await measure(few, many, runs)
      const [fewMb, manyMb] = [few, many].map(({ broker }) => residentMb(broker.child.pid))
      const names = [`${SMALL} records`, `${large} records`]
      const row = (name: string, a: readonly number[], b: readonly number[]): string[] => [
        name,
        thousands(median(a)),
        thousands(median(b)),
        medianRatio(b, a).toFixed(2),
        `${(Math.max(spread(a), spread(b)) * 100).toFixed(0)} %`,
      ]
      const memory = (name: string, a = Number.NaN, b = Number.NaN): string[] => [
        name,
        a.toFixed(1),
        b.toFixed(1),
        (b / a).toFixed(2),
        '',
      ]
      return {
        title: 'A large backlog',
        method: [
          `One partition, records of ${RECORD_BYTES} bytes in batches of ${RECORDS_PER_BATCH}, file engine, flush=always, each broker a process of its own, started again after it was filled.`,
          `A probe writes ${SMALL} records ${PROBES_A_ROUND} times, or reads as many ${READS_A_ROUND} times, ${WINDOW} requests in flight for writing, fetches of ${FETCH_BYTES / 1024} KB after ${UNCOUNTED_FETCHES} that are not counted; ${runs} rounds in turns, every other one backwards.`,
        ],
        tables: [
          {
            title: 'With a backlog of',
            columns: ['', ...names, 'ratio', 'spread'],
            rows: [
              row('produce, thousand records/s', rates.produceFew, rates.produceMany),
              row('consume from the start, thousand records/s', rates.startFew, rates.startMany),
              row('consume at the tail, thousand records/s', rates.tailFew, rates.tailMany),
              memory('resident memory after filling, MB', few.filledMb, many.filledMb),
              memory('resident memory after starting again, MB', few.restartedMb, many.restartedMb),
              memory('resident memory after the probes, MB', fewMb, manyMb),
              memory('time to ready when started again, ms', few.broker.readyMs, many.broker.readyMs),
            ],
          },
        ],
        targets: [
          slower('produce', rates.produceMany, rates.produceFew),
          slower('consume from the start', rates.startMany, rates.startFew),
          slower('consume at the tail', rates.tailMany, rates.tailFew),
          {
            name: 'resident memory, large / small',
            value: (manyMb ?? Number.NaN) / (fewMb ?? Number.NaN),
            bound: 1 + DIFFERENCE_MAX,
            must: 'stay within',
            unit: '',
          },
        ],
      }
    } finally {
      for (const broker of brokers) await broker.close()
      folder.release()
    }
  },
}

interface Side {
  readonly broker: RunningBroker
  readonly probe: Probe
  readonly batch: Buffer
  readonly filledMb: number
  readonly restartedMb: number
}

async function fill(directory: string, records: number): Promise<Side> {
  note(`filling a partition with ${records} records`)
  const batch = batchOfValues(RECORD_BYTES, RECORDS_PER_BATCH)
  const first = await servePosthorn({ directory })
  const filler = await Probe.open(first.port, 'backlog')
  await filler.create(1)
  await filler.produceMany(batch, records / RECORDS_PER_BATCH, WINDOW)
  filler.close()
  const filledMb = residentMb(first.child.pid)
  await first.close()
  const broker = await servePosthorn({ directory })
  const probe = await Probe.open(broker.port, 'backlog')
  return { broker, probe, batch, filledMb, restartedMb: residentMb(broker.child.pid) }
}

function measure(few: Side, many: Side, runs: number) {
  return inTurns(
    runs,
    {
      produceFew: () => produceRate(few),
      produceMany: () => produceRate(many),
      startFew: () => consumeRate(few, 'start'),
      startMany: () => consumeRate(many, 'start'),
      tailFew: () => consumeRate(few, 'tail'),
      tailMany: () => consumeRate(many, 'tail'),
    },
    { label: 'probes', warmUps: 3, alternates: true },
  )
}

async function produceRate({ probe, batch }: Side): Promise<number> {
  const began = performance.now()
  await probe.produceMany(batch, PROBE_BATCHES * PROBES_A_ROUND, WINDOW)
  return (SMALL * PROBES_A_ROUND * 1000) / (performance.now() - began)
}

/** Reads `SMALL` records from the first or the last offsets on, several times. */
async function consumeRate({ probe }: Side, from: 'start' | 'tail'): Promise<number> {
  const { highWatermark } = await probe.fetch(0, 1)
  const first = from === 'start' ? 0 : highWatermark - SMALL
  for (let n = 0; n < UNCOUNTED_FETCHES; n++) await probe.fetch(first, FETCH_BYTES)
  let records = 0
  const began = performance.now()
  for (let pass = 0; pass < READS_A_ROUND; pass++)
    for (let at = first; at < first + SMALL; ) {
      const fetched = await probe.fetch(at, FETCH_BYTES)
      const before = at
      for (const batch of wholeBatches(fetched)) at = batch.lastOffset + 1
      if (at === before) throw new Error(`nothing could be read at offset ${at}`)
      records += at - before
    }
  return (records * 1000) / (performance.now() - began)
}

function slower(name: string, large: readonly number[], small: readonly number[]) {
  return {
    name: `${name}, large / small`,
    value: medianRatio(large, small),
    bound: 1 - DIFFERENCE_MAX,
    must: 'reach' as const,
    unit: '',
  }
}

function thousands(rate: number): string {
  return (rate / 1000).toFixed(0)
}
