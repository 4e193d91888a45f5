// `posthorn exchange create`: declares an exchange.

import { ExchangeDeclare, ExchangeDeclareOk } from '../../../heads/amqp091/wire/index.ts'
import { hasExchange } from '../../amqp/depth.ts'
import { parseFields } from '../../amqp/fields.ts'
import { amqpOptions, withAmqp } from '../../amqp/options.ts'
import { defineCommand } from '../../command.ts'

export const exchangeCreate = defineCommand({
  path: ['exchange', 'create'],
  aliases: ['declare'],
  summary: 'Create an exchange',
  description:
    'Declares an exchange; one that is there already in the same form is left as it is. The types are those of the broker: direct, fanout, topic, headers, x-consistent-hash, x-delayed-message and others.',
  examples: [
    { text: 'One that routes by patterns', command: 'posthorn exchange create shop --type topic' },
    {
      text: 'One that holds messages back for their x-delay',
      command: 'posthorn exchange create later --type x-delayed-message -a x-delayed-type=direct',
    },
  ],
  arguments: [{ name: 'name', summary: 'Name of the exchange', required: true }],
  options: {
    ...amqpOptions,
    type: { type: 'string', short: 't', default: 'direct', summary: 'How it routes' },
    transient: { type: 'boolean', summary: 'Gone after a restart' },
    autoDelete: { type: 'boolean', summary: 'Gone with its last binding' },
    internal: { type: 'boolean', summary: 'Takes messages from other exchanges only' },
    alternate: { type: 'string', valueName: 'exchange', summary: 'Exchange for messages that go nowhere' },
    argument: {
      type: 'string',
      short: 'a',
      repeated: true,
      valueName: 'name=value',
      summary: 'An argument of the declaration',
    },
  },
  columns: {
    name: { type: 'string', summary: 'Name of the exchange' },
    type: { type: 'string', summary: 'How it routes' },
    created: { type: 'boolean', summary: 'False when it existed already' },
  },
  result: 'record',
  writes: true,
  async run(context) {
    const { name } = context.arguments
    const { type, transient, autoDelete, internal, alternate, argument } = context.options
    const args = parseFields(argument, '--argument')
    if (alternate !== undefined) args.set('alternate-exchange', alternate)
    const isThere = await withAmqp(context, async ({ connection, channel }) => {
      const before = await hasExchange(connection, name)
      const wanted = { exchange: name, type, durable: !transient, autoDelete, internal, arguments: args }
      await channel.call(ExchangeDeclare, wanted, ExchangeDeclareOk)
      return before
    })
    const text = isThere ? `exchange ${name} exists already` : `created ${type} exchange ${name}`
    await context.output.record({ name, type, created: !isThere }, { text })
  },
})
