// Posthorn's sockets against zeromq.js, libzmq and nng: all contenders in one run, in turns, each of them two processes that
// await every send and receive (in C: block). Ratios say more than figures, for the machine is shared.

import { curveKeyPair } from '../../src/sockets/zmq/index.ts'
import type { Benchmark, BenchOptions, Outcome, Table, Target } from '../outcome.ts'
import { scratch } from '../places.ts'
import { median, medianRatio, spread } from '../statistics.ts'
import { inTurns } from '../turns.ts'
import {
  type Contender,
  compileC,
  compilePeers,
  inproc,
  type Load,
  type RoundTrip,
  roundTrip,
  throughput,
  zeromqVersion,
} from './contenders.ts'

const sizes = [16, 100, 1024, 65_536] as const
const REQUEST_BYTES = 100
/** Messages that a contender moves in about a second. */
const counts: Readonly<Record<Contender, readonly number[]>> = {
  'zeromq.js': [100_000, 100_000, 60_000, 24_000],
  libzmq: [1_500_000, 1_000_000, 300_000, 24_000],
  Posthorn: [600_000, 500_000, 200_000, 24_000],
  nng: [15_000, 15_000, 15_000, 5000],
  'Posthorn SP': [600_000, 500_000, 200_000, 8000],
}
const CURVE_COUNTS = [30_000, 20_000, 10_000, 1000]
const ROUND_TRIPS = 20_000
const INPROC_COUNTS: Partial<Record<Contender, number>> = {
  'zeromq.js': 150_000,
  libzmq: 1_500_000,
  Posthorn: 1_000_000,
}

interface Figures {
  readonly label: string
  readonly values: Partial<Record<Contender, number[]>>
}

export const sockets: Benchmark = {
  name: 'sockets',
  missing: () => (zeromqVersion() === undefined ? 'the npm package zeromq is not installed' : undefined),
  async run(options) {
    const folder = scratch('sockets')
    try {
      const flaw = compileC(folder.path)
      if (flaw !== undefined) throw new Error(`${flaw}\napt-get install libzmq3-dev libnng-dev`)
      await compilePeers()
      return await compare(folder.path, options)
    } finally {
      folder.release()
    }
  },
}

async function compare(folder: string, { quick, runs = quick ? 5 : 9 }: BenchOptions): Promise<Outcome> {
  const share = quick ? 0.5 : 1
  const zmq = await overSizes(folder, runs, share, ['zeromq.js', 'libzmq', 'Posthorn'])
  const sp = await overSizes(folder, runs, share, ['nng', 'Posthorn SP'])
  const memory = await inMemory(folder, runs, share)
  const curve = await withCurve(folder, runs, share)
  const trips = await roundTrips(folder, runs, share)
  return {
    title: 'Sockets without a broker',
    method: [
      `zeromq.js ${zeromqVersion()} of npm; libzmq and nng of Debian with C programs at -O2 (bench/sockets/c). Default options; buffers of 1000 for SP.`,
      'Two processes over loopback TCP, timed at the receiver after the first quarter, which warms up; every send and every receive is awaited, in C it blocks.',
      `${runs} runs in turns after one that is not counted; ratios are medians of pairs.`,
    ],
    tables: [
      rateTable('ZeroMQ, PUSH to PULL, thousand messages a second', zmq, ['zeromq.js', 'libzmq', 'Posthorn']),
      rateTable('nanomsg, PUSH to PULL, thousand messages a second', sp, ['nng', 'Posthorn SP']),
      rateTable('In one process, 100 B, thousand messages a second (libzmq: two threads)', memory, [
        'zeromq.js',
        'libzmq',
        'Posthorn',
      ]),
      rateTable('CURVE, PUSH to PULL, thousand messages a second', curve, [
        'zeromq.js',
        'libzmq',
        'Posthorn',
      ]),
      tripTable(trips),
    ],
    targets: targetsOf(zmq, sp, memory, trips),
  }
}

async function overSizes(
  folder: string,
  runs: number,
  share: number,
  names: readonly Contender[],
): Promise<Figures[]> {
  const found: Figures[] = []
  for (const [at, size] of sizes.entries()) {
    const turn = (name: Contender) => () =>
      throughput(name, folder, { size, count: Math.round((counts[name][at] ?? 0) * share) })
    const values = await inTurns(runs, turnsOf(names, turn), { label: `${names.at(-1)}, ${sizeText(size)}` })
    found.push({ label: sizeText(size), values })
  }
  return found
}

async function withCurve(folder: string, runs: number, share: number): Promise<Figures[]> {
  const curve = curveKeyPair()
  const found: Figures[] = []
  for (const [at, size] of sizes.entries()) {
    if (size === 16) continue
    const load: Load = { size, count: Math.round((CURVE_COUNTS[at] ?? 0) * share), curve }
    const turn = (name: Contender) => () => throughput(name, folder, load)
    const names = ['zeromq.js', 'libzmq', 'Posthorn'] as const
    found.push({
      label: sizeText(size),
      values: await inTurns(runs, turnsOf(names, turn), { label: `CURVE, ${sizeText(size)}` }),
    })
  }
  return found
}

