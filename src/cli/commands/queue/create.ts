// `posthorn queue create`: declares a queue.

import type { FieldValue } from '../../../broker/field-value.ts'
import { QueueDeclare, QueueDeclareOk } from '../../../heads/amqp091/wire/index.ts'
import { depthOf } from '../../amqp/depth.ts'
import { parseFields } from '../../amqp/fields.ts'
import { amqpOptions, withAmqp } from '../../amqp/options.ts'
import { defineCommand } from '../../command.ts'
import type { OptionSpecs, OptionValues } from '../../option.ts'

const settingOptions = {
  type: {
    type: 'choice',
    short: 't',
    choices: ['classic', 'quorum', 'stream'],
    summary: 'Kind of queue (otherwise the broker chooses)',
  },
  ttl: { type: 'duration', summary: 'Throw messages away that wait longer than this' },
  expires: { type: 'duration', summary: 'Delete the queue when nobody has used it for so long' },
  maxLength: { type: 'integer', min: 0, summary: 'Messages that it may hold' },
  maxBytes: { type: 'bytes', summary: 'Bytes of bodies that it may hold' },
  overflow: {
    type: 'choice',
    choices: ['drop-head', 'reject-publish', 'reject-publish-dlx'],
    summary: 'What gives way when it is full',
  },
  maxPriority: { type: 'integer', min: 1, max: 255, summary: 'Highest priority that it tells apart' },
  deadLetterExchange: {
    type: 'string',
    valueName: 'name',
    summary: 'Exchange for messages that are thrown away',
  },
  deadLetterKey: { type: 'string', valueName: 'key', summary: 'Routing key for them, in place of their own' },
  deliveryLimit: {
    type: 'integer',
    min: 0,
    summary: 'Times that a message may come back before it is thrown away',
  },
  singleActiveConsumer: { type: 'boolean', summary: 'Give messages to one consumer at a time' },
} as const satisfies OptionSpecs

export const queueCreate = defineCommand({
  path: ['queue', 'create'],
  aliases: ['declare'],
  summary: 'Create a queue',
  description:
    'Declares a queue; one that is there already in the same form is left as it is. Other arguments than those with an option of their own go with --argument, where 5 and true are a number and a boolean.',
  examples: [
    { text: 'A durable queue', command: 'posthorn queue create orders' },
    {
      text: 'At most a million messages, the oldest give way to a queue for what is lost',
      command:
        'posthorn queue create orders --max-length 1000000 --dead-letter-exchange "" --dead-letter-key lost',
    },
    { text: 'A stream', command: 'posthorn queue create events --type stream -a x-max-age=7D' },
  ],
  arguments: [{ name: 'name', summary: 'Name of the queue', required: true }],
  options: {
    ...amqpOptions,
    ...settingOptions,
    transient: { type: 'boolean', summary: 'Gone after a restart' },
    autoDelete: { type: 'boolean', summary: 'Gone with its last consumer' },
    argument: {
      type: 'string',
      short: 'a',
      repeated: true,
      valueName: 'name=value',
      summary: 'An argument of the declaration: x-max-age=7D',
    },
  },
  columns: {
    name: { type: 'string', summary: 'Name of the queue' },
    created: { type: 'boolean', summary: 'False when it existed already' },
    ready: { type: 'integer', summary: 'Messages that it holds' },
    consumers: { type: 'integer', summary: 'Consumers that it has' },
  },
  result: 'record',
  writes: true,
  async run(context) {
    const { name } = context.arguments
    const { transient, autoDelete, argument } = context.options
    const args = new Map([...argumentsOf(context.options), ...parseFields(argument, '--argument')])
    const row = await withAmqp(context, async ({ connection, channel }) => {
      const before = await depthOf(connection, name)
      const wanted = { queue: name, durable: !transient, autoDelete, arguments: args }
      const answer = await channel.call(QueueDeclare, wanted, QueueDeclareOk)
      const { messageCount: ready, consumerCount: consumers } = answer
      return { name, created: before === undefined, ready, consumers }
    })
    const text = row.created ? `created queue ${name}` : `queue ${name} exists already`
    await context.output.record(row, { text })
  },
})

/** What RabbitMQ calls them. */
function argumentsOf(options: OptionValues<typeof settingOptions>): Map<string, FieldValue> {
  const given: Readonly<Record<string, FieldValue | undefined>> = {
    'x-queue-type': options.type,
    'x-message-ttl': options.ttl,
    'x-expires': options.expires,
    'x-max-length': options.maxLength,
    'x-max-length-bytes': options.maxBytes,
    'x-overflow': options.overflow,
    'x-max-priority': options.maxPriority,
    'x-dead-letter-exchange': options.deadLetterExchange,
    'x-dead-letter-routing-key': options.deadLetterKey,
    'x-delivery-limit': options.deliveryLimit,
    'x-single-active-consumer': options.singleActiveConsumer ? true : undefined,
  }
  const known = Object.entries(given).filter((one): one is [string, FieldValue] => one[1] !== undefined)
  return new Map(known)
}
