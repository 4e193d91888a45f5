// The headers exchange (AMQP 0-9-1 section 3.1.3.4, with RabbitMQ's x-match values): a binding's arguments are compared
// with the message's headers by type and value; an argument without value asks only that the header is there.
// Bindings with equal arguments are compared once. Different ones are tried in turn: the cost is their number.

import { type FieldTable, type FieldValue, sameFieldValue } from '../field-value.ts'
import { Destinations } from './destinations.ts'
import { fieldsKey } from './fields-key.ts'
import type { Collector, Routed, Router } from './router.ts'

/** What x-match may say; the first is what its absence means. */
export const headerMatches = ['all', 'any', 'all-with-x', 'any-with-x'] as const

interface Condition<D> {
  readonly every: boolean
  readonly wanted: readonly (readonly [string, FieldValue])[]
  readonly bound: Destinations<D>
}

export class HeadersRouter<D> implements Router<D> {
  readonly #conditions = new Map<string, Condition<D>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  bind(_key: string, args: FieldTable, to: D): void {
    const name = fieldsKey(args)
    const condition = this.#conditions.get(name) ?? conditionOf<D>(args)
    condition.bound.add(to)
    this.#conditions.set(name, condition)
    this.#size++
  }

  unbind(_key: string, args: FieldTable, to: D): void {
    const name = fieldsKey(args)
    const condition = this.#conditions.get(name)
    if (condition === undefined || !condition.bound.has(to)) return
    condition.bound.remove(to)
    this.#size--
    if (condition.bound.size === 0) this.#conditions.delete(name)
  }

  route(message: Routed, into: Collector<D>): void {
    if (this.#size === 0) return
    const { headers } = message
    for (const condition of this.#conditions.values())
      if (meets(headers, condition)) condition.bound.gather(into)
  }
}

/** Whether a binding's x-match is one that exists. */
export function isHeaderMatch(value: FieldValue | undefined): boolean {
  return value === undefined || headerMatches.some(one => one === value)
}

function conditionOf<D>(args: FieldTable): Condition<D> {
  const match = String(args.get('x-match') ?? 'all')
  const withX = match.endsWith('-with-x')
  return {
    every: match.startsWith('all'),
    wanted: [...args].filter(([name]) => name !== 'x-match' && (withX || !name.startsWith('x-'))),
    bound: new Destinations(),
  }
}

function meets<D>(headers: FieldTable, { every, wanted }: Condition<D>): boolean {
  for (const [name, value] of wanted) {
    const matches = headers.has(name) && (value === null || sameFieldValue(value, headers.get(name)))
    if (matches !== every) return matches
  }
  return every
}