async function inMemory(folder: string, runs: number, share: number): Promise<Figures[]> {
  const names = ['zeromq.js', 'libzmq', 'Posthorn'] as const
  const turn = (name: Contender) => () =>
    inproc(name, folder, { size: REQUEST_BYTES, count: Math.round((INPROC_COUNTS[name] ?? 0) * share) })
  return [{ label: 'inproc', values: await inTurns(runs, turnsOf(names, turn), { label: 'inproc' }) }]
}

type Trips = Readonly<Record<Contender, readonly RoundTrip[]>>

async function roundTrips(folder: string, runs: number, share: number): Promise<Trips> {
  const found: Record<Contender, RoundTrip[]> = {
    'zeromq.js': [],
    libzmq: [],
    Posthorn: [],
    nng: [],
    'Posthorn SP': [],
  }
  const names = Object.keys(found) as Contender[]
  const turn = (name: Contender) => async () => {
    const trip = await roundTrip(name, folder, {
      size: REQUEST_BYTES,
      count: Math.round(ROUND_TRIPS * share),
    })
    found[name].push(trip)
    return trip.p50
  }
  await inTurns(runs, turnsOf(names, turn), { label: 'round trips' })
  for (const name of names) found[name] = found[name].slice(-runs)
  return found
}

function turnsOf(
  names: readonly Contender[],
  turn: (name: Contender) => () => Promise<number>,
): Record<Contender, () => Promise<number>> {
  return Object.fromEntries(names.map(name => [name, turn(name)])) as Record<Contender, () => Promise<number>>
}

function rateTable(title: string, figures: readonly Figures[], names: readonly Contender[]): Table {
  const ours = names.at(-1) as Contender
  const others = names.slice(0, -1)
  return {
    title,
    columns: ['', ...names, ...others.map(name => `${ours} / ${name}`), 'spread'],
    rows: figures.map(({ label, values }) => [
      label,
      ...names.map(name => (median(values[name] ?? []) / 1000).toFixed(1)),
      ...others.map(name => medianRatio(values[ours] ?? [], values[name] ?? []).toFixed(2)),
      `${(Math.max(...names.map(name => spread(values[name] ?? []))) * 100).toFixed(0)} %`,
    ]),
  }
}

function tripTable(trips: Trips): Table {
  const us = (name: Contender, which: keyof RoundTrip): string =>
    median(trips[name].map(trip => trip[which])).toFixed(0)
  return {
    title: 'Round trip of REQ and REP, 100 B, in µs',
    columns: ['', 'p50', 'p99', 'p50 / zeromq.js'],
    rows: (Object.keys(trips) as Contender[]).map(name => [
      name,
      us(name, 'p50'),
      us(name, 'p99'),
      ratioOfTrips(trips, name, 'zeromq.js').toFixed(2),
    ]),
  }
}

function ratioOfTrips(trips: Trips, a: Contender, b: Contender): number {
  return medianRatio(
    trips[a].map(({ p50 }) => p50),
    trips[b].map(({ p50 }) => p50),
  )
}

const aims: Readonly<Record<string, number>> = { '16 B': 6, '100 B': 6, '1 KB': 2.5, '64 KB': 1 }

function targetsOf(
  zmq: readonly Figures[],
  sp: readonly Figures[],
  memory: readonly Figures[],
  trips: Trips,
): Target[] {
  const reach = (name: string, value: number, bound: number): Target => ({
    ...{ name, value, bound, unit: '' },
    must: 'reach',
  })
  const ratio = ({ values }: Figures, a: Contender, b: Contender): number =>
    medianRatio(values[a] ?? [], values[b] ?? [])
  const at100 = (figures: readonly Figures[]): Figures[] => figures.filter(({ label }) => label === '100 B')
  return [
    ...zmq.map(one =>
      reach(
        `PUSH/PULL ${one.label}, Posthorn / zeromq.js`,
        ratio(one, 'Posthorn', 'zeromq.js'),
        aims[one.label] ?? 1,
      ),
    ),
    ...at100(zmq).map(one =>
      reach('PUSH/PULL 100 B, Posthorn / libzmq', ratio(one, 'Posthorn', 'libzmq'), 0.5),
    ),
    ...memory.map(one => reach('inproc, Posthorn / zeromq.js', ratio(one, 'Posthorn', 'zeromq.js'), 6)),
    ...at100(sp).map(one => reach('SP 100 B, Posthorn / nng', ratio(one, 'Posthorn SP', 'nng'), 10)),
    {
      name: 'REQ/REP p50, Posthorn / zeromq.js',
      value: ratioOfTrips(trips, 'Posthorn', 'zeromq.js'),
      bound: 0.5,
      must: 'stay within',
      unit: '',
    },
  ]
}

function sizeText(size: number): string {
  return size < 1024 ? `${size} B` : `${size / 1024} KB`
}
