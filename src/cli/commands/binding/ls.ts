// `posthorn binding ls`: what is bound to what.

import { defineCommand } from '../../command.ts'
import { listingOptions, managementOf } from '../../management/options.ts'
import { bindingViews } from '../../management/views.ts'

export const bindingLs = defineCommand({
  path: ['binding', 'ls'],
  aliases: ['list'],
  summary: 'List bindings',
  description:
    'Lists the bindings of a virtual host. Those that every queue has with the default exchange need --all. Asks the management API, since AMQP has no way to list.',
  examples: [
    { text: 'All bindings', command: 'posthorn binding ls' },
    { text: 'Where the messages of an exchange go', command: 'posthorn binding ls --source shop' },
    {
      text: 'Where those of a queue come from',
      command: 'posthorn binding ls --destination orders -o jsonl',
    },
  ],
  options: {
    ...listingOptions,
    source: { type: 'string', valueName: 'exchange', summary: 'Only of this exchange' },
    destination: { type: 'string', valueName: 'name', summary: 'Only to this queue or exchange' },
    all: { type: 'boolean', summary: 'Also those with the default exchange' },
  },
  columns: {
    source: { type: 'string', summary: 'Exchange that messages come from' },
    destination: { type: 'string', summary: 'Queue or exchange that they go to' },
    destinationType: { type: 'string', summary: 'queue or exchange', header: 'TYPE' },
    routingKey: { type: 'string', summary: 'Routing key, or pattern of them' },
    arguments: { type: 'json', summary: 'Arguments: headers that must match' },
  },
  async run(context) {
    const { options, output } = context
    const { source, destination, all } = options
    const views = await bindingViews(managementOf(context))
    const rows = views.filter(
      one =>
        (all || one.source !== '') &&
        (source === undefined || one.source === source) &&
        (destination === undefined || one.destination === destination),
    )
    await output.rows(rows, {
      empty: 'There are no bindings: posthorn binding create EXCHANGE QUEUE --key KEY',
    })
  },
})
