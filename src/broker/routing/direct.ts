// The direct exchange (AMQP 0-9-1 section 3.1.3.1): a message goes where its routing key is the binding key.

import type { FieldTable } from '../field-value.ts'
import { Destinations } from './destinations.ts'
import type { Collector, Routed, Router } from './router.ts'

export class DirectRouter<D> implements Router<D> {
  readonly #byKey = new Map<string, Destinations<D>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  bind(key: string, _args: FieldTable, to: D): void {
    const bound = this.#byKey.get(key) ?? new Destinations<D>()
    bound.add(to)
    this.#byKey.set(key, bound)
    this.#size++
  }

  unbind(key: string, _args: FieldTable, to: D): void {
    const bound = this.#byKey.get(key)
    if (bound === undefined || !bound.has(to)) return
    bound.remove(to)
    this.#size--
    if (bound.size === 0) this.#byKey.delete(key)
  }

  route(message: Routed, into: Collector<D>): void {
    this.gather(message.routingKey, into)
  }

  gather(routingKey: string, into: Collector<D>): void {
    this.#byKey.get(routingKey)?.gather(into)
  }
}
