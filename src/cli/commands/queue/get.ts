// `posthorn queue get`: waits for messages and takes them.

import { Consumption } from '../../amqp/consume.ts'
import { limits } from '../../amqp/limits.ts'
import { messageColumns } from '../../amqp/message-row.ts'
import { amqpOptions, withAmqp } from '../../amqp/options.ts'
import { printMessages, type Taken } from '../../amqp/print.ts'
import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'

export const queueGet = defineCommand({
  path: ['queue', 'get'],
  summary: 'Wait for messages and take them',
  description:
    'Prints bodies, or with -o jsonl everything of a message, and acknowledges each message once it is printed. Without --wait it waits for ever; when the time is over before enough have come it ends with 75.',
  examples: [
    { text: 'The next message, whenever it comes', command: 'posthorn queue get orders' },
    {
      text: 'Ten, but no longer than a minute',
      command: 'posthorn queue get orders -n 10 --wait 1m -o jsonl',
    },
    { text: 'Look at the next and put it back', command: 'posthorn queue get orders --requeue -o json' },
  ],
  arguments: [{ name: 'name', summary: 'Name of the queue', required: true }],
  options: {
    ...amqpOptions,
    count: { type: 'integer', short: 'n', default: 1, min: 1, summary: 'Take so many' },
    wait: { type: 'duration', short: 'w', summary: 'Give up after this long' },
    requeue: { type: 'boolean', summary: 'Put them back when they are printed' },
  },
  columns: messageColumns,
  writes: true,
  async run(context) {
    const { options, output, signal, world } = context
    const { name: queue } = context.arguments
    const { count, wait, requeue } = options
    let taken = 0
    await withAmqp(context, async session => {
      session.outliveSignal()
      const { channel } = session
      const over = new AbortController()
      const stop = (): void => over.abort()
      signal.addEventListener('abort', stop, { once: true })
      const timer = wait === undefined ? undefined : world.after(wait, stop)
      const prefetch = Math.min(count, limits.prefetch)
      const source = await Consumption.open(channel, { queue, prefetch, signal: over.signal })
      if (signal.aborted) stop()
      async function* messages(): AsyncGenerator<Taken> {
        for await (const piece of source.pieces())
          for (const message of piece) {
            yield { message, settle: () => settle(message.deliveryTag) }
            if (++taken === count) return
          }
      }
      const settle = (deliveryTag: number): void => {
        if (!requeue) channel.ack(deliveryTag)
      }
      try {
        await printMessages(messages(), output)
        await source.cancel()
        await channel.close()
      } finally {
        timer?.cancel()
        signal.removeEventListener('abort', stop)
      }
    })
    signal.throwIfAborted()
    if (taken < count)
      throw new CommandError('tryAgain', `only ${taken} of ${count} messages came within ${wait} ms`)
  },
})
