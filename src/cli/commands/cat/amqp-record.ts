// A message of AMQP as `cat` prints it: the fields of a record, so that formats and rows are the same for all protocols.
// The topic is the queue, the key the routing key; properties are headers named `amqp.`, as Posthorn stores them.

import type { FieldValue } from '../../../broker/field-value.ts'
import type { Delivered } from '../../amqp/channel.ts'
import { plainJson } from '../../amqp/fields.ts'
import type { ConsumedRecord } from '../../kafka/rows.ts'
import { jsonText } from '../../output/columns.ts'

const OFFSET = 'x-stream-offset'

/** The offset of a message is its place in the stream; of a queue it is -1. */
export function recordOf(
  { exchange, routingKey, properties, body }: Delivered,
  queue: string,
): ConsumedRecord {
  const { headers = new Map<string, FieldValue>(), timestamp, ...others } = properties.values()
  const offset = headers.get(OFFSET)
  const given = Object.entries(others).flatMap(([name, value]) =>
    value === undefined ? [] : [{ key: `amqp.${kebab(name)}`, value: bytesOf(value as FieldValue) }],
  )
  return {
    topic: queue,
    partition: 0,
    offset: typeof offset === 'number' ? offset : -1,
    timestamp: timestamp === undefined ? -1 : Number(timestamp) * 1000,
    key: Buffer.from(routingKey),
    value: body,
    headers: [
      ...[...headers].map(([key, value]) => ({ key, value: bytesOf(value) })),
      ...(exchange === '' ? [] : [{ key: 'amqp.exchange', value: Buffer.from(exchange) }]),
      ...given,
    ],
  }
}

function bytesOf(value: FieldValue): Buffer | null {
  if (value === null || Buffer.isBuffer(value)) return value
  if (value instanceof Date) return Buffer.from(value.toISOString())
  return Buffer.from(typeof value === 'object' ? jsonText(plainJson(value)) : String(value))
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}
