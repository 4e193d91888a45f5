// Dead letters: what the record says of a message's deaths, as the headers that RabbitMQ's clients know (dead-lettering
// guide, "Effects of Dead-Lettering on Messages"): x-death, and the first and the last death by themselves.

import type { FieldTable, FieldValue } from '../../broker/field-value.ts'
import type { Death } from '../../broker/queues/deaths.ts'

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
