// `posthorn queue ls`: the queues of a virtual host.

import { defineCommand } from '../../command.ts'
import { listingOptions, managementOf } from '../../management/options.ts'
import { queueViews } from '../../management/views.ts'

export const queueLs = defineCommand({
  path: ['queue', 'ls'],
  aliases: ['list'],
  summary: 'List queues',
  description: 'Lists the queues of a virtual host. Asks the management API, since AMQP has no way to list.',
  examples: [
    { text: 'All queues of a broker', command: 'posthorn queue ls --url amqp://127.0.0.1:5672' },
    {
      text: 'Those of another virtual host, for a script',
      command: 'posthorn queue ls --vhost shop -o jsonl',
    },
  ],
  options: listingOptions,
  columns: {
    name: { type: 'string', summary: 'Name of the queue' },
    type: { type: 'string', summary: 'classic, quorum or stream' },
    ready: { type: 'integer', summary: 'Messages that could be delivered now' },
    unacknowledged: { type: 'integer', summary: 'Messages that are out with consumers', header: 'UNACKED' },
    consumers: { type: 'integer', summary: 'Consumers' },
    durable: { type: 'boolean', summary: 'Is there after a restart', wide: true },
    autoDelete: { type: 'boolean', summary: 'Goes with its last consumer', wide: true },
    exclusive: { type: 'boolean', summary: 'Belongs to one connection', wide: true },
    policy: { type: 'string', summary: 'Policy that holds for it', nullable: true, wide: true },
    arguments: { type: 'json', summary: 'Arguments that it was declared with', wide: true },
  },
  async run(context) {
    const views = await queueViews(managementOf(context))
    const rows = views
      .map(({ messages: _, state: __, bytes: ___, memory: ____, ...row }) => row)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
    await context.output.rows(rows, { empty: 'There are no queues yet: posthorn queue create NAME' })
  },
})
