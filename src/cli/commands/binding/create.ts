// `posthorn binding create`: binds a queue, or another exchange, to an exchange.

import { type Binding, bind, bindingOptions } from '../../amqp/binding.ts'
import { parseFields } from '../../amqp/fields.ts'
import { amqpOptions, withAmqp } from '../../amqp/options.ts'
import { defineCommand } from '../../command.ts'

export const bindingCreate = defineCommand({
  path: ['binding', 'create'],

  summary: 'Bind a queue, or another exchange, to an exchange',
  description: 'A binding that is there already is left as it is. Several keys make several bindings.',
  examples: [
    { text: 'All orders into a queue', command: "posthorn binding create shop orders --key 'orders.#'" },
    { text: 'From one exchange to another', command: 'posthorn binding create shop audit --to exchange' },
    {
      text: 'By headers',
      command: 'posthorn binding create letters urgent -a x-match=all -a priority=high',
    },
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
      for (const binding of bindings) await bind(channel, binding)
    })
    await context.output.rows(bindings.map(({ arguments: _, ...row }) => row))
  },
})
