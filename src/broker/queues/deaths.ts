// Why a message was dead-lettered, and how often: a history that travels with it as the record header `amqp.x-death`,
// JSON, the latest first. One entry stands for each queue and reason, as RabbitMQ keeps them.

import type { RecordHeader } from '../../log/record/records.ts'
import type { DiscardReason } from './subscription.ts'

export const DEATHS_HEADER = 'amqp.x-death'

export interface Death {
  readonly queue: string
  readonly reason: DiscardReason
  readonly count: number
  /** Of the first time, ms since 1970. */
  readonly time: number
  readonly exchange: string
  readonly 'routing-keys': readonly string[]
  /** The message's own time to live, which it loses; decimal ms. */
  readonly 'original-expiration'?: string
}

/** Most entries that are kept of one message; the oldest go. */
const DEATHS_MAX = 64

/** What the headers tell; nothing where they are not of the broker's making. */
export function deathsOf(headers: readonly RecordHeader[]): readonly Death[] {
  return deathsIn(headers.find(({ key }) => key === DEATHS_HEADER)?.value ?? null)
}

/** What the header's value tells. */
export function deathsIn(value: Buffer | null): readonly Death[] {
  if (value === null) return []
  try {
    const list: unknown = JSON.parse(value.toString())
    return Array.isArray(list) ? list.slice(0, DEATHS_MAX).filter(isDeath) : []
  } catch (error) {
    if (error instanceof SyntaxError) return [] // anybody can write the header through Kafka
    throw error
  }
}

/** The header's value. */
export function deathsValue(deaths: readonly Death[]): Buffer {
  return Buffer.from(JSON.stringify(deaths))
}

/** The headers with one more death. */
export function withDeath(
  headers: readonly RecordHeader[],
  death: Omit<Death, 'count'>,
): readonly RecordHeader[] {
  const known = deathsOf(headers)
  const same = known.find(one => one.queue === death.queue && one.reason === death.reason)
  const fresh = same === undefined ? { ...death, count: 1 } : { ...same, count: same.count + 1 }
  const list = [fresh, ...known.filter(one => one !== same)].slice(0, DEATHS_MAX)
  return [
    ...headers.filter(({ key }) => key !== DEATHS_HEADER),
    { key: DEATHS_HEADER, value: deathsValue(list) },
  ]
}

/** Whether the message would go round for ever: it was in the queue before, and nobody rejected it on its way. */
export function isCycle(deaths: readonly Death[], queue: string): boolean {
  const at = deaths.findIndex(one => one.queue === queue)
  return at >= 0 && deaths.slice(0, at + 1).every(one => one.reason !== 'rejected')
}

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
