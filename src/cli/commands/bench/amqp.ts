// `posthorn bench amqp`: how fast an AMQP 0-9-1 broker takes messages and gives them out, and how long they are under way.

import * as wire from '../../../heads/amqp091/wire/index.ts'
import { parseFields } from '../../amqp/fields.ts'
import { amqpOptions, connectAmqp, withAmqp } from '../../amqp/options.ts'
import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'
import { measure } from './amqp-run.ts'
import type { Histogram } from './histogram.ts'

export const benchAmqp = defineCommand({
  path: ['bench', 'amqp'],
  summary: 'Measure how fast an AMQP broker takes messages and gives them out',
  description:
    'Declares queues, publishes and consumes at the same time, and removes the queues. Works against any broker of AMQP 0-9-1. The latency of publishing is that of the confirm, that of consuming from when a message was due until the consumer has it. As fast as possible they mostly measure the queues in between: for a latency that means something give a --rate. This process shares the machine with a broker beside it; the column cpu says how much of a processor it took, and near 1 it is this program that is measured.',
  examples: [
    { text: 'Ten seconds, persistent and confirmed', command: 'posthorn bench amqp' },
    {
      text: 'Transient, without confirms and acknowledgements, over four queues',
      command: 'posthorn bench amqp --transient --confirm 0 --no-ack --queues 4',
    },
    { text: 'Latency at 1,000 messages a second', command: 'posthorn bench amqp --rate 1000 --duration 30s' },
    { text: 'Fill a queue, and leave it', command: 'posthorn bench amqp --consumers 0 -n 1000000 --keep' },
  ],
  options: {
    ...amqpOptions,
    producers: {
      type: 'integer',
      default: 1,
      min: 0,
      max: 1000,
      summary: 'Producers, each with a connection',
    },
    consumers: {
      type: 'integer',
      default: 1,
      min: 0,
      max: 1000,
      summary: 'Consumers, each with a connection',
    },
    queues: { type: 'integer', default: 1, min: 1, max: 1000, summary: 'Queues; producers go round them' },
    queue: { type: 'string', valueName: 'name', summary: 'Use this queue, which must exist, and leave it' },
    size: { type: 'bytes', short: 's', default: 16, summary: 'Bytes of a body; below 8 no latency is taken' },
    transient: { type: 'boolean', summary: 'Transient messages in transient queues' },
    confirm: {
      type: 'integer',
      short: 'c',
      default: 192,
      min: 0,
      max: 1_000_000,
      summary: 'Messages that may be out unconfirmed; 0 for no confirms',
    },
    prefetch: {
      type: 'integer',
      default: 200,
      min: 0,
      max: 65_535,
      summary: 'Messages ahead of acknowledgement',
    },
    multiAck: { type: 'integer', default: 100, min: 1, max: 65_535, summary: 'Acknowledge so many at once' },
    noAck: { type: 'boolean', summary: 'Consume without acknowledgements' },
    rate: {
      type: 'number',
      short: 'r',
      min: 0.001,
      summary: 'Messages a second in all, not as many as possible',
    },
    duration: { type: 'duration', short: 'z', default: '10s', summary: 'Measure for so long' },
    warmup: { type: 'duration', default: 0, summary: 'Run so long before what counts' },
    count: { type: 'integer', short: 'n', min: 1, summary: 'Messages in all, in place of --duration' },
    argument: {
      type: 'string',
      short: 'a',
      repeated: true,
      valueName: 'name=value',
      summary: 'An argument of the queues: x-queue-type=quorum',
    },
    keep: { type: 'boolean', summary: 'Do not remove the queues' },
  },
  columns: {
    phase: { type: 'string', summary: 'publish or consume' },
    messages: { type: 'integer', summary: 'Messages' },
    elapsed: { type: 'duration', summary: 'Time that it took' },
    messagesPerSecond: { type: 'number', summary: 'Messages per second', header: 'MESSAGES/S' },
    bytesPerSecond: { type: 'bytes', summary: 'Bytes of bodies per second', header: 'BYTES/S' },
    p50: {
      type: 'number',
      summary: 'Latency that half of the messages do not exceed, in ms',
      nullable: true,
      header: 'P50 MS',
    },
    p90: { type: 'number', summary: 'The same for 90 %, in ms', nullable: true },
    p99: { type: 'number', summary: 'The same for 99 %, in ms', nullable: true },
    p999: { type: 'number', summary: 'The same for 99.9 %, in ms', nullable: true, header: 'P99.9' },
    max: { type: 'number', summary: 'The longest, in ms', nullable: true },
    cpu: { type: 'number', summary: 'Processors that this program took meanwhile' },
  },
  writes: true,
  async run(context) {
    const { options, world, progress, signal, output } = context
    const { producers, consumers, size, count, prefetch, queue } = options
    if (producers + consumers === 0) throw new CommandError('usage', 'there is no producer and no consumer')
    if (producers === 0 && queue === undefined)
      throw new CommandError('usage', 'consumers alone need a --queue that holds messages')
    const args = parseFields(options.argument, '--argument')
    const rows = await withAmqp(context, async session => {
      const { channel } = session
      const names = queue === undefined ? namesOf(world.randomBytes(4), options.queues) : [queue]
      const durable = !options.transient
      if (queue === undefined)
        for (const name of names)
          await channel.call(
            wire.QueueDeclare,
            { queue: name, durable, arguments: args },
            wire.QueueDeclareOk,
          )
      session.outliveSignal()
      try {
        using work = progress.begin({ label: 'messages', ...(count !== undefined && { total: count }) })
        const found = await measure({
          connect: () => connectAmqp(context),
          world,
          signal,
          queues: names,
          producers,
          consumers,
          size,
          persistent: durable,
          window: options.confirm,
          prefetch,
          // More than the prefetch would never come.
          ackEvery: prefetch === 0 ? options.multiAck : Math.min(options.multiAck, prefetch),
          noAck: options.noAck,
          rate: options.rate,
          count,
          durationMs: options.duration,
          warmupMs: options.warmup,
          quietMs: options.timeout,
          onProgress: messages => work.advance(messages),
        })
        if (found.refused > 0) output.warn(`the broker refused ${found.refused} messages`)
        const { elapsed, cpu } = found
        const timed = { size, elapsed, cpu }
        return [
          ...(producers > 0 ? [rowOf('publish', found.published, found.confirmLatencies, timed)] : []),
          ...(consumers > 0 ? [rowOf('consume', found.consumed, found.latencies, timed)] : []),
        ]
      } finally {
        if (queue === undefined && !options.keep)
          for (const name of names) await channel.call(wire.QueueDelete, { queue: name }, wire.QueueDeleteOk)
      }
    })
    signal.throwIfAborted()
    await output.rows(rows)
  },
})

/** All of one length: messages to any of them have the same number of bytes. */
function namesOf(salt: Buffer, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `posthorn-bench-${salt.toString('hex')}-${1000 + n}`)
}

function rowOf(
  phase: string,
  messages: number,
  latencies: Histogram,
  { size, elapsed, cpu }: { readonly size: number; readonly elapsed: number; readonly cpu: number },
) {
  const perSecond = 1000 / Math.max(elapsed, 0.001)
  const percentile = (share: number): number | null =>
    latencies.total === 0 ? null : rounded(latencies.percentileMs(share))
  return {
    phase,
    messages,
    elapsed: rounded(elapsed),
    messagesPerSecond: Math.round(messages * perSecond),
    bytesPerSecond: Math.round(messages * size * perSecond),
    p50: percentile(0.5),
    p90: percentile(0.9),
    p99: percentile(0.99),
    p999: percentile(0.999),
    max: latencies.total === 0 ? null : rounded(latencies.maxMs),
    cpu: rounded(cpu),
  }
}

function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
