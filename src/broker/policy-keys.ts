// The keys that a policy's definition may have: what each must be, and what comes of it where an operator's policy says
// it too. The keys and rules are RabbitMQ's; those that mean nothing here are taken and shown, and do nothing.

import { BrokerError } from './errors.ts'
import type { Json } from './journal.ts'

type Kind = 'natural' | 'positive' | 'text' | 'limit' | 'overflow' | 'strategy' | 'age' | 'any'

/** Names with what their values must be; `operator`: also in an operator's policy. */
const keys: Readonly<Record<string, { readonly kind: Kind; readonly operator?: true }>> = {
  'message-ttl': { kind: 'natural', operator: true },
  expires: { kind: 'positive', operator: true },
  'max-length': { kind: 'natural', operator: true },
  'max-length-bytes': { kind: 'natural', operator: true },
  overflow: { kind: 'overflow', operator: true },
  'dead-letter-exchange': { kind: 'text' },
  'dead-letter-routing-key': { kind: 'text' },
  'dead-letter-strategy': { kind: 'strategy' },
  'delivery-limit': { kind: 'limit', operator: true },
  'alternate-exchange': { kind: 'text' },
  'max-age': { kind: 'age' },
  'consumer-timeout': { kind: 'positive' },
  'max-in-memory-length': { kind: 'natural', operator: true },
  'max-in-memory-bytes': { kind: 'natural', operator: true },
  'target-group-size': { kind: 'positive', operator: true },
  'stream-max-segment-size-bytes': { kind: 'positive' },
  'stream-filter-size-bytes': { kind: 'positive' },
  'initial-cluster-size': { kind: 'positive' },
  'queue-leader-locator': { kind: 'text' },
  'queue-master-locator': { kind: 'text' },
  'queue-version': { kind: 'positive', operator: true },
  'queue-mode': { kind: 'text' },
  'ha-mode': { kind: 'text', operator: true },
  'ha-params': { kind: 'any', operator: true },
  'ha-sync-mode': { kind: 'text', operator: true },
  'ha-sync-batch-size': { kind: 'positive' },
  'ha-promote-on-shutdown': { kind: 'text' },
  'ha-promote-on-failure': { kind: 'text' },
  'federation-upstream': { kind: 'any' },
  'federation-upstream-set': { kind: 'any' },
  'federation-upstream-pattern': { kind: 'any' },
}

/** Where both kinds of policy have one of these, the smaller value counts; of others the operator's. */
const smallest: ReadonlySet<string> = new Set([
  'message-ttl',
  'expires',
  'max-length',
  'max-length-bytes',
  'max-in-memory-length',
  'max-in-memory-bytes',
  'delivery-limit',
])

const flaws: Readonly<Record<Kind, (value: Json) => string | undefined>> = {
  natural: value => (isWhole(value, 0) ? undefined : 'a whole number, 0 or more'),
  positive: value => (isWhole(value, 1) ? undefined : 'a whole number, 1 or more'),
  limit: value => (isWhole(value, -1) ? undefined : 'a whole number, -1 (no limit) or more'),
  text: value => (typeof value === 'string' ? undefined : 'a string'),
  overflow: value => oneOf(value, ['drop-head', 'reject-publish', 'reject-publish-dlx']),
  strategy: value => oneOf(value, ['at-most-once', 'at-least-once']),
  age: value =>
    typeof value === 'string' && /^\d+[YMDhms]$/.test(value)
      ? undefined
      : 'a number and one of Y, M, D, h, m, s',
  any: () => undefined,
}

export type PolicyDefinition = Readonly<Record<string, Json>>

/** Errors: ARGUMENT_INVALID. */
export function checkDefinition(definition: PolicyDefinition, kind: 'user' | 'operator'): void {
  const entries = Object.entries(definition)
  if (entries.length === 0) throw invalid('the definition of a policy must not be empty')
  for (const [name, value] of entries) {
    const key = Object.hasOwn(keys, name) ? keys[name] : undefined
    if (key === undefined || (kind === 'operator' && !key.operator))
      throw invalid(
        `'${name.slice(0, 80)}' is not a recognised ${kind === 'operator' ? 'operator ' : ''}policy setting`,
      )
    const wanted = flaws[key.kind](value)
    if (wanted !== undefined)
      throw invalid(`${name} must be ${wanted}; it is ${JSON.stringify(value).slice(0, 80)}`)
  }
}

/** Both definitions as one. */
export function mergeDefinitions(
  policy: PolicyDefinition | undefined,
  operator: PolicyDefinition | undefined,
): PolicyDefinition {
  const merged: Record<string, Json> = { ...policy }
  for (const [name, value] of Object.entries(operator ?? {})) {
    const own = merged[name]
    merged[name] = smallest.has(name) && own !== undefined ? smaller(own, value) : value
  }
  return merged
}

/** -1 is no limit. */
function smaller(a: Json, b: Json): Json {
  if (typeof a !== 'number' || a < 0) return b
  return typeof b !== 'number' || b < 0 ? a : Math.min(a, b)
}

function isWhole(value: Json, least: number): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least
}

function oneOf(value: Json, allowed: readonly string[]): string | undefined {
  return allowed.some(one => one === value) ? undefined : `one of ${allowed.join(', ')}`
}

function invalid(message: string): BrokerError {
  return new BrokerError('ARGUMENT_INVALID', message)
}
