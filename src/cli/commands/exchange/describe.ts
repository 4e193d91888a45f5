// `posthorn exchange describe`: what an exchange is, and what it is bound to on both sides.

import { defineCommand } from '../../command.ts'
import { listingOptions, managementOf } from '../../management/options.ts'
import { bindingViews, exchangeViewOf } from '../../management/views.ts'

export const exchangeDescribe = defineCommand({
  path: ['exchange', 'describe'],
  summary: 'Show type, arguments and bindings of exchanges',
  examples: [
    { text: 'One exchange', command: 'posthorn exchange describe shop' },
    {
      text: 'Two, with their bindings, for a program',
      command: 'posthorn exchange describe shop audit -o json',
    },
  ],
  arguments: [{ name: 'name', summary: 'Names of exchanges', required: true, repeated: true }],
  options: listingOptions,
  columns: {
    name: { type: 'string', summary: 'Name of the exchange' },
    type: { type: 'string', summary: 'How it routes' },
    durable: { type: 'boolean', summary: 'Is there after a restart' },
    autoDelete: { type: 'boolean', summary: 'Goes with its last binding' },
    internal: { type: 'boolean', summary: 'Takes messages from other exchanges only' },
    policy: { type: 'string', summary: 'Policy that holds for it', nullable: true },
    arguments: { type: 'json', summary: 'Arguments that it was declared with' },
    destinations: { type: 'json', summary: 'Where its messages go: queues and exchanges, with keys' },
    sources: { type: 'json', summary: 'Exchanges whose messages come here', wide: true },
  },
  async run(context) {
    const api = managementOf(context)
    const names = [...new Set(context.arguments.name)]
    const views = await Promise.all(names.map(name => exchangeViewOf(api, name)))
    const bindings = await bindingViews(api)
    const rows = views.map(view => ({
      ...view,
      destinations: bindings
        .filter(({ source }) => source === view.name)
        .map(({ destination, destinationType, routingKey }) => ({
          destination,
          destinationType,
          routingKey,
        })),
      sources: bindings
        .filter(one => one.destinationType === 'exchange' && one.destination === view.name)
        .map(({ source, routingKey }) => ({ source, routingKey })),
    }))
    await context.output.rows(rows)
  },
})
