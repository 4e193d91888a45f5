// `posthorn topic ls`: the topics of a cluster.

import { defineCommand } from '../../command.ts'
import { topicViews } from '../../kafka/admin.ts'
import { connectionOptions, withClient } from '../../kafka/options.ts'

export const topicLs = defineCommand({
  path: ['topic', 'ls'],
  aliases: ['list'],
  summary: 'List topics',
  description:
    'Lists the topics that you may see, of any Kafka broker. Topics that brokers keep for themselves need --internal.',
  examples: [
    { text: 'All topics of a broker', command: 'posthorn topic ls --brokers 127.0.0.1:9092' },
    { text: 'Their names for a script', command: 'posthorn topic ls -o jsonl' },
  ],
  options: {
    ...connectionOptions,
    internal: { type: 'boolean', summary: 'Also those that brokers keep for themselves' },
  },
  columns: {
    name: { type: 'string', summary: 'Name of the topic' },
    partitions: { type: 'integer', summary: 'Number of partitions' },
    replicas: { type: 'integer', summary: 'Brokers that hold each partition' },
    internal: { type: 'boolean', summary: 'Kept by brokers for themselves', wide: true },
    id: { type: 'string', summary: 'Id of the topic, as Kafka prints it', wide: true },
  },
  async run(context) {
    const { options, output } = context
    const views = await withClient(context, client => topicViews(client, null))
    const rows = views
      .filter(({ isInternal, name }) => options.internal || !(isInternal || name?.startsWith('__')))
      .map(({ name, partitions, isInternal, topicId }) => ({
        name: name ?? '',
        partitions: partitions.length,
        replicas: partitions[0]?.replicaNodes.length ?? 0,
        internal: isInternal,
        id: topicId,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
    await output.rows(rows, { empty: 'There are no topics yet: posthorn topic create NAME' })
  },
})
