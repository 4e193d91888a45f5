// `posthorn exchange rm`: deletes exchanges and their bindings.

import { ExchangeDelete, ExchangeDeleteOk } from '../../../heads/amqp091/wire/index.ts'
import { hasExchange } from '../../amqp/depth.ts'
import { amqpOptions, withAmqp } from '../../amqp/options.ts'
import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'

export const exchangeRm = defineCommand({
  path: ['exchange', 'rm'],
  aliases: ['delete'],
  summary: 'Delete exchanges and their bindings',
  examples: [
    { text: 'One exchange, after a question', command: 'posthorn exchange rm shop' },
    { text: 'In a script', command: 'posthorn exchange rm shop audit --if-exists --yes' },
  ],
  arguments: [{ name: 'name', summary: 'Names of exchanges', required: true, repeated: true }],
  options: {
    ...amqpOptions,
    ifExists: { type: 'boolean', summary: 'Succeed when an exchange does not exist' },
    ifUnused: { type: 'boolean', summary: 'Fail when an exchange has bindings' },
  },
  columns: {
    name: { type: 'string', summary: 'Name of the exchange' },
    deleted: { type: 'boolean', summary: 'False when it did not exist' },
  },
  destructive: true,
  async run(context) {
    const names = [...new Set(context.arguments.name)]
    const { ifExists, ifUnused } = context.options
    const rows = await withAmqp(context, async ({ connection, channel }) => {
      const found = new Set<string>()
      for (const name of names) {
        if (await hasExchange(connection, name)) found.add(name)
        else if (!ifExists) throw new CommandError('notFound', `there is no exchange ${name}`)
      }
      if (found.size > 0) await context.confirm(`Delete exchange ${[...found].join(', ')} with its bindings?`)
      for (const name of found)
        await channel.call(ExchangeDelete, { exchange: name, ifUnused }, ExchangeDeleteOk)
      return names.map(name => ({ name, deleted: found.has(name) }))
    })
    await context.output.rows(rows)
  },
})
