// `posthorn topic rm`: deletes topics and everything in them.

import { DeleteTopics } from '../../../heads/kafka/wire/index.ts'
import { defineCommand } from '../../command.ts'
import { extentOf, partitionsOf, topicViews } from '../../kafka/admin.ts'
import { type Client, isFault } from '../../kafka/client.ts'
import type { TopicView } from '../../kafka/cluster.ts'
import { check } from '../../kafka/faults.ts'
import { connectionOptions, withClient } from '../../kafka/options.ts'

export const topicRm = defineCommand({
  path: ['topic', 'rm'],
  aliases: ['delete'],
  summary: 'Delete topics and their records',
  examples: [
    { text: 'One topic, after a question', command: 'posthorn topic rm orders' },
    { text: 'In a script', command: 'posthorn topic rm orders prices --if-exists --yes' },
  ],
  arguments: [{ name: 'name', summary: 'Names of topics', required: true, repeated: true }],
  options: {
    ...connectionOptions,
    ifExists: { type: 'boolean', summary: 'Succeed when a topic does not exist' },
  },
  columns: {
    name: { type: 'string', summary: 'Name of the topic' },
    deleted: { type: 'boolean', summary: 'False when it did not exist' },
  },
  destructive: true,
  async run(context) {
    const names = [...new Set(context.arguments.name)]
    const { ifExists } = context.options
    const rows = await withClient(context, async client => {
      const views = await existing(client, names, ifExists)
      if (views.length > 0) await context.confirm(await question(client, views))
      const deleted = new Set<string>()
      for (const { name } of views)
        if (name !== null && (await remove(client, name, ifExists))) deleted.add(name)
      return names.map(name => ({ name, deleted: deleted.has(name) }))
    })
    await context.output.rows(rows)
  },
})

async function existing(client: Client, names: readonly string[], ifExists: boolean): Promise<TopicView[]> {
  const views: TopicView[] = []
  for (const name of names) {
    try {
      views.push(...(await topicViews(client, [name])))
    } catch (error) {
      if (!ifExists || !isFault(error, 'UNKNOWN_TOPIC_OR_PARTITION')) throw error
    }
  }
  return views
}

async function question(client: Client, views: readonly TopicView[]): Promise<string> {
  const parts = await Promise.all(
    views.map(async view => {
      const name = view.name ?? ''
      const count = await messagesIn(client, name, partitionsOf(view)).catch(() => undefined)
      return count === undefined ? name : `${name} with ${count} ${count === 1 ? 'message' : 'messages'}`
    }),
  )
  return `Delete ${parts.length === 1 ? 'topic' : `${parts.length} topics:`} ${parts.join(', ')}?`
}

async function messagesIn(client: Client, topic: string, partitions: readonly number[]): Promise<number> {
  const { start, end } = await extentOf(client, topic, partitions)
  return partitions.reduce((sum, one) => sum + (end.get(one) ?? 0) - (start.get(one) ?? 0), 0)
}

async function remove(client: Client, name: string, ifExists: boolean): Promise<boolean> {
  const request = { topics: [{ name }], topicNames: [name], timeoutMs: client.timeoutMs }
  try {
    await client.askController(DeleteTopics, request, ({ responses: [one] }) =>
      check(one?.errorCode ?? 0, `topic ${name}`, one?.errorMessage),
    )
    return true
  } catch (error) {
    if (ifExists && isFault(error, 'UNKNOWN_TOPIC_OR_PARTITION')) return false
    throw error
  }
}
