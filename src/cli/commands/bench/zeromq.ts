// `posthorn bench zeromq`: how fast ZeroMQ sockets are here, and between here and libzmq's perf programs.

import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'
import { latency, throughput, type ZmqLoad, type ZmqMeasured } from './zeromq-run.ts'

export const benchZeromq = defineCommand({
  path: ['bench', 'zeromq'],
  summary: 'Measure throughput and latency of ZeroMQ sockets',
  description: `Throughput is PUSH to PULL, from the first message to the last; latency is the round trip of REQ and REP. Every send and receive is awaited.

Without --side both ends are in this process, on one event loop. To measure two processes, or against libzmq's perf programs, start the local side first: it binds, like local_thr and local_lat; the remote side connects, like remote_thr and remote_lat. Size and count must be the same on both, and one of --throughput and --latency must be given. The throughput is what the local side says, the latency what the remote side says.`,
  examples: [
    { text: 'Both, over TCP in this process', command: 'posthorn bench zeromq' },
    {
      text: 'Within the process, 1 KB',
      command: 'posthorn bench zeromq inproc://bench --size 1KiB',
    },
    {
      text: 'Receive from remote_thr of libzmq',
      command: 'posthorn bench zeromq tcp://127.0.0.1:5555 --side local --throughput -s 100 -n 1000000',
    },
    {
      text: 'Ask the local_lat of another machine',
      command: 'posthorn bench zeromq tcp://host:5556 --side remote --latency -s 100 --round-trips 10000',
    },
  ],
  arguments: [{ name: 'endpoint', summary: 'Where the ends meet; default: a free TCP port of this machine' }],
  options: {
    throughput: { type: 'boolean', summary: 'Only throughput' },
    latency: { type: 'boolean', summary: 'Only latency' },
    side: {
      type: 'choice',
      choices: ['local', 'remote', 'both'],
      default: 'both',
      valueName: 'side',
      summary: 'Which end is here: local binds, remote connects',
    },
    size: { type: 'bytes', short: 's', default: 100, summary: 'Bytes of a message' },
    count: { type: 'integer', short: 'n', default: 1_000_000, min: 2, summary: 'Messages for throughput' },
    roundTrips: { type: 'integer', short: 'r', default: 20_000, min: 1, summary: 'Round trips for latency' },
    curve: { type: 'boolean', summary: 'With CURVE; both ends here' },
  },
  columns: {
    test: { type: 'string', summary: 'throughput or latency' },
    messages: { type: 'integer', summary: 'Messages, or round trips' },
    size: { type: 'bytes', summary: 'Bytes of a message' },
    elapsed: { type: 'duration', summary: 'Time that it took' },
    messagesPerSecond: { type: 'number', summary: 'Messages per second', header: 'MESSAGES/S' },
    bytesPerSecond: { type: 'bytes', summary: 'Bytes of messages per second', header: 'BYTES/S' },
    p50: {
      type: 'number',
      summary: 'Round trip that half do not exceed, in µs',
      nullable: true,
      header: 'P50 µS',
    },
    p90: { type: 'number', summary: 'The same for 90 %, in µs', nullable: true },
    p99: { type: 'number', summary: 'The same for 99 %, in µs', nullable: true },
    max: { type: 'number', summary: 'The longest, in µs', nullable: true },
    cpu: { type: 'number', summary: 'Processors that this program took meanwhile' },
  },
  async run({ arguments: given, options, world, progress, signal, output }) {
    const { side, size, count, roundTrips } = options
    if (options.throughput && options.latency)
      throw new CommandError('usage', 'one of --throughput and --latency says: only this')
    if (side !== 'both' && options.throughput === options.latency)
      throw new CommandError('usage', '--side goes with --throughput or --latency')
    if (side !== 'both' && given.endpoint === undefined)
      throw new CommandError(
        'usage',
        '--side needs an endpoint',
        'posthorn bench zeromq tcp://127.0.0.1:5555 ...',
      )
    if (side !== 'both' && options.curve) throw new CommandError('usage', '--curve needs both ends here')
    const load = {
      endpoint: given.endpoint ?? 'tcp://127.0.0.1:*',
      side,
      size,
      isCurve: options.curve,
      world,
      signal,
    }
    const rows: ReturnType<typeof rowOf>[] = []
    const run = async (test: string, messages: number, measure: (load: ZmqLoad) => Promise<ZmqMeasured>) => {
      using work = progress.begin({ label: test, total: messages })
      const began = process.cpuUsage()
      const onProgress = (done: number): void => work.advance(done)
      const measured = await measure({ ...load, count: messages, onProgress })
      const { user, system } = process.cpuUsage(began)
      rows.push(rowOf(test, messages, size, measured, (user + system) / 1000))
    }
    try {
      if (!options.latency) await run('throughput', count, throughput)
      if (!options.throughput) await run('latency', roundTrips, latency)
    } catch (error) {
      if (!signal.aborted) throw error
    }
    signal.throwIfAborted()
    await output.rows(rows)
  },
})

function rowOf(
  test: string,
  messages: number,
  size: number,
  { elapsedMs, roundTrips }: ZmqMeasured,
  cpuMs: number,
) {
  const perSecond = 1000 / Math.max(elapsedMs, 0.001)
  const microseconds = (ms: number): number | null => (roundTrips.total === 0 ? null : rounded(ms * 1000))
  return {
    ...{ test, messages, size },
    elapsed: rounded(elapsedMs),
    messagesPerSecond: Math.round(messages * perSecond),
    bytesPerSecond: Math.round(messages * size * perSecond),
    p50: microseconds(roundTrips.percentileMs(0.5)),
    p90: microseconds(roundTrips.percentileMs(0.9)),
    p99: microseconds(roundTrips.percentileMs(0.99)),
    max: microseconds(roundTrips.maxMs),
    cpu: rounded(cpuMs / Math.max(elapsedMs, 0.001)),
  }
}

function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
