// Posthorn against RabbitMQ with one client program, both brokers alive at the same time and measured in turns. RabbitMQ
// 3.10 confirms a persistent message when it is on the disk (fsync, batched) or has been acknowledged before; Posthorn
// confirms when it is on the disk. The client shares the processors with the broker, and says what it took.

import { join } from 'node:path'
import type { Benchmark, BenchOptions, Outcome, Table, Target } from '../outcome.ts'
import { scratch } from '../places.ts'
import { type RunningBroker, servePosthorn } from '../posthorn.ts'
import { note } from '../progress.ts'
import { median, medianRatio, spread } from '../statistics.ts'
import { cpuMicroseconds } from '../tree.ts'
import { inTurns } from '../turns.ts'
import { benchAmqp, type Run } from './client.ts'
import { CONNECTIONS, type Memory, memoryOf } from './memory.ts'
import { missingRabbitmq, rabbitmqVersion, serveRabbitmq } from './rabbitmq.ts'

const lines = ['rabbitmq', 'posthorn'] as const
type Line = (typeof lines)[number]
type PerLine<T> = Record<Line, T>

const WINDOW = 192
const PREFETCH = 200
const MULTI_ACK = 100
const RATE = 1000

interface Case {
  readonly mode: 'persistent, confirmed' | 'transient, unconfirmed'
  readonly size: number
  /** As many producers and consumers. */
  readonly queues: number
}

const modes = ['persistent, confirmed', 'transient, unconfirmed'] as const
const fullCases: readonly Case[] = modes.flatMap(mode =>
  [16, 1024].flatMap(size => [1, 4].map(queues => ({ mode, size, queues }))),
)
const quickCases: readonly Case[] = [
  { mode: 'persistent, confirmed', size: 16, queues: 1 },
  { mode: 'transient, unconfirmed', size: 1024, queues: 4 },
]

/** What one run of a case gives. */
interface Figures {
  readonly publishRate: number
  readonly consumeRate: number
  /** Of the broker and all its processes, µs for each message that was published and consumed. */
  readonly cpuPerMessage: number
  readonly clientCpu: number
}

interface Measured extends Case {
  readonly figures: PerLine<Figures[]>
}

export const amqp: Benchmark = {
  name: 'amqp',
  missing: missingRabbitmq,
  async run(options) {
    const folder = scratch('amqp')
    const brokers: RunningBroker[] = []
    try {
      note('starting RabbitMQ and Posthorn')
      const rabbitmq = await serveRabbitmq(join(folder.path, 'rabbitmq'))
      brokers.push(rabbitmq)
      const posthorn = await servePosthorn({ directory: join(folder.path, 'posthorn'), amqp: true })
      brokers.push(posthorn)
      return await compare({ rabbitmq, posthorn }, options)
    } finally {
      for (const broker of brokers) await broker.close()
      folder.release()
    }
  },
}

async function compare(brokers: PerLine<RunningBroker>, options: BenchOptions): Promise<Outcome> {
  const { quick, runs = quick ? 1 : 5 } = options
  const version = await rabbitmqVersion()
  const titles: PerLine<string> = { rabbitmq: `RabbitMQ ${version}`, posthorn: 'Posthorn' }
  const waiting = quick ? 100_000 : 1_000_000
  const seconds = quick ? 4 : 10
  const memory = {
    rabbitmq: await memoryOf(titles.rabbitmq, brokers.rabbitmq, waiting),
    posthorn: await memoryOf(titles.posthorn, brokers.posthorn, waiting),
  }
  const slow = await lowLoad(brokers, runs, seconds)
  const cases: Measured[] = []
  for (const one of quick ? quickCases : fullCases) cases.push(await fullLoad(brokers, one, runs, seconds))
  return {
    title: `Against RabbitMQ ${version}`,
    method: [
      `RabbitMQ: Debian's package, one node, classic queues, default settings, no plugins. Posthorn: \`posthorn serve\`, default settings, flush=always.`,
      'Both confirm a persistent message when it is on the disk; RabbitMQ also when a consumer has acknowledged it before.',
      `Client for both: \`posthorn bench amqp\`, as many producers and consumers as queues, confirm window ${WINDOW}, prefetch ${PREFETCH}, multi-ack ${MULTI_ACK}; unconfirmed is also without acknowledgements. It shares the processors with the broker.`,
      `${seconds} s a run, ${runs} run${runs === 1 ? '' : 's'} in turns after one that is not counted. Processor time is that of the broker and all its processes, from /proc.`,
    ],
    tables: [
      rateTable(titles, cases),
      cpuTable(titles, cases),
      latencyTable(titles, slow),
      memoryTable(titles, memory, waiting),
    ],
    targets: targetsOf(cases, memory, waiting),
  }
}

