// A message of a queue: a stored record, and what the broker itself acts on. Those facts travel as record headers whose
// names begin with `posthorn.`, as decimal text, so that they survive a restart and any Kafka tool can read them.

import type { Offset } from '../../log/index.ts'
import type { NewRecord } from '../../log/record/builder.ts'
import type { LogRecord, RecordHeader } from '../../log/record/records.ts'

/** What a publisher asks of the queues that its message goes to. */
export interface Publication {
  readonly record: NewRecord
  /** Ms that the message may wait in a queue; the queue's own limit counts too when it is shorter. */
  readonly ttlMs?: number | undefined
  /** Not before this time, ms since 1970. */
  readonly deliverAt?: number | undefined
  /** Higher ones first, in queues that have priorities; 0 is the default. */
  readonly priority?: number | undefined
  /** Messages of one group are delivered one after the other, in queues that have groups. */
  readonly groupId?: string | undefined
  /** A second message with this id is dropped within the window, in queues that have one. */
  readonly dedupId?: string | undefined
  /** Asks for a queue that survives a restart. */
  readonly persistent?: boolean | undefined
}

/** Told once what became of a publication, by every queue that it went to. */
export interface Receipt {
  /** Without an error it is as durable as the queue keeps it. */
  done(error?: unknown): void
}

/** A message as its consumers get it. Buffers are borrowed: copy what outlives the delivery. */
export interface Message {
  readonly offset: Offset
  /** Ms since 1970, -1 for none. */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RecordHeader[]
  /** Ms since 1970; Infinity when it does not expire. */
  readonly expiresAt: number
  readonly groupId: string | undefined
  readonly dedupId: string | undefined
}

/** Names of the headers that hold the broker's facts. */
export const factHeaders = {
  expiresAt: 'posthorn.expires-at',
  groupId: 'posthorn.group',
  dedupId: 'posthorn.dedup',
} as const

/** What the names of all headers that only the broker reads begin with. */
export const FACT_PREFIX = 'posthorn.'

/** What a queue adds to a publication; undefined and Infinity stand for nothing. */
export interface Facts {
  readonly expiresAt: number
  readonly groupId: string | undefined
  readonly dedupId: string | undefined
}

/** The record to store: the publication's own, with the facts as headers after its others. */
export function withFacts(record: NewRecord, facts: Facts): NewRecord {
  const { expiresAt, groupId, dedupId } = facts
  if (expiresAt === Number.POSITIVE_INFINITY && groupId === undefined && dedupId === undefined) return record
  const headers = [...(record.headers ?? [])]
  if (expiresAt !== Number.POSITIVE_INFINITY) headers.push(header(factHeaders.expiresAt, String(expiresAt)))
  if (groupId !== undefined) headers.push(header(factHeaders.groupId, groupId))
  if (dedupId !== undefined) headers.push(header(factHeaders.dedupId, dedupId))
  return { ...record, headers }
}

/** When messages expire that have no time of their own. */
export interface Expiries {
  /** By the message's timestamp, both in ms since 1970; Infinity for never. */
  expiryOf(timestamp: number): number
}

/** A message of what was stored. */
export function messageOf(record: LogRecord, expiries: Expiries): Message {
  let expiresAt = -1
  let groupId: string | undefined
  let dedupId: string | undefined
  for (const { key, value } of record.headers) {
    if (!key.startsWith(FACT_PREFIX)) continue
    const text = value?.toString() ?? ''
    if (key === factHeaders.expiresAt) expiresAt = timeOf(text, expiresAt)
    else if (key === factHeaders.groupId) groupId = text
    else if (key === factHeaders.dedupId) dedupId = text
  }
  const { offset, timestamp, key, value, headers } = record
  if (expiresAt < 0) expiresAt = expiries.expiryOf(timestamp)
  return { offset, timestamp, key, value, headers, expiresAt, groupId, dedupId }
}

/** A message of what is being stored, for consumers that wait for it. */
export function messageOfNew(offset: Offset, record: NewRecord, facts: Facts): Message {
  const { timestamp, key = null, value, headers = [] } = record
  const { expiresAt, groupId, dedupId } = facts
  return { offset, timestamp, key, value, headers, expiresAt, groupId, dedupId }
}

/** The headers without the broker's facts: what is passed on when a message moves. */
export function plainHeaders(headers: readonly RecordHeader[]): readonly RecordHeader[] {
  return headers.some(({ key }) => key.startsWith(FACT_PREFIX))
    ? headers.filter(({ key }) => !key.startsWith(FACT_PREFIX))
    : headers
}

/** Bytes of the body. */
export function bodyBytes({ value }: { readonly value: Buffer | null }): number {
  return value?.length ?? 0
}

function header(key: string, text: string): RecordHeader {
  return { key, value: Buffer.from(text) }
}

/** Anybody can write these headers through Kafka: what is no time does not count. */
function timeOf(text: string, otherwise: number): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : otherwise
}
