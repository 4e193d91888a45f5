// The random exchange (RabbitMQ's `x-random`, and `x-local-random`, which is the same where there is one node): each
// message goes to one destination, any.

import type { FieldTable } from '../field-value.ts'
import { Destinations } from './destinations.ts'
import type { Collector, Routed, Router } from './router.ts'

export class RandomRouter<D> implements Router<D> {
  readonly #bound = new Destinations<D>()
  readonly #list: D[] = []
  readonly #places = new Map<D, number>()
  readonly #random: () => number
  #size = 0

  /** `random` gives numbers in [0, 1). */
  constructor(random: () => number) {
    this.#random = random
  }

  get size(): number {
    return this.#size
  }

  bind(_key: string, _args: FieldTable, to: D): void {
    this.#size++
    if (!this.#bound.add(to)) return
    this.#places.set(to, this.#list.length)
    this.#list.push(to)
  }

  unbind(_key: string, _args: FieldTable, to: D): void {
    if (!this.#bound.has(to)) return
    this.#size--
    if (this.#bound.remove(to)) this.#takeOut(to)
  }

  route(_message: Routed, into: Collector<D>): void {
    const to = this.#list[Math.floor(this.#random() * this.#list.length)]
    if (to !== undefined) into.add(to)
  }

  /** The last one takes the place. */
  #takeOut(to: D): void {
    const place = this.#places.get(to)
    const last = this.#list.pop()
    this.#places.delete(to)
    if (place === undefined || last === undefined || last === to) return
    this.#list[place] = last
    this.#places.set(last, place)
  }
}
