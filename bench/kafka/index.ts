// Posthorn against Apache Kafka with Kafka's own load tools, all brokers alive at the same time and measured in turns.
// Three lines, because durability is not the same by default: Kafka acknowledges what the operating system has (no
// flush), Posthorn what is on the disk; with flush=interval it acknowledges as Kafka does, and is like for like.

import { join } from 'node:path'
import type { Benchmark, BenchOptions, Outcome, Table, Target } from '../outcome.ts'
import { scratch } from '../places.ts'
import { type RunningBroker, servePosthorn } from '../posthorn.ts'
import { Probe } from '../probe.ts'
import { residentMb } from '../programs.ts'
import { note } from '../progress.ts'
import { geometricMean, median, medianRatio, spread } from '../statistics.ts'
import { inTurns } from '../turns.ts'
import { serveKafka } from './broker.ts'
import { fetchJars, KAFKA_VERSION } from './jars.ts'
import { type Latencies, latencies } from './latency.ts'
import { consume, type Load, produce } from './perf.ts'

const lines = ['kafka', 'always', 'interval'] as const
type Line = (typeof lines)[number]
type PerLine<T> = Record<Line, T>

const throughputs = ['produced', 'consumed'] as const
type Throughput = (typeof throughputs)[number]

const titles: PerLine<string> = {
  kafka: `Kafka ${KAFKA_VERSION} (no flush)`,
  always: 'Posthorn, flush=always',
  interval: 'Posthorn, flush=interval',
}

interface Case {
  readonly recordBytes: number
  readonly acks: '1' | 'all'
  readonly partitions: number
}

const fullCases: readonly Case[] = [100, 1024].flatMap(recordBytes =>
  (['1', 'all'] as const).flatMap(acks => [1, 12].map(partitions => ({ recordBytes, acks, partitions }))),
)
const quickCases: readonly Case[] = [
  { recordBytes: 100, acks: '1', partitions: 1 },
  { recordBytes: 1024, acks: 'all', partitions: 12 },
]

/**
 * Bytes of records that one run writes and reads: so many that what the client does in its first seconds, before its
 * code is compiled, is not most of what is measured.
 */
const LOAD_BYTES = 500e6
const QUICK_LOAD_BYTES = 50e6
/** Times that each load is read: reading takes the least time, and varies the most. */
const READINGS = 2
/** A broker that has nothing to do gives memory back within some seconds (idle-collection.ts). */
const SETTLE_MS = 20_000
/** A fresh JVM answers in a second what it later answers in a millisecond: not counted. */
const WARM_UP_RECORDS = 5000

export const kafka: Benchmark = {
  name: 'kafka',
  async run(options) {
    await fetchJars()
    const folder = scratch('kafka')
    const brokers: RunningBroker[] = []
    try {
      const started = await start(folder.path, brokers)
      return await compare(started, options)
    } finally {
      for (const broker of brokers) await broker.close()
      folder.release()
    }
  },
}

async function start(folder: string, brokers: RunningBroker[]): Promise<PerLine<RunningBroker>> {
  const opened = async (line: Line): Promise<RunningBroker> => {
    note(`starting ${titles[line]}`)
    const directory = join(folder, line)
    const broker =
      line === 'kafka' ? await serveKafka(directory) : await servePosthorn({ directory, flush: line })
    brokers.push(broker)
    return broker
  }
  return { kafka: await opened('kafka'), always: await opened('always'), interval: await opened('interval') }
}

