// The fanout exchange (AMQP 0-9-1 section 3.1.3.2): a message goes to everything that is bound.

import type { FieldTable } from '../field-value.ts'
import { Destinations } from './destinations.ts'
import type { Collector, Routed, Router } from './router.ts'

export class FanoutRouter<D> implements Router<D> {
  readonly #bound = new Destinations<D>()
  #size = 0

  get size(): number {
    return this.#size
  }

  bind(_key: string, _args: FieldTable, to: D): void {
    this.#bound.add(to)
    this.#size++
  }

  unbind(_key: string, _args: FieldTable, to: D): void {
    if (!this.#bound.has(to)) return
    this.#bound.remove(to)
    this.#size--
  }

  route(_message: Routed, into: Collector<D>): void {
    this.#bound.gather(into)
  }
}
