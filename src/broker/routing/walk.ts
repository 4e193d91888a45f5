// The way of one message: from an exchange over its bindings to queues and to further exchanges, each exchange once,
// so that circles end. An exchange that routes a message nowhere hands it to its alternate exchange, as RabbitMQ does,
// wherever on the way it stands.
// One walk serves all messages, one after the other: nothing is allocated but what the caller brings.

import type { FieldTable } from '../field-value.ts'
import type { Exchange, Target } from './exchange.ts'
import type { Collector, HashedProperty, Routed } from './router.ts'
import type { Topology } from './topology.ts'

/** A message as it is published: CC and BCC bring further routing keys. */
export interface Published extends Routed {
  /** Routing keys besides `routingKey`. */
  readonly routingKeys?: readonly string[]
}

const nothing: Published = { routingKey: '', headers: new Map() }

export class Walk<Q> implements Collector<Target<Q>>, Routed {
  readonly #queueOf: (vhost: string, name: string) => Q | undefined
  readonly #pending: Exchange<Q>[] = []
  #number = 0
  #reached = 0
  readonly #nowhere = new Set<Q>()
  #into = this.#nowhere
  #message = nothing
  /** The key of the message that is looked at now. */
  routingKey = ''

  constructor(queueOf: (vhost: string, name: string) => Q | undefined) {
    this.#queueOf = queueOf
  }

  get headers(): FieldTable {
    return this.#message.headers
  }

  property(name: HashedProperty): string | undefined {
    return this.#message.property?.(name)
  }

  /** Puts the queues that the message goes to into the set. */
  run(topology: Topology<Q>, start: Exchange<Q>, message: Published, into: Set<Q>): void {
    this.#number++
    this.#message = message
    this.#into = into
    this.#visit(start)
    try {
      for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop())
        this.#pass(topology, next)
    } finally {
      this.#pending.length = 0
      this.#message = nothing
      this.#into = this.#nowhere
    }
  }

  /** A router found this. */
  add(target: Target<Q>): void {
    if (target.kind === 'exchange') {
      this.#reached++
      this.#visit(target)
      return
    }
    target.queue ??= this.#queueOf(target.vhost, target.name)
    if (target.queue !== undefined) this.#take(target.queue)
  }

  #pass(topology: Topology<Q>, exchange: Exchange<Q>): void {
    const before = this.#reached
    const { routingKey, routingKeys } = this.#message
    this.#passKey(exchange, routingKey)
    if (routingKeys !== undefined && exchange.how.byKey)
      for (const key of routingKeys) this.#passKey(exchange, key)
    if (this.#reached > before || exchange.alternate === undefined) return
    const alternate = topology.exchanges.get(exchange.alternate)
    if (alternate !== undefined) this.#visit(alternate)
  }

  #passKey(exchange: Exchange<Q>, key: string): void {
    this.routingKey = key
    if (exchange.name !== '') exchange.router.route(this, this)
    else {
      const queue = this.#queueOf(exchange.vhost, key)
      if (queue !== undefined) this.#take(queue)
    }
  }

  #take(queue: Q): void {
    this.#reached++
    this.#into.add(queue)
  }

  #visit(exchange: Exchange<Q>): void {
    if (exchange.visited === this.#number) return
    exchange.visited = this.#number
    this.#pending.push(exchange)
  }
}