async function compare(brokers: PerLine<RunningBroker>, options: BenchOptions): Promise<Outcome> {
  const { quick, runs = quick ? 1 : 3 } = options
  await new Promise(resolve => setTimeout(resolve, SETTLE_MS))
  const idle = perLine(line => residentMb(brokers[line].child.pid))
  const slow = await lowLoad(brokers, runs, quick)
  const loads: Loaded[] = []
  for (const one of quick ? quickCases : fullCases) loads.push(await fullLoad(brokers, one, runs, quick))
  await new Promise(resolve => setTimeout(resolve, SETTLE_MS))
  const loaded = perLine(line => residentMb(brokers[line].child.pid))
  const ready = perLine(line => brokers[line].readyMs)
  return {
    title: `Against Apache Kafka ${KAFKA_VERSION}`,
    method: [
      `Kafka: one KRaft node, -Xms1G -Xmx1G, default settings. Posthorn: \`posthorn serve\`, default settings but for flush.`,
      `Clients: ProducerPerformance and ConsumerPerformance of Kafka ${KAFKA_VERSION}, default settings but for acks; the client shares the processors with the broker.`,
      `${(quick ? QUICK_LOAD_BYTES : LOAD_BYTES) / 1e6} MB of records a run, a new topic for each, read ${READINGS} times, ${runs} run${runs === 1 ? '' : 's'} in turns, every other one backwards${quick ? '' : ', after one that is not counted'}; 5 s of low load before everything. Resident memory is that of brokers that have had nothing to do for ${SETTLE_MS / 1000} s.`,
    ],
    tables: [
      throughputTable('produced', loads),
      throughputTable('consumed', loads),
      latencyTable(slow),
      costTable(ready, idle, loaded),
    ],
    targets: targetsOf(loads, slow, ready, loaded),
  }
}

interface Loaded extends Case {
  readonly produced: PerLine<number[]>
  readonly consumed: PerLine<number[]>
}

let topics = 0

async function fullLoad(
  brokers: PerLine<RunningBroker>,
  one: Case,
  runs: number,
  quick: boolean,
): Promise<Loaded> {
  const records = Math.round((quick ? QUICK_LOAD_BYTES : LOAD_BYTES) / one.recordBytes)
  const consumed: PerLine<number[]> = { kafka: [], always: [], interval: [] }
  const turn = (line: Line) => async () => {
    const { port } = brokers[line]
    const topic = `load-${topics++}`
    const admin = await Probe.open(port, topic)
    await admin.create(one.partitions)
    const load: Load = { port, topic, records, ...one }
    const { recordsPerSecond } = await produce(load)
    for (let n = 0; n < READINGS; n++) consumed[line].push(await consume(load))
    await admin.remove()
    admin.close()
    return recordsPerSecond
  }
  const turns = { kafka: turn('kafka'), always: turn('always'), interval: turn('interval') }
  const produced = await inTurns(runs, turns, {
    label: caseText(one),
    warmUps: quick ? 0 : 1,
    alternates: true,
  })
  return { ...one, produced, consumed: perLine(line => consumed[line].slice(-runs * READINGS)) }
}

interface Slow {
  readonly own: PerLine<Latencies[]>
  readonly tool: PerLine<{ readonly p50: number; readonly p99: number }[]>
}

async function lowLoad(brokers: PerLine<RunningBroker>, runs: number, quick: boolean): Promise<Slow> {
  const records = quick ? 4000 : 20_000
  const own: PerLine<Latencies[]> = { kafka: [], always: [], interval: [] }
  const tool: PerLine<{ p50: number; p99: number }[]> = { kafka: [], always: [], interval: [] }
  const turn = (line: Line) => async () => {
    const { port } = brokers[line]
    own[line].push(await latencies(port, `slow-${topics++}`, records))
    tool[line].push(
      await produce({ port, topic: `slow-${topics - 1}`, records, recordBytes: 100, acks: '1', rate: 1000 }),
    )
    return 0
  }
  const turns = { kafka: turn('kafka'), always: turn('always'), interval: turn('interval') }
  note('low load: warm-up')
  for (const line of lines) await latencies(brokers[line].port, `warm-${line}`, WARM_UP_RECORDS)
  await inTurns(runs, turns, { label: 'low load', warmUps: 0, alternates: true })
  return { own: perLine(line => own[line].slice(-runs)), tool: perLine(line => tool[line].slice(-runs)) }
}

