// Where a consumer of a stream begins, and what it wants of it: the arguments x-stream-offset, x-stream-filter and
// x-stream-match-unfiltered (RabbitMQ's streams guide).

import type { FieldTable, FieldValue } from '../../broker/field-value.ts'
import type { Message } from '../../broker/queues/message.ts'
import type { StreamOffset } from '../../broker/queues/stream.ts'
import { AmqpError } from './errors.ts'

/** The header by which a message is filtered. */
export const FILTER_HEADER = 'x-stream-filter-value'

/** Without the argument a consumer gets what comes from now on. Errors: PRECONDITION_FAILED. */
export function startOf(args: FieldTable, nowMs: number): StreamOffset {
  const value = args.get('x-stream-offset')
  if (value === undefined || value === null) return { at: 'next' }
  if (value === 'first' || value === 'last' || value === 'next') return { at: value }
  if (typeof value === 'number' || typeof value === 'bigint') return offsetOf(Number(value))
  if (value instanceof Date) return { at: 'time', timeMs: value.getTime() }
  const ms = typeof value === 'string' ? intervalMs(value) : undefined
  if (ms !== undefined) return { at: 'time', timeMs: nowMs - ms }
  throw new AmqpError(
    'PRECONDITION_FAILED',
    `invalid x-stream-offset '${String(value)}': first, last, next, an offset, a timestamp or an interval such as 1h is wanted`,
  )
}

/** What the consumer wants of the stream; undefined for everything. Errors: PRECONDITION_FAILED. */
export function filterOf(args: FieldTable): ((message: Message) => boolean) | undefined {
  const value = args.get('x-stream-filter')
  if (value === undefined || value === null) return undefined
  const wanted = new Set(Array.isArray(value) ? value.map(text) : [text(value)])
  const takesUnfiltered = args.get('x-stream-match-unfiltered') === true
  return ({ headers }) => {
    const found = headers.find(({ key }) => key === FILTER_HEADER)
    return found === undefined ? takesUnfiltered : wanted.has(found.value?.toString() ?? '')
  }
}

function text(value: FieldValue): string {
  if (typeof value === 'string') return value
  throw new AmqpError('PRECONDITION_FAILED', 'invalid x-stream-filter: a text or a list of texts is wanted')
}

function offsetOf(offset: number): StreamOffset {
  if (Number.isSafeInteger(offset) && offset >= 0) return { at: 'offset', offset }
  throw new AmqpError('PRECONDITION_FAILED', `invalid x-stream-offset ${offset}: it is at least 0`)
}

const unitMs: Readonly<Record<string, number>> = {
  Y: 365 * 86_400_000,
  M: 30 * 86_400_000,
  D: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
}

function intervalMs(value: string): number | undefined {
  const match = /^(\d{1,9})([YMDhms])$/.exec(value)
  const unit = unitMs[match?.[2] ?? '']
  return match?.[1] === undefined || unit === undefined ? undefined : Number(match[1]) * unit
}
