// `posthorn queue watch`: a line whenever messages arrive. AMQP tells nobody of messages without giving them out, so the
// number of waiting messages is asked for at an interval; --take consumes, and misses nothing.

import { isUtf8 } from 'node:buffer'
import type { World } from '../../../world/index.ts'
import { Consumption } from '../../amqp/consume.ts'
import { depthOf } from '../../amqp/depth.ts'
import { limits } from '../../amqp/limits.ts'
import { amqpOptions, type Session, withAmqp } from '../../amqp/options.ts'
import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'
import { sleep } from '../../kafka/patience.ts'
import type { RowOf } from '../../output/columns.ts'

const columns = {
  time: { type: 'time', summary: 'When it was seen' },
  queue: { type: 'string', summary: 'Name of the queue' },
  arrived: { type: 'integer', summary: 'Messages more than at the line before' },
  ready: { type: 'integer', summary: 'Messages that wait; null with --take', nullable: true },
  routingKey: { type: 'string', summary: 'Of the message taken; null without --take', nullable: true },
  body: { type: 'string', summary: 'The same; base64 when it is not text', nullable: true },
} as const

type Row = RowOf<typeof columns>

export const queueWatch = defineCommand({
  path: ['queue', 'watch'],
  summary: 'Print a line whenever messages arrive',
  description:
    'Asks at an interval how many messages wait, and touches none; messages that come and go between two questions are not seen. With --take it consumes them, one line a message.',
  examples: [
    { text: 'Until Ctrl-C', command: 'posthorn queue watch orders' },
    {
      text: 'Wait for the first message, then go on',
      command: 'posthorn queue watch orders -n 1 --interval 200ms',
    },
    { text: 'Take them, as JSON', command: 'posthorn queue watch orders --take -o jsonl' },
  ],
  arguments: [{ name: 'name', summary: 'Name of the queue', required: true }],
  options: {
    ...amqpOptions,
    interval: { type: 'duration', short: 'i', default: '1s', summary: 'Ask this often' },
    count: { type: 'integer', short: 'n', min: 1, summary: 'End after so many lines' },
    take: { type: 'boolean', summary: 'Consume messages' },
  },
  columns,
  async run(context) {
    const { options, output, signal, world } = context
    const { name } = context.arguments
    const { count = Number.POSITIVE_INFINITY } = options
    await withAmqp(context, async session => {
      if (options.take) session.outliveSignal()
      const lines = options.take
        ? taken(session, { queue: name, signal, world, count })
        : polled(session, { queue: name, signal, world, count, intervalMs: options.interval })
      await output.rows(lines, { live: true })
      if (options.take) await session.channel.close()
    })
    if (options.count === undefined) signal.throwIfAborted()
  },
})

interface Watching {
  readonly queue: string
  /** Lines after which it ends. */
  readonly count: number
  readonly signal: AbortSignal
  readonly world: World
}

async function* polled(
  { connection }: Session,
  { queue, count, signal, world, intervalMs }: Watching & { readonly intervalMs: number },
): AsyncGenerator<Row> {
  let before = 0
  for (let left = count; ; ) {
    const depth = await depthOf(connection, queue)
    if (depth === undefined) throw new CommandError('notFound', `there is no queue ${queue}`)
    const { ready } = depth
    if (ready > before) {
      yield { time: world.now(), queue, arrived: ready - before, ready, routingKey: null, body: null }
      if (--left === 0) return
    }
    before = ready
    await sleep(world, intervalMs, signal)
  }
}

/** A line is out when the next is asked for: then its message is acknowledged. */
async function* taken({ channel }: Session, { queue, count, signal, world }: Watching): AsyncGenerator<Row> {
  const prefetch = Math.min(count, limits.prefetch)
  const source = await Consumption.open(channel, { queue, prefetch, signal })
  let left = count
  for await (const piece of source.pieces())
    for (const { routingKey, body, deliveryTag } of piece) {
      const text = body.toString(isUtf8(body) ? 'utf8' : 'base64')
      yield { time: world.now(), queue, arrived: 1, ready: null, routingKey, body: text }
      channel.ack(deliveryTag)
      if (--left === 0) return
    }
}
