// `posthorn exchange ls`: the exchanges of a virtual host.

import { defineCommand } from '../../command.ts'
import { listingOptions, managementOf } from '../../management/options.ts'
import { exchangeViews } from '../../management/views.ts'

export const exchangeLs = defineCommand({
  path: ['exchange', 'ls'],
  aliases: ['list'],
  summary: 'List exchanges',
  description:
    'Lists the exchanges of a virtual host. Those that every virtual host has need --all. Asks the management API, since AMQP has no way to list.',
  examples: [
    { text: 'All that were declared', command: 'posthorn exchange ls' },
    { text: 'All, for a script', command: 'posthorn exchange ls --all -o jsonl' },
  ],
  options: {
    ...listingOptions,
    all: { type: 'boolean', summary: 'Also the default exchange and those named amq.*' },
  },
  columns: {
    name: { type: 'string', summary: 'Name of the exchange; empty for the default one' },
    type: { type: 'string', summary: 'How it routes: direct, fanout, topic, headers' },
    durable: { type: 'boolean', summary: 'Is there after a restart' },
    autoDelete: { type: 'boolean', summary: 'Goes with its last binding', wide: true },
    internal: { type: 'boolean', summary: 'Takes messages from other exchanges only', wide: true },
    policy: { type: 'string', summary: 'Policy that holds for it', nullable: true, wide: true },
    arguments: { type: 'json', summary: 'Arguments that it was declared with', wide: true },
  },
  async run(context) {
    const { options, output } = context
    const views = await exchangeViews(managementOf(context))
    const rows = views
      .filter(({ name }) => options.all || !(name === '' || name.startsWith('amq.')))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
    await output.rows(rows, { empty: 'There are no exchanges yet: posthorn exchange create NAME' })
  },
})