function throughputTable(what: Throughput, loads: readonly Loaded[]): Table {
  const toKafka = (line: Line): number[] => loads.map(load => medianRatio(load[what][line], load[what].kafka))
  return {
    title: `Thousand records a second ${what}`,
    columns: ['records', ...lines.map(line => titles[line]), 'interval / Kafka', 'always / Kafka', 'spread'],
    rows: [
      ...loads.map(load => [
        caseText(load),
        ...lines.map(line => (median(load[what][line]) / 1000).toFixed(1)),
        medianRatio(load[what].interval, load[what].kafka).toFixed(2),
        medianRatio(load[what].always, load[what].kafka).toFixed(2),
        `${(Math.max(...lines.map(line => spread(load[what][line]))) * 100).toFixed(0)} %`,
      ]),
      [
        'geometric mean',
        ...lines.map(() => ''),
        geometricMean(toKafka('interval')).toFixed(2),
        geometricMean(toKafka('always')).toFixed(2),
        '',
      ],
    ],
  }
}

function latencyTable({ own, tool }: Slow): Table {
  const ms = (values: readonly number[]): string => median(values).toFixed(2)
  return {
    title: 'Latency at 1,000 records of 100 bytes a second, acks=1, in ms',
    columns: [
      '',
      'received p50',
      'received p99',
      'acknowledged p50',
      'acknowledged p99',
      'tool p50',
      'tool p99',
    ],
    rows: lines.map(line => [
      titles[line],
      ms(own[line].map(one => one.received.p50)),
      ms(own[line].map(one => one.received.p99)),
      ms(own[line].map(one => one.acknowledged.p50)),
      ms(own[line].map(one => one.acknowledged.p99)),
      ms(tool[line].map(one => one.p50)),
      ms(tool[line].map(one => one.p99)),
    ]),
    note: 'Received: until a second client has the record, both clients being the same small program. Tool: what ProducerPerformance says of its acknowledgements, in whole milliseconds.',
  }
}

function costTable(ready: PerLine<number>, idle: PerLine<number>, loaded: PerLine<number>): Table {
  return {
    title: 'What it takes to run',
    columns: ['', 'time to ready, s', 'resident idle, MB', 'resident after the loads, MB'],
    rows: lines.map(line => [
      titles[line],
      (ready[line] / 1000).toFixed(2),
      idle[line].toFixed(0),
      loaded[line].toFixed(0),
    ]),
  }
}

function targetsOf(
  loads: readonly Loaded[],
  { own }: Slow,
  ready: PerLine<number>,
  loaded: PerLine<number>,
): Target[] {
  const par = (name: string, value: number): Target => ({ name, value, bound: 1, must: 'reach', unit: '' })
  const likeForLike = (what: Throughput, load: Loaded): number =>
    medianRatio(load[what].interval, load[what].kafka)
  const means = throughputs.map(what =>
    par(
      `${what}, flush=interval / Kafka, geometric mean`,
      geometricMean(loads.map(load => likeForLike(what, load))),
    ),
  )
  const throughput = loads.flatMap(load =>
    throughputs.map(what =>
      par(`${what}, flush=interval / Kafka, ${caseText(load)}`, likeForLike(what, load)),
    ),
  )
  const received = perLine(line => own[line].map(one => one.received.p50))
  const atMost = (name: string, value: number, bound: number): Target => ({
    name,
    value,
    bound,
    must: 'stay within',
    unit: '',
  })
  return [
    ...means,
    ...throughput,
    atMost(
      'latency p50 to the receiver, flush=interval / Kafka',
      medianRatio(received.interval, received.kafka),
      0.5,
    ),
    // Kafka flushes nothing here, and Posthorn everything: the harder of the two.
    atMost(
      'latency p50 to the receiver, flush=always / Kafka',
      medianRatio(received.always, received.kafka),
      0.5,
    ),
    atMost('resident memory after the loads, flush=always / Kafka', loaded.always / loaded.kafka, 0.125),
    atMost('time to ready, flush=always / Kafka', ready.always / ready.kafka, 0.1),
  ]
}

function caseText({ recordBytes, acks, partitions }: Case): string {
  return `${recordBytes} B, acks=${acks}, ${partitions} partition${partitions === 1 ? '' : 's'}`
}

function perLine<T>(of: (line: Line) => T): PerLine<T> {
  return { kafka: of('kafka'), always: of('always'), interval: of('interval') }
}
