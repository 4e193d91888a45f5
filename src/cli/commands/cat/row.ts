// A consumed record for programs: texts where key, value and headers are all UTF-8, otherwise all of them in base64, and
// `encoding` says which, so that no byte is lost.

import { isUtf8 } from 'node:buffer'
import type { ConsumedRecord } from '../../kafka/rows.ts'
import type { Columns } from '../../output/columns.ts'

export const recordColumns = {
  topic: { type: 'string', summary: 'Name of the topic' },
  partition: { type: 'integer', summary: 'Number of the partition' },
  offset: { type: 'integer', summary: 'Offset of the record' },
  timestamp: { type: 'time', summary: 'When it was made, or stored', nullable: true },
  key: { type: 'string', summary: 'Key', nullable: true },
  value: { type: 'string', summary: 'Value; null for a deletion in a compacted topic', nullable: true },
  headers: { type: 'json', summary: 'Headers in their order, as objects of key and value' },
  encoding: {
    type: 'string',
    summary: 'utf8, or base64 for key, value, headers and parts that are not text',
  },
  parts: { type: 'json', summary: 'Of sockets: all parts of the message', nullable: true },
} as const satisfies Columns

/** A record, or a message of a socket: then key and value are its first and last part. */
export type CatRecord = ConsumedRecord & { readonly parts?: readonly Buffer[] }

/** The row of a record. */
export function rowOf(record: CatRecord) {
  const { topic, partition, offset, timestamp, key, value, headers, parts } = record
  const texts = [key, value, ...headers.map(one => one.value), ...(parts ?? [])]
  const encoding: 'utf8' | 'base64' = texts.every(isText) ? 'utf8' : 'base64'
  return {
    topic,
    partition,
    offset,
    timestamp: timestamp < 0 ? null : timestamp,
    key: key?.toString(encoding) ?? null,
    value: value?.toString(encoding) ?? null,
    headers: headers.map(one => ({ key: one.key, value: one.value?.toString(encoding) ?? null })),
    encoding,
    parts: parts?.map(part => part.toString(encoding)) ?? null,
  }
}

function isText(bytes: Buffer | null): boolean {
  return bytes === null || isUtf8(bytes)
}
