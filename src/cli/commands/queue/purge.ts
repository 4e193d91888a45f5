// `posthorn queue purge`: throws all waiting messages of a queue away.

import { QueuePurge, QueuePurgeOk } from '../../../heads/amqp091/wire/index.ts'
import { depthOf } from '../../amqp/depth.ts'
import { amqpOptions, withAmqp } from '../../amqp/options.ts'
import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'

export const queuePurge = defineCommand({
  path: ['queue', 'purge'],
  summary: 'Throw all waiting messages of queues away',
  description: 'Messages that are out with consumers stay, and come back when these do not acknowledge them.',
  examples: [
    { text: 'One queue, after a question', command: 'posthorn queue purge orders' },
    { text: 'In a script', command: 'posthorn queue purge orders bills --yes' },
  ],
  arguments: [{ name: 'name', summary: 'Names of queues', required: true, repeated: true }],
  options: amqpOptions,
  columns: {
    name: { type: 'string', summary: 'Name of the queue' },
    messages: { type: 'integer', summary: 'Messages that were thrown away' },
  },
  destructive: true,
  async run(context) {
    const names = [...new Set(context.arguments.name)]
    const rows = await withAmqp(context, async ({ connection, channel }) => {
      let ready = 0
      for (const name of names) {
        const depth = await depthOf(connection, name)
        if (depth === undefined) throw new CommandError('notFound', `there is no queue ${name}`)
        ready += depth.ready
      }
      if (ready > 0)
        await context.confirm(
          `Throw ${ready} ${ready === 1 ? 'message' : 'messages'} of ${names.join(', ')} away?`,
        )
      const purged: { name: string; messages: number }[] = []
      for (const name of names) {
        const { messageCount } = await channel.call(QueuePurge, { queue: name }, QueuePurgeOk)
        purged.push({ name, messages: messageCount })
      }
      return purged
    })
    await context.output.rows(rows)
  },
})
