// Binding and unbinding, of queues and of exchanges: two pairs of methods that say the same.

import type { FieldTable } from '../../broker/field-value.ts'
import * as wire from '../../heads/amqp091/wire/index.ts'
import type { OptionSpecs } from '../option.ts'
import type { Channel } from './channel.ts'

export const bindingOptions = {
  key: {
    type: 'string',
    short: 'k',
    repeated: true,
    summary: 'Routing key, or pattern of a topic exchange; empty unless given',
  },
  to: {
    type: 'choice',
    choices: ['queue', 'exchange'],
    default: 'queue',
    summary: 'What the destination is',
  },
  argument: {
    type: 'string',
    short: 'a',
    repeated: true,
    valueName: 'name=value',
    summary: 'An argument: x-match=any, or a header that must match',
  },
} as const satisfies OptionSpecs

export interface Binding {
  readonly source: string
  readonly destination: string
  readonly destinationType: 'queue' | 'exchange'
  readonly routingKey: string
  readonly arguments: FieldTable
}

/** Errors: AmqpFault. */
export async function bind(channel: Channel, binding: Binding): Promise<void> {
  const { source, destination, routingKey, arguments: args } = binding
  if (binding.destinationType === 'exchange')
    await channel.call(
      wire.ExchangeBind,
      { source, destination, routingKey, arguments: args },
      wire.ExchangeBindOk,
    )
  else
    await channel.call(
      wire.QueueBind,
      { exchange: source, queue: destination, routingKey, arguments: args },
      wire.QueueBindOk,
    )
}

/** Errors: AmqpFault. */
export async function unbind(channel: Channel, binding: Binding): Promise<void> {
  const { source, destination, routingKey, arguments: args } = binding
  if (binding.destinationType === 'exchange')
    await channel.call(
      wire.ExchangeUnbind,
      { source, destination, routingKey, arguments: args },
      wire.ExchangeUnbindOk,
    )
  else
    await channel.call(
      wire.QueueUnbind,
      { exchange: source, queue: destination, routingKey, arguments: args },
      wire.QueueUnbindOk,
    )
}