async function fullLoad(
  brokers: PerLine<RunningBroker>,
  one: Case,
  runs: number,
  seconds: number,
): Promise<Measured> {
  const figures: PerLine<Figures[]> = { rabbitmq: [], posthorn: [] }
  const turn = (line: Line) => async () => {
    const { port, child } = brokers[line]
    const before = cpuMicroseconds(child.pid ?? 0)
    const run = await benchAmqp(port, argsOf(one, seconds))
    const cpu = cpuMicroseconds(child.pid ?? 0) - before
    figures[line].push(figuresOf(run, cpu))
    return run.consume?.messagesPerSecond ?? 0
  }
  await inTurns(runs, { rabbitmq: turn('rabbitmq'), posthorn: turn('posthorn') }, { label: caseText(one) })
  const counted = (line: Line): Figures[] => figures[line].slice(-runs)
  return { ...one, figures: { rabbitmq: counted('rabbitmq'), posthorn: counted('posthorn') } }
}

function argsOf({ mode, size, queues }: Case, seconds: number): string[] {
  const many = ['--queues', '--producers', '--consumers'].flatMap(flag => [flag, String(queues)])
  const how =
    mode === 'persistent, confirmed'
      ? ['--confirm', String(WINDOW), '--prefetch', String(PREFETCH), '--multi-ack', String(MULTI_ACK)]
      : ['--transient', '--confirm', '0', '--no-ack']
  return [...many, ...how, '--size', String(size), '--duration', `${seconds}s`]
}

function figuresOf({ publish, consume }: Run, cpu: number): Figures {
  const messages = ((publish?.messages ?? 0) + (consume?.messages ?? 0)) / 2
  return {
    publishRate: publish?.messagesPerSecond ?? 0,
    consumeRate: consume?.messagesPerSecond ?? 0,
    cpuPerMessage: cpu / messages,
    clientCpu: consume?.cpu ?? 0,
  }
}

async function lowLoad(
  brokers: PerLine<RunningBroker>,
  runs: number,
  seconds: number,
): Promise<PerLine<Run[]>> {
  const found: PerLine<Run[]> = { rabbitmq: [], posthorn: [] }
  const turn = (line: Line) => async () => {
    const flags = ['--rate', String(RATE), '--duration', `${seconds}s`, '--warmup', '2s']
    found[line].push(await benchAmqp(brokers[line].port, flags))
    return 0
  }
  await inTurns(runs, { rabbitmq: turn('rabbitmq'), posthorn: turn('posthorn') }, { label: 'low load' })
  return { rabbitmq: found.rabbitmq.slice(-runs), posthorn: found.posthorn.slice(-runs) }
}

function rateTable(titles: PerLine<string>, cases: readonly Measured[]): Table {
  const rate = (one: Measured, line: Line, what: 'publishRate' | 'consumeRate'): string =>
    (median(one.figures[line].map(run => run[what])) / 1000).toFixed(1)
  return {
    title: 'Thousand messages a second, published / consumed',
    columns: ['messages', ...lines.map(line => titles[line]), 'Posthorn / RabbitMQ', 'spread'],
    rows: cases.map(one => [
      caseText(one),
      ...lines.map(line => `${rate(one, line, 'publishRate')} / ${rate(one, line, 'consumeRate')}`),
      medianRatio(rates(one, 'posthorn'), rates(one, 'rabbitmq')).toFixed(2),
      `${(Math.max(...lines.map(line => spread(rates(one, line)))) * 100).toFixed(0)} %`,
    ]),
    note: 'The ratio is that of the messages consumed.',
  }
}

