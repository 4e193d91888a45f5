// `posthorn queue move`: takes messages from a queue, publishes them elsewhere, and acknowledges each once the broker has
// confirmed that it is there. At least once: whatever happens in between, no message is lost.

import type { World } from '../../../world/index.ts'
import { Consumption } from '../../amqp/consume.ts'
import { depthOf } from '../../amqp/depth.ts'
import { limits } from '../../amqp/limits.ts'
import { amqpOptions, withAmqp } from '../../amqp/options.ts'
import { Publisher } from '../../amqp/publisher.ts'
import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'

export const queueMove = defineCommand({
  path: ['queue', 'move'],
  summary: 'Move messages from a queue to another',
  description:
    'Moves as many messages as are ready when it begins, or as --count says; those that come meanwhile stay. Properties and headers stay as they are. A message is acknowledged once the broker has confirmed it at its new place: when something breaks in between, it may be in both queues, and is never in none.',
  examples: [
    { text: 'Give what was lost another chance', command: 'posthorn queue move lost orders' },
    { text: 'Ten, back through the exchange', command: 'posthorn queue move lost orders.new -x shop -n 10' },
  ],
  arguments: [
    { name: 'from', summary: 'Queue to take from', required: true },
    { name: 'to', summary: 'Queue to put into, or with --exchange the routing key', required: true },
  ],
  options: {
    ...amqpOptions,
    exchange: {
      type: 'string',
      short: 'x',
      valueName: 'name',
      default: '',
      summary: 'Publish to this exchange',
    },
    count: { type: 'integer', short: 'n', min: 0, summary: 'Move so many at most' },
  },
  columns: {
    from: { type: 'string', summary: 'Queue that they were in' },
    exchange: { type: 'string', summary: 'Exchange that they went to; empty for the default one' },
    to: { type: 'string', summary: 'Routing key that they went with' },
    messages: { type: 'integer', summary: 'Messages that were moved' },
  },
  result: 'record',
  writes: true,
  async run(context) {
    const { options, output, progress, signal, world } = context
    const { from, to } = context.arguments
    const { exchange, count } = options
    if (exchange === '' && from === to) throw new CommandError('usage', 'from and to are the same queue')
    let moved = 0
    await withAmqp(context, async session => {
      const { connection, channel: taking } = session
      const depth = await depthOf(connection, from)
      if (depth === undefined) throw new CommandError('notFound', `there is no queue ${from}`)
      const total = Math.min(depth.ready, count ?? Number.POSITIVE_INFINITY)
      if (total === 0) return
      session.outliveSignal()
      using work = progress.begin({ label: `moving ${from}`, total })
      const publisher = await Publisher.open(await connection.channel(), {
        onStored(deliveryTag) {
          taking.ack(deliveryTag)
          moved++
          work.advance(1)
        },
      })
      const over = new AbortController()
      const stop = (): void => over.abort()
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
      const prefetch = Math.min(total, limits.prefetch)
      const source = await Consumption.open(taking, { queue: from, prefetch, signal: over.signal })
      // Another consumer may take some of them: then fewer come than were there.
      const quiet = patience(world, options.timeout, stop)
      let sent = 0
      try {
        for await (const piece of source.pieces()) {
          quiet.extend()
          for (const { properties, body, deliveryTag } of piece) {
            if (sent === total) break
            await publisher.send({ exchange, routingKey: to, properties: properties.raw, body }, deliveryTag)
            sent++
          }
          if (sent === total) break
        }
        await publisher.flush()
      } finally {
        quiet.end()
        signal.removeEventListener('abort', stop)
      }
      await source.cancel()
      await taking.close()
    })
    const text = `moved ${moved} ${moved === 1 ? 'message' : 'messages'} from ${from} to ${to}`
    await output.record({ from, exchange, to, messages: moved }, { text })
    signal.throwIfAborted()
  },
})

/** Calls `over` when nothing was heard for so long. */
function patience(world: World, ms: number, over: () => void) {
  let timer = world.after(ms, over)
  return {
    extend(): void {
      timer.cancel()
      timer = world.after(ms, over)
    },
    end: () => timer.cancel(),
  }
}
