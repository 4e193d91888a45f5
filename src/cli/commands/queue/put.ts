// `posthorn queue put`: messages from the command line or from standard input into a queue.

import { limits } from '../../amqp/limits.ts'
import { amqpOptions, withAmqp } from '../../amqp/options.ts'
import { Publisher } from '../../amqp/publisher.ts'
import { propertiesOf, propertyOptions } from '../../amqp/put-options.ts'
import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'
import { unescaped } from '../cat/escapes.ts'
import { records } from '../cat/splitter.ts'

export const queuePut = defineCommand({
  path: ['queue', 'put'],
  aliases: ['publish'],
  summary: 'Put messages into a queue',
  description:
    'Each word after the name is a message; without any, each line of standard input is. With --exchange the name is the routing key. Ends when the broker has confirmed every message, which a durable queue does once it is on the disk; a message that no queue takes is an error. A --delay needs an exchange that delays (x-delayed-message).',
  examples: [
    { text: 'Two messages', command: 'posthorn queue put orders first second' },
    {
      text: 'One a line, with a header',
      command: 'posthorn queue put orders --header source=import < orders.txt',
    },
    {
      text: 'Through an exchange, for at most a minute',
      command: 'posthorn queue put --exchange shop orders.new --ttl 1m \'{"id": 7}\'',
    },
  ],
  arguments: [
    { name: 'name', summary: 'Name of the queue, or the routing key', required: true },
    { name: 'message', summary: 'Messages; otherwise the lines of standard input', repeated: true },
  ],
  options: {
    ...amqpOptions,
    ...propertyOptions,
    exchange: {
      type: 'string',
      short: 'x',
      valueName: 'name',
      default: '',
      summary: 'Publish to this exchange',
    },
    delimiter: {
      type: 'string',
      short: 'd',
      default: '\\n',
      summary: 'What ends a message of standard input',
    },
    confirm: { type: 'boolean', default: true, summary: 'Do not wait until the broker has stored them' },
    mandatory: { type: 'boolean', default: true, summary: 'Do not mind when no queue takes a message' },
  },
  columns: {
    exchange: { type: 'string', summary: 'Exchange that they went to; empty for the default one' },
    routingKey: { type: 'string', summary: 'Routing key' },
    messages: { type: 'integer', summary: 'Messages that were put' },
    confirmed: { type: 'boolean', summary: 'The broker has confirmed all of them' },
  },
  result: 'record',
  writes: true,
  async run(context) {
    const { options, stdin, tty, signal, output } = context
    const { name: routingKey, message: words } = context.arguments
    const { exchange, confirm, mandatory } = options
    if (words.length === 0 && tty.stdin)
      throw new CommandError('usage', 'there is no message: give one, or pipe something in')
    const properties = propertiesOf(options)
    const bodies =
      words.length > 0
        ? words.map(word => Buffer.from(word))
        : records(stdin, unescaped(options.delimiter), signal, limits.lineBytesMax)
    const count = await withAmqp(context, async session => {
      // What was read until Ctrl-C is stored.
      session.outliveSignal()
      const publisher = await Publisher.open(session.channel, { confirm, mandatory })
      let sent = 0
      for await (const body of bodies) {
        await publisher.send({ exchange, routingKey, properties, body })
        sent++
      }
      await publisher.flush()
      return sent
    })
    const row = { exchange, routingKey, messages: count, confirmed: confirm }
    const where = exchange === '' ? `queue ${routingKey}` : `exchange ${exchange}`
    const text = `put ${count} ${count === 1 ? 'message' : 'messages'} into ${where}`
    await output.record(row, { text })
  },
})
