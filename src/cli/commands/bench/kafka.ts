// `posthorn bench kafka`: how fast a broker takes records and gives them back, and how long it takes to say so.

import { CreateTopics, DeleteTopics } from '../../../heads/kafka/wire/index.ts'
import { codecs } from '../../../log/index.ts'
import { defineCommand } from '../../command.ts'
import { partitionsOf, topicViews } from '../../kafka/admin.ts'
import type { Client } from '../../kafka/client.ts'
import { check } from '../../kafka/faults.ts'
import { limits } from '../../kafka/limits.ts'
import { offsetsAt, places } from '../../kafka/offsets.ts'
import { connectionOptions, withClient } from '../../kafka/options.ts'
import { Histogram } from './histogram.ts'
import { consumeLoad, produceLoad } from './load.ts'

const acks = { all: -1, '1': 1, '0': 0 } as const

export const benchKafka = defineCommand({
  path: ['bench', 'kafka'],
  summary: 'Measure how fast a Kafka broker takes records and gives them back',
  description:
    'Creates a topic, produces, reads everything back, and removes the topic. Latencies run from when a record was due to when the broker said that it is stored. As fast as possible they mostly measure the queue in front of the broker: for a latency that means something give a --rate. This process shares the machine with a broker beside it.',
  examples: [
    { text: 'As fast as possible', command: 'posthorn bench kafka --count 1000000' },
    {
      text: 'Latency at 10,000 records a second',
      command: 'posthorn bench kafka --rate 10000 --count 100000',
    },
    {
      text: 'Large records, compressed',
      command: 'posthorn bench kafka --size 10kB --count 50000 --codec lz4',
    },
  ],
  options: {
    ...connectionOptions,
    size: { type: 'bytes', short: 's', default: 100, summary: 'Bytes of a value' },
    count: { type: 'integer', short: 'n', default: 1_000_000, min: 1, summary: 'Records in all' },
    partitions: { type: 'integer', short: 'p', default: 6, min: 1, summary: 'Partitions of the topic' },
    replication: { type: 'integer', short: 'r', min: 1, summary: 'Brokers that hold each partition' },
    acks: {
      type: 'choice',
      choices: ['all', '1', '0'],
      default: 'all',
      summary: 'Replicas that must have a record',
    },
    codec: { type: 'choice', short: 'z', choices: codecs, default: 'none', summary: 'Compress batches' },
    linger: { type: 'duration', default: 0, summary: 'How long a batch waits for more records' },
    batch: { type: 'bytes', default: limits.batchBytesDefault, summary: 'Bytes of a batch at most' },
    rate: {
      type: 'number',
      min: 0.001,
      summary: 'Records per second in all, instead of as many as possible',
    },
    producers: {
      type: 'integer',
      default: 1,
      min: 1,
      max: 256,
      summary: 'Producers, each with its connections',
    },
    consumers: { type: 'integer', default: 1, min: 0, max: 256, summary: 'Consumers; 0 reads nothing back' },
    topic: { type: 'string', short: 't', summary: 'Use this topic, which must exist, and leave it' },
    keep: { type: 'boolean', summary: 'Do not remove the topic' },
  },
  columns: {
    phase: { type: 'string', summary: 'produce or consume' },
    records: { type: 'integer', summary: 'Records' },
    elapsed: { type: 'duration', summary: 'Time that it took' },
    recordsPerSecond: { type: 'number', summary: 'Records per second', header: 'RECORDS/S' },
    bytesPerSecond: { type: 'bytes', summary: 'Bytes of keys and values per second', header: 'BYTES/S' },
    p50: {
      type: 'number',
      summary: 'Latency that half of the records do not exceed, in ms',
      nullable: true,
      header: 'P50 MS',
    },
    p90: { type: 'number', summary: 'The same for 90 %, in ms', nullable: true },
    p99: { type: 'number', summary: 'The same for 99 %, in ms', nullable: true },
    p999: { type: 'number', summary: 'The same for 99.9 %, in ms', nullable: true, header: 'P99.9' },
    max: { type: 'number', summary: 'The longest, in ms', nullable: true },
  },
  writes: true,
  async run(context) {
    const { options, progress, world } = context
    const { producers, consumers, count, size, rate, codec, linger, batch } = options
    const latencies = new Histogram()
    const rows = await withClient(context, async client => {
      const topic = options.topic ?? (await createTopic(client, options.partitions, options.replication))
      try {
        const partitions = (await topicViews(client, [topic])).flatMap(partitionsOf)
        const from = await offsetsAt(client, topic, partitions, places.end)
        const produced = await timed(async () => {
          using work = progress.begin({ label: 'producing', total: count })
          await inParallel(context, producers, (one, at) =>
            produceLoad(one, {
              topic,
              count: share(count, producers, at),
              size,
              acks: acks[options.acks],
              codec,
              lingerMs: linger,
              batchBytes: batch,
              rate: rate === undefined ? undefined : rate / producers,
              latencies,
              onStored: stored => work.advance(stored),
            }),
          )
          return { records: count, bytes: count * size }
        })
        const found = [rowOf('produce', produced, latencies)]
        if (consumers === 0) return found
        const consumed = await timed(async () => {
          using work = progress.begin({ label: 'consuming', total: count })
          const total = { records: 0, bytes: 0 }
          await inParallel(context, Math.min(consumers, partitions.length), (one, at, all) =>
            consumeLoad(one, {
              topic,
              from,
              partitions: partitions.filter(partition => partition % all === at),
              onRead(records, bytes) {
                total.records += records
                total.bytes += bytes
                work.advance(records)
              },
            }),
          )
          return total
        })
        return [...found, rowOf('consume', consumed)]
      } finally {
        if (options.topic === undefined && !options.keep) await removeTopic(client, topic)
      }
    })
    await context.output.rows(rows)

    async function timed(work: () => Promise<Amount>): Promise<Amount & { readonly elapsed: number }> {
      const began = world.monotonic()
      return { ...(await work()), elapsed: world.monotonic() - began }
    }
  },
})