function rates(one: Measured, line: Line): number[] {
  return one.figures[line].map(run => run.consumeRate)
}

function costs(one: Measured, line: Line): number[] {
  return one.figures[line].map(run => run.cpuPerMessage)
}

function cpuTable(titles: PerLine<string>, cases: readonly Measured[]): Table {
  return {
    title: 'Processor time of the broker, µs a message',
    columns: ['messages', ...lines.map(line => titles[line]), 'Posthorn / RabbitMQ', 'client, processors'],
    rows: cases.map(one => [
      caseText(one),
      ...lines.map(line => median(costs(one, line)).toFixed(1)),
      medianRatio(costs(one, 'posthorn'), costs(one, 'rabbitmq')).toFixed(2),
      lines.map(line => median(one.figures[line].map(run => run.clientCpu)).toFixed(2)).join(' / '),
    ]),
  }
}

function latencyTable(titles: PerLine<string>, slow: PerLine<Run[]>): Table {
  const ms = (line: Line, phase: 'publish' | 'consume', share: 'p50' | 'p99'): string =>
    median(slow[line].map(run => run[phase]?.[share] ?? Number.NaN)).toFixed(2)
  return {
    title: `Latency at ${RATE} messages of 16 bytes a second, persistent, in ms`,
    columns: ['', 'received p50', 'received p99', 'confirmed p50', 'confirmed p99'],
    rows: lines.map(line => [
      titles[line],
      ms(line, 'consume', 'p50'),
      ms(line, 'consume', 'p99'),
      ms(line, 'publish', 'p50'),
      ms(line, 'publish', 'p99'),
    ]),
  }
}

function memoryTable(titles: PerLine<string>, memory: PerLine<Memory>, waiting: number): Table {
  return {
    title: 'Resident memory, MB',
    columns: [
      '',
      'idle',
      `${CONNECTIONS} connections with a channel`,
      `${waiting} messages of 16 bytes waiting`,
    ],
    rows: lines.map(line => {
      const { idle, connected, waiting: filled } = memory[line]
      return [titles[line], ...[idle, connected, filled].map(one => one.toFixed(0))]
    }),
    note: 'In this order, on brokers that were just started; what a broker kept of one shows in the next.',
  }
}

function targetsOf(cases: readonly Measured[], memory: PerLine<Memory>, waiting: number): Target[] {
  const atMostHalf = (name: string, value: number): Target => ({
    name: `${name}, Posthorn / RabbitMQ`,
    value,
    bound: 0.5,
    must: 'stay within',
    unit: '',
  })
  const confirmed = cases.filter(({ mode }) => mode === 'persistent, confirmed')
  return [
    ...confirmed.map(
      (one): Target => ({
        name: `rate, Posthorn / RabbitMQ, ${caseText(one)}`,
        value: medianRatio(rates(one, 'posthorn'), rates(one, 'rabbitmq')),
        bound: 2,
        must: 'reach',
        unit: '',
      }),
    ),
    ...cases.map(one =>
      atMostHalf(
        `processor time, ${caseText(one)}`,
        medianRatio(costs(one, 'posthorn'), costs(one, 'rabbitmq')),
      ),
    ),
    atMostHalf(
      `resident memory, ${CONNECTIONS} connections`,
      memory.posthorn.connected / memory.rabbitmq.connected,
    ),
    atMostHalf(
      `resident memory, ${waiting} messages waiting`,
      memory.posthorn.waiting / memory.rabbitmq.waiting,
    ),
  ]
}

function caseText({ mode, size, queues }: Case): string {
  return `${mode}, ${size} B, ${queues} queue${queues === 1 ? '' : 's'}`
}
