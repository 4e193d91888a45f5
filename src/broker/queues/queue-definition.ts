// What a queue was declared as, and how that is kept.

import { type FieldTable, fieldsFromJson, fieldsToJson } from '../field-value.ts'
import type { Json } from '../journal.ts'
import type { QueueType } from './queue-settings.ts'

/** As it is kept in the metadata log. */
export interface QueueDefinition {
  readonly vhost: string
  readonly name: string
  readonly type: QueueType
  readonly durable: boolean
  readonly autoDelete: boolean
  /** Of one connection, with which it goes. */
  readonly exclusive: boolean
  readonly arguments: FieldTable
  /** Ms since 1970. */
  readonly createdAt: number
  /** Some message came with a time to live of its own. */
  readonly hasExpiring: boolean
}

/** Whether the queue is there after a restart. */
export function isKept({ durable, exclusive }: Pick<QueueDefinition, 'durable' | 'exclusive'>): boolean {
  return durable && !exclusive
}

/** For the metadata log. */
export function definitionToJson({ arguments: args, ...rest }: QueueDefinition): Json {
  return { ...rest, arguments: fieldsToJson(args) }
}

export function definitionFromJson(json: Json): QueueDefinition {
  const stored = json as unknown as Omit<QueueDefinition, 'arguments'> & { readonly arguments: Json }
  const { vhost, name, type, durable, autoDelete, exclusive, createdAt, hasExpiring } = stored
  const args = fieldsFromJson(stored.arguments)
  return { vhost, name, type, durable, autoDelete, exclusive, arguments: args, createdAt, hasExpiring }
}
