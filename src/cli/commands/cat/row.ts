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
  encoding: { type: 'string', summary: 'utf8, or base64 for key, value and headers that are not text' },
} as const satisfies Columns

/** The row of a record. */
export function rowOf(record: ConsumedRecord) {
  const { topic, partition, offset, timestamp, key, value, headers } = record
  const encoding: 'utf8' | 'base64' = [key, value, ...headers.map(one => one.value)].every(isText)
    ? 'utf8'
    : 'base64'
  return {
    topic,
    partition,
    offset,
    timestamp: timestamp < 0 ? null : timestamp,
    key: key?.toString(encoding) ?? null,
    value: value?.toString(encoding) ?? null,
    headers: headers.map(one => ({ key: one.key, value: one.value?.toString(encoding) ?? null })),
    encoding,
  }
}

function isText(bytes: Buffer | null): boolean {
  return bytes === null || isUtf8(bytes)
}
