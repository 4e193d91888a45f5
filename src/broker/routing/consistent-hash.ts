// The consistent hash exchange of RabbitMQ's plugin: each message goes to one destination, the same for the same
// routing key (or header, or property, by the exchange's arguments), with shares by weight. The binding key is the
// weight.
// Done by weighted rendezvous hashing: each destination draws a number from the key, the best wins. A new destination
// takes keys only from others to itself, one that goes gives its keys to all; shares are exact for any weight, which
// a ring of points reaches only with very many of them. The cost is the number of destinations.

import { type FieldTable, type FieldValue, fieldValueToJson } from '../field-value.ts'
import { joinHashes, textHash } from './hash.ts'
import type { Collector, HashedProperty, Routed, Router } from './router.ts'

/** What `hash-property` may name. */
export const hashedProperties: readonly HashedProperty[] = ['message_id', 'correlation_id', 'timestamp']

interface Candidate<D> {
  readonly to: D
  readonly hash: number
  weight: number
  bindings: number
}

export class ConsistentHashRouter<D> implements Router<D> {
  readonly #candidates = new Map<D, Candidate<D>>()
  readonly #textOf: (message: Routed) => string
  readonly #nameOf: (to: D) => string
  #size = 0

  constructor(args: FieldTable, nameOf: (to: D) => string) {
    this.#textOf = hashedText(args)
    this.#nameOf = nameOf
  }

  get size(): number {
    return this.#size
  }

  bind(key: string, _args: FieldTable, to: D): void {
    let candidate = this.#candidates.get(to)
    if (candidate === undefined) {
      candidate = { to, hash: textHash(this.#nameOf(to)), weight: 0, bindings: 0 }
      this.#candidates.set(to, candidate)
    }
    candidate.weight += weightOf(key) ?? 0
    candidate.bindings++
    this.#size++
  }

  unbind(key: string, _args: FieldTable, to: D): void {
    const candidate = this.#candidates.get(to)
    if (candidate === undefined) return
    candidate.weight -= weightOf(key) ?? 0
    this.#size--
    if (--candidate.bindings === 0) this.#candidates.delete(to)
  }

  route(message: Routed, into: Collector<D>): void {
    if (this.#size === 0) return
    const key = textHash(this.#textOf(message))
    let best: Candidate<D> | undefined
    let least = Number.POSITIVE_INFINITY
    for (const candidate of this.#candidates.values()) {
      // An exponential draw with the weight as its rate: the least of several is each one's with chance by weight.
      const draw = -Math.log((joinHashes(key, candidate.hash) + 0.5) / 0x1_0000_0000) / candidate.weight
      if (draw >= least) continue
      least = draw
      best = candidate
    }
    if (best !== undefined) into.add(best.to)
  }
}

/** The weight that a binding key says, undefined when it is none. */
export function weightOf(key: string): number | undefined {
  if (!/^\d{1,9}$/.test(key)) return undefined
  const weight = Number(key)
  return weight < 1 ? undefined : weight
}

function hashedText(args: FieldTable): (message: Routed) => string {
  const header = args.get('hash-header')
  if (typeof header === 'string') return message => textOf(message.headers.get(header))
  const property = hashedProperties.find(one => one === args.get('hash-property'))
  if (property !== undefined) return message => message.property?.(property) ?? ''
  return message => message.routingKey
}

/** Messages without the header are alike, as RabbitMQ has it. */
function textOf(value: FieldValue | undefined): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(fieldValueToJson(value))
}
