// `posthorn queue browse`: looks at messages without taking them.

import { messageColumns } from '../../amqp/message-row.ts'
import { defineCommand } from '../../command.ts'
import { browse } from '../../management/browse.ts'
import { listingOptions, managementOf } from '../../management/options.ts'

export const queueBrowse = defineCommand({
  path: ['queue', 'browse'],
  aliases: ['peek'],
  summary: 'Look at messages without taking them',
  description:
    'Shows the first messages of a queue, those that are out with consumers among them, and touches none. RabbitMQ cannot do that: there they are got and put back, which marks them as redelivered, and a warning says so.',
  examples: [
    { text: 'The first ten', command: 'posthorn queue browse orders' },
    { text: 'A thousand, for a program', command: 'posthorn queue browse orders -n 1000 -o jsonl' },
  ],
  arguments: [{ name: 'name', summary: 'Name of the queue', required: true }],
  options: {
    ...listingOptions,
    count: { type: 'integer', short: 'n', default: 10, min: 1, summary: 'Show so many at most' },
  },
  columns: {
    offset: {
      type: 'integer',
      summary: 'Place in the log of the queue, where the broker has one',
      nullable: true,
    },
    timestamp: { type: 'time', summary: 'When it was stored, where the broker tells', nullable: true },
    ...messageColumns,
  },
  async run(context) {
    const { options, output } = context
    const { name } = context.arguments
    const rows = await browse(managementOf(context), name, options.count, () =>
      output.warn('this broker cannot browse: the messages were got and put back, and count as redelivered'),
    )
    await output.rows(rows, { empty: `queue ${name} is empty` })
  },
})
