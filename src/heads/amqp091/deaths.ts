// Dead letters: what the record says of a message's deaths, as the headers that RabbitMQ's clients know (dead-lettering
// guide, "Effects of Dead-Lettering on Messages"): x-death, and the first and the last death by themselves.

import type { FieldTable, FieldValue } from '../../broker/field-value.ts'

/** All deaths of one message in one queue for one reason. */
export interface Death {
  readonly queue: string
  readonly reason: 'rejected' | 'expired' | 'maxlen' | 'delivery_limit'
  readonly count: number
  /** Of the first of them, ms since 1970. */
  readonly time: number
  /** Where it had been published to, and with which keys. */
  readonly exchange: string
  readonly 'routing-keys': readonly string[]
  /** The expiration that the message had, which is taken away by its death. */
  readonly 'original-expiration'?: string
}

/** Deaths that are looked at in one message. Ours: a cycle of queues ends long before. */
export const DEATHS_MAX = 1000

/** What the record header `amqp.x-death` holds, the latest death first; nothing when it is not ours. */
export function deathsOf(header: Buffer): readonly Death[] {
  const json = parsed(header)
  return Array.isArray(json) ? json.slice(0, DEATHS_MAX).filter(isDeath) : []
}

/** The record header. */
export function deathHeader(deaths: readonly Death[]): Buffer {
  return Buffer.from(JSON.stringify(deaths))
}

/** The headers of a delivery. `deaths` is not empty. */
export function deathFields(deaths: readonly Death[]): FieldTable {
  const fields = new Map<string, FieldValue>([['x-death', deaths.map(tableOf)]])
  const [last] = deaths
  if (last === undefined) return fields
  const first = deaths.reduce((earliest, one) => (one.time <= earliest.time ? one : earliest), last)
  for (const [which, death] of [
    ['first', first],
    ['last', last],
  ] as const) {
    fields.set(`x-${which}-death-queue`, death.queue)
    fields.set(`x-${which}-death-reason`, death.reason)
    fields.set(`x-${which}-death-exchange`, death.exchange)
  }
  return fields
}

/** Whether a header is one of those that tell of deaths. */
export function isDeathField(name: string): boolean {
  return name === 'x-death' || name.startsWith('x-first-death-') || name.startsWith('x-last-death-')
}

/** A count is a 64-bit number to RabbitMQ's clients, however small, which a bigint is. */
function tableOf(death: Death): FieldTable {
  const table = new Map<string, FieldValue>([
    ['count', BigInt(death.count)],
    ['reason', death.reason],
    ['queue', death.queue],
    ['time', new Date(death.time)],
    ['exchange', death.exchange],
    ['routing-keys', death['routing-keys']],
  ])
  const expiration = death['original-expiration']
  if (expiration !== undefined) table.set('original-expiration', expiration)
  return table
}

function parsed(header: Buffer): unknown {
  try {
    return JSON.parse(header.toString('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Anybody may write a record with such a header. */
function isDeath(one: unknown): one is Death {
  if (typeof one !== 'object' || one === null) return false
  const { queue, reason, count, time, exchange, ...rest } = one as Record<string, unknown>
  const keys = rest['routing-keys']
  const expiration = rest['original-expiration']
  return (
    [queue, reason, exchange].every(text => typeof text === 'string') &&
    [count, time].every(number => Number.isSafeInteger(number)) &&
    Array.isArray(keys) &&
    keys.every(key => typeof key === 'string') &&
    (expiration === undefined || typeof expiration === 'string')
  )
}
