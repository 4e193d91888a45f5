// `posthorn queue poll`: takes what is there, and does not wait.

import { messageColumns } from '../../amqp/message-row.ts'
import { amqpOptions, withAmqp } from '../../amqp/options.ts'
import { printMessages, type Taken } from '../../amqp/print.ts'
import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'

export const queuePoll = defineCommand({
  path: ['queue', 'poll'],
  summary: 'Take messages that are there, without waiting',
  description: 'Like get, but ends with 75 at once when the queue is empty.',
  examples: [
    { text: 'A message, if there is one', command: 'posthorn queue poll orders' },
    { text: 'At most a hundred', command: 'posthorn queue poll orders -n 100 -o jsonl' },
  ],
  arguments: [{ name: 'name', summary: 'Name of the queue', required: true }],
  options: {
    ...amqpOptions,
    count: { type: 'integer', short: 'n', default: 1, min: 1, summary: 'Take so many at most' },
    requeue: { type: 'boolean', summary: 'Put them back when they are printed' },
  },
  columns: messageColumns,
  writes: true,
  async run(context) {
    const { output, options, signal } = context
    const { name } = context.arguments
    let taken = 0
    await withAmqp(context, async ({ channel, outliveSignal }) => {
      outliveSignal()
      async function* messages(): AsyncGenerator<Taken> {
        while (taken < options.count && !signal.aborted) {
          const message = await channel.get(name)
          if (message === undefined) return
          taken++
          const settle = (): void => {
            if (!options.requeue) channel.ack(message.deliveryTag)
          }
          yield { message, settle }
        }
      }
      await printMessages(messages(), output)
      await channel.close()
    })
    if (taken === 0) throw new CommandError('tryAgain', `queue ${name} is empty`)
  },
})
