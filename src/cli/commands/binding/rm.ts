// `posthorn binding rm`: takes a binding away.

import { type Binding, bindingOptions, unbind } from '../../amqp/binding.ts'
import { parseFields } from '../../amqp/fields.ts'
import { amqpOptions, withAmqp } from '../../amqp/options.ts'
import { defineCommand } from '../../command.ts'

export const bindingRm = defineCommand({
  path: ['binding', 'rm'],
  aliases: ['delete'],
  summary: 'Take a binding away',
  description:
    'Key and arguments must be those of the binding. No message is lost that is in the queue already. Several keys make several bindings.',
  examples: [
    { text: 'Of a queue', command: "posthorn binding rm shop orders --key 'orders.#'" },
    { text: 'Between two exchanges', command: 'posthorn binding rm shop audit --to exchange' },
  ],
  arguments: [
    { name: 'exchange', summary: 'Exchange that messages come from', required: true },
    {
      name: 'destination',
      summary: 'Queue, or with --to exchange the exchange, that they go to',
      required: true,
    },
  ],
  options: { ...amqpOptions, ...bindingOptions },
  columns: {
    source: { type: 'string', summary: 'Exchange that messages come from' },
    destination: { type: 'string', summary: 'Queue or exchange that they go to' },
    destinationType: { type: 'string', summary: 'queue or exchange', header: 'TYPE' },
    routingKey: { type: 'string', summary: 'Routing key, or pattern of them' },
  },
  writes: true,
  async run(context) {
    const { exchange: source, destination } = context.arguments
    const { key, to: destinationType, argument } = context.options
    const args = parseFields(argument, '--argument')
    const keys = key.length === 0 ? [''] : [...new Set(key)]
    const bindings = keys.map(
      (routingKey): Binding => ({ source, destination, destinationType, routingKey, arguments: args }),
    )
    await withAmqp(context, async ({ channel }) => {
      for (const binding of bindings) await unbind(channel, binding)
    })
    await context.output.rows(bindings.map(({ arguments: _, ...row }) => row))
  },
})
