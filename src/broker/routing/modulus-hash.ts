// The modulus hash exchange of RabbitMQ's sharding plugin: each message goes to one destination, by the hash of its
// routing key modulo their number. Even shares, whatever the binding keys; a destination more or less moves most keys.

import type { FieldTable } from '../field-value.ts'
import { Destinations } from './destinations.ts'
import { textHash } from './hash.ts'
import type { Collector, Routed, Router } from './router.ts'

export class ModulusHashRouter<D> implements Router<D> {
  readonly #bound = new Destinations<D>()
  readonly #nameOf: (to: D) => string
  /** In the order of their names, so that a restart changes nothing. */
  #sorted: D[] = []
  #size = 0

  constructor(nameOf: (to: D) => string) {
    this.#nameOf = nameOf
  }

  get size(): number {
    return this.#size
  }

  bind(_key: string, _args: FieldTable, to: D): void {
    this.#size++
    if (!this.#bound.add(to)) return
    const name = this.#nameOf(to)
    const at = this.#sorted.findIndex(one => this.#nameOf(one) > name)
    this.#sorted.splice(at === -1 ? this.#sorted.length : at, 0, to)
  }

  unbind(_key: string, _args: FieldTable, to: D): void {
    if (!this.#bound.has(to)) return
    this.#size--
    if (this.#bound.remove(to)) this.#sorted = this.#sorted.filter(one => one !== to)
  }

  route({ routingKey }: Routed, into: Collector<D>): void {
    const to = this.#sorted[textHash(routingKey) % this.#sorted.length]
    if (to !== undefined) into.add(to)
  }
}