interface Amount {
  readonly records: number
  readonly bytes: number
}

function rowOf(
  phase: string,
  { records, bytes, elapsed }: Amount & { readonly elapsed: number },
  latencies?: Histogram,
) {
  const perSecond = 1000 / Math.max(elapsed, 0.001)
  const percentile = (share: number): number | null =>
    latencies === undefined ? null : rounded(latencies.percentileMs(share))
  return {
    phase,
    records,
    elapsed: rounded(elapsed),
    recordsPerSecond: Math.round(records * perSecond),
    bytesPerSecond: Math.round(bytes * perSecond),
    p50: percentile(0.5),
    p90: percentile(0.9),
    p99: percentile(0.99),
    p999: percentile(0.999),
    max: latencies === undefined ? null : rounded(latencies.maxMs),
  }
}

function rounded(ms: number): number {
  return Number(ms.toPrecision(3))
}

/** The part of `count` that falls to number `at` of `all`. */
function share(count: number, all: number, at: number): number {
  return Math.floor(count / all) + (at < count % all ? 1 : 0)
}

async function inParallel(
  context: Parameters<typeof withClient>[0],
  count: number,
  work: (client: Client, at: number, all: number) => Promise<void>,
): Promise<void> {
  const all = Array.from({ length: count }, (_, at) => withClient(context, client => work(client, at, count)))
  await Promise.all(all)
}

async function createTopic(client: Client, partitions: number, replication = -1): Promise<string> {
  const name = `posthorn-bench-${client.world.randomBytes(4).toString('hex')}`
  const topic = {
    name,
    numPartitions: partitions,
    replicationFactor: replication,
    assignments: [],
    configs: [],
  }
  const request = { topics: [topic], timeoutMs: client.timeoutMs }
  await client.askController(CreateTopics, request, ({ topics: [one] }) =>
    check(one?.errorCode ?? 0, `topic ${name}`, one?.errorMessage),
  )
  return name
}

/** Also after Ctrl-C, which must not leave topics behind. */
async function removeTopic(client: Client, name: string): Promise<void> {
  client.outliveSignal()
  const request = { topics: [{ name }], topicNames: [name], timeoutMs: client.timeoutMs }
  await client.askController(DeleteTopics, request, ({ responses: [one] }) =>
    check(one?.errorCode ?? 0, `topic ${name}`, one?.errorMessage),
  )
}
