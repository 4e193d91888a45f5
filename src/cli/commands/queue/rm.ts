// `posthorn queue rm`: deletes queues and everything in them.

import { QueueDelete, QueueDeleteOk } from '../../../heads/amqp091/wire/index.ts'
import { type Depth, depthOf } from '../../amqp/depth.ts'
import { amqpOptions, withAmqp } from '../../amqp/options.ts'
import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'

export const queueRm = defineCommand({
  path: ['queue', 'rm'],
  aliases: ['delete'],
  summary: 'Delete queues and their messages',
  examples: [
    { text: 'One queue, after a question', command: 'posthorn queue rm orders' },
    { text: 'In a script', command: 'posthorn queue rm orders bills --if-exists --yes' },
    {
      text: 'Only when nothing is in it and nobody uses it',
      command: 'posthorn queue rm orders --if-empty --if-unused',
    },
  ],
  arguments: [{ name: 'name', summary: 'Names of queues', required: true, repeated: true }],
  options: {
    ...amqpOptions,
    ifExists: { type: 'boolean', summary: 'Succeed when a queue does not exist' },
    ifEmpty: { type: 'boolean', summary: 'Fail when a queue has messages' },
    ifUnused: { type: 'boolean', summary: 'Fail when a queue has consumers' },
  },
  columns: {
    name: { type: 'string', summary: 'Name of the queue' },
    deleted: { type: 'boolean', summary: 'False when it did not exist' },
    messages: { type: 'integer', summary: 'Messages that went with it' },
  },
  destructive: true,
  async run(context) {
    const names = [...new Set(context.arguments.name)]
    const { ifExists, ifEmpty, ifUnused } = context.options
    const rows = await withAmqp(context, async ({ connection, channel }) => {
      const found = new Map<string, Depth>()
      for (const name of names) {
        const depth = await depthOf(connection, name)
        if (depth !== undefined) found.set(name, depth)
        else if (!ifExists) throw new CommandError('notFound', `there is no queue ${name}`)
      }
      if (found.size > 0) await context.confirm(question(found))
      const deleted: { name: string; deleted: boolean; messages: number }[] = []
      for (const name of names) {
        const args = { queue: name, ifEmpty, ifUnused }
        const messages = found.has(name)
          ? (await channel.call(QueueDelete, args, QueueDeleteOk)).messageCount
          : 0
        deleted.push({ name, deleted: found.has(name), messages })
      }
      return deleted
    })
    await context.output.rows(rows)
  },
})

function question(found: ReadonlyMap<string, Depth>): string {
  const parts = [...found].map(
    ([name, { ready }]) => `${name} with ${ready} ${ready === 1 ? 'message' : 'messages'}`,
  )
  return `Delete ${parts.length === 1 ? 'queue' : `${parts.length} queues:`} ${parts.join(', ')}?`
}
