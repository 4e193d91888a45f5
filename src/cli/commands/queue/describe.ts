// `posthorn queue describe`: everything that the broker says of some queues.

import { defineCommand } from '../../command.ts'
import { listingOptions, managementOf } from '../../management/options.ts'
import { bindingViews, queueViewOf } from '../../management/views.ts'

export const queueDescribe = defineCommand({
  path: ['queue', 'describe'],
  summary: 'Show messages, consumers, arguments and bindings of queues',
  examples: [
    { text: 'One queue', command: 'posthorn queue describe orders' },
    {
      text: 'Two, with their bindings, for a program',
      command: 'posthorn queue describe orders bills -o json',
    },
  ],
  arguments: [{ name: 'name', summary: 'Names of queues', required: true, repeated: true }],
  options: listingOptions,
  columns: {
    name: { type: 'string', summary: 'Name of the queue' },
    type: { type: 'string', summary: 'classic, quorum or stream' },
    state: { type: 'string', summary: 'What it is doing, where the broker tells', nullable: true },
    messages: { type: 'integer', summary: 'All messages', wide: true },
    ready: { type: 'integer', summary: 'Messages that could be delivered now' },
    unacknowledged: { type: 'integer', summary: 'Messages that are out with consumers', header: 'UNACKED' },
    consumers: { type: 'integer', summary: 'Consumers' },
    bytes: { type: 'bytes', summary: 'Bytes of all bodies, where the broker tells', nullable: true },
    memory: {
      type: 'bytes',
      summary: 'Memory that it takes, where the broker tells',
      nullable: true,
      wide: true,
    },
    durable: { type: 'boolean', summary: 'Is there after a restart' },
    autoDelete: { type: 'boolean', summary: 'Goes with its last consumer', wide: true },
    exclusive: { type: 'boolean', summary: 'Belongs to one connection', wide: true },
    policy: { type: 'string', summary: 'Policy that holds for it', nullable: true },
    arguments: { type: 'json', summary: 'Arguments that it was declared with' },
    bindings: { type: 'json', summary: 'Exchanges that it is bound to, with their keys', wide: true },
  },
  async run(context) {
    const api = managementOf(context)
    const names = [...new Set(context.arguments.name)]
    const views = await Promise.all(names.map(name => queueViewOf(api, name)))
    const bindings = await bindingViews(api)
    const rows = views.map(view => ({
      ...view,
      bindings: bindings
        .filter(one => one.destinationType === 'queue' && one.destination === view.name && one.source !== '')
        .map(({ source, routingKey, arguments: args }) => ({ source, routingKey, arguments: args })),
    }))
    await context.output.rows(rows)
  },
})
