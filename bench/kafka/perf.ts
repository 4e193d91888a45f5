// Kafka's own load tools, and what they print.

import { runJava } from './jars.ts'

const CLIENT_HEAP = ['-Xms256M', '-Xmx512M']

export interface Load {
  readonly port: number
  readonly topic: string
  readonly records: number
  readonly recordBytes: number
  readonly acks: '1' | 'all'
  /** Records a second; as fast as possible when there is none. */
  readonly rate?: number
}

export interface Produced {
  readonly recordsPerSecond: number
  /** Latency from send to acknowledgement, in ms: half, and 99 % of the records. */
  readonly p50: number
  readonly p99: number
}

/** `90000 records sent, 1000.0 records/sec (0.1 MB/sec), 1.2 ms avg latency, ..., 1 ms 50th, 2 ms 95th, 3 ms 99th, ...` */
export async function produce({
  port,
  topic,
  records,
  recordBytes,
  acks,
  rate = -1,
}: Load): Promise<Produced> {
  const said = await runJava(
    'org.apache.kafka.tools.ProducerPerformance',
    [
      ...['--topic', topic, '--num-records', String(records), '--record-size', String(recordBytes)],
      ...[
        '--throughput',
        String(rate),
        '--producer-props',
        `bootstrap.servers=127.0.0.1:${port}`,
        `acks=${acks}`,
      ],
    ],
    CLIENT_HEAP,
  )
  const last = said.trim().split('\n').at(-1) ?? ''
  const number = (pattern: RegExp): number => Number(pattern.exec(last)?.[1] ?? Number.NaN)
  const sent = number(/^(\d+) records sent/)
  if (sent !== records) throw new Error(`ProducerPerformance sent ${sent} of ${records} records: ${last}`)
  return {
    recordsPerSecond: number(/, ([\d.]+) records\/sec/),
    p50: number(/, (\d+) ms 50th/),
    p99: number(/, (\d+) ms 99th/),
  }
}

/** Records a second, from the first fetch on: joining the group is not counted. */
export async function consume({ port, topic, records }: Load): Promise<number> {
  const said = await runJava(
    'org.apache.kafka.tools.ConsumerPerformance',
    [
      ...['--bootstrap-server', `127.0.0.1:${port}`, '--topic', topic, '--messages', String(records)],
      ...['--timeout', '30000', '--hide-header'],
    ],
    CLIENT_HEAP,
  )
  // start, end, MB, MB/s, records, records/s, rebalance ms, fetch ms, fetch MB/s, fetch records/s
  const row = said.split('\n').find(line => line.split(',').length === 10) ?? ''
  const cells = row.split(',').map(cell => cell.trim())
  if (Number(cells[4]) < records)
    throw new Error(`ConsumerPerformance read ${cells[4] ?? 'nothing'} of ${records} records`)
  return Number(cells[9])
}
