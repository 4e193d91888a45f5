// A message as a row for programs: text where the body is UTF-8, otherwise base64, and `encoding` says which.

import { isUtf8 } from 'node:buffer'
import type { PropertyValues } from '../../heads/amqp091/wire/properties.ts'
import type { Columns, Json, RowOf } from '../output/columns.ts'
import type { Delivered } from './channel.ts'
import { fieldsJson } from './fields.ts'

export const messageColumns = {
  exchange: {
    type: 'string',
    summary: 'Exchange that it was published to; empty for the default one',
    wide: true,
  },
  routingKey: { type: 'string', summary: 'Routing key that it was published with' },
  redelivered: { type: 'boolean', summary: 'It was given out before', wide: true },
  properties: { type: 'json', summary: 'Properties that it has, headers aside' },
  headers: { type: 'json', summary: 'Headers' },
  body: { type: 'string', summary: 'Body' },
  encoding: { type: 'string', summary: 'utf8, or base64 for a body that is not text', wide: true },
} as const satisfies Columns

export type MessageRow = RowOf<typeof messageColumns>

/** The row of a message that came over AMQP. */
export function messageRow({ exchange, routingKey, redelivered, properties, body }: Delivered): MessageRow {
  const { headers, ...others } = properties.values()
  const encoding: 'utf8' | 'base64' = isUtf8(body) ? 'utf8' : 'base64'
  return {
    exchange,
    routingKey,
    redelivered,
    properties: propertiesJson(others),
    headers: headers === undefined ? {} : fieldsJson(headers),
    body: body.toString(encoding),
    encoding,
  }
}

function propertiesJson(values: PropertyValues): { readonly [name: string]: Json } {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value instanceof Map ? {} : (value as Json)]),
  )
}
