// Looking at messages without taking them. Posthorn has a route for it that touches nothing. RabbitMQ has none: there
// messages are got and put back, which marks them as redelivered and counts towards a delivery limit.

import { isUtf8 } from 'node:buffer'
import type { MessageRow } from '../amqp/message-row.ts'
import type { Json } from '../output/columns.ts'
import { type Management, ManagementFault } from './client.ts'
import { number, rows, text } from './views.ts'

/**
 * What a server without our route answers: RabbitMQ 3.10 says 400 to a path that it does not know. A queue that is not
 * there is told by the second question.
 */
const lacking: ReadonlySet<number> = new Set([400, 404, 405])

/** A message as it lies in its queue. */
export interface BrowsedRow extends MessageRow {
  /** Null where the server has none. */
  readonly offset: number | null
  readonly timestamp: number | null
}

/** The first messages of a queue. `touched` is called when they had to be got and put back. */
export async function browse(
  api: Management,
  queue: string,
  count: number,
  touched: () => void,
): Promise<BrowsedRow[]> {
  const what = `queue ${queue}`
  const path = ['queues', api.vhost, queue]
  try {
    return rows(await api.get(what, [...path, 'messages'], `?count=${count}`)).map(rowOf)
  } catch (error) {
    if (!(error instanceof ManagementFault) || !lacking.has(error.status)) throw error
  }
  const found = await api.post(what, [...path, 'get'], {
    count,
    ackmode: 'ack_requeue_true',
    encoding: 'auto',
  })
  touched()
  return rows(found).map(rowOf)
}

function rowOf(fields: Readonly<Record<string, Json | undefined>>): BrowsedRow {
  const { properties: all } = fields
  const { headers = {}, ...properties } = isObject(all) ? all : {}
  const isBase64 = fields.payload_encoding === 'base64'
  const body = text(fields.payload)
  return {
    offset: number(fields.offset),
    timestamp: number(fields.timestamp),
    exchange: text(fields.exchange),
    routingKey: text(fields.routing_key),
    redelivered: fields.redelivered === true,
    properties,
    headers: isObject(headers) ? headers : {},
    ...(isBase64 ? textOf(body) : { body, encoding: 'utf8' }),
  }
}

/** RabbitMQ sends base64 only for what is no text, others may send it always. */
function textOf(base64: string): { readonly body: string; readonly encoding: string } {
  const bytes = Buffer.from(base64, 'base64')
  return isUtf8(bytes) ? { body: bytes.toString(), encoding: 'utf8' } : { body: base64, encoding: 'base64' }
}

function isObject(value: Json | undefined): value is { readonly [name: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
