// The exchanges and bindings of one virtual host, in memory, with their routers kept in step. What is put in may come
// in any order, as a replay or an undone change brings it: a binding works once both its ends are there.

import { type Binding, bindingId, type DestinationKind } from './binding.ts'
import { BindingIndex } from './binding-index.ts'
import { Exchange, predeclaredExchanges, type QueueTarget, type Target } from './exchange.ts'

/** What goes together. */
export interface Removal<Q> {
  readonly bindings: Set<Binding>
  readonly exchanges: Set<Exchange<Q>>
}

export class Topology<Q> {
  readonly vhost: string
  readonly exchanges = new Map<string, Exchange<Q>>()
  readonly bindings = new BindingIndex()
  readonly #queues = new Map<string, QueueTarget<Q>>()
  /** Bindings that are in the router of their source, and what they lead to there. */
  readonly #working = new Map<Binding, Target<Q>>()

  constructor(vhost: string, random: () => number) {
    this.vhost = vhost
    for (const definition of predeclaredExchanges)
      this.exchanges.set(definition.name, new Exchange<Q>(vhost, definition, random, true))
  }

  addExchange(exchange: Exchange<Q>): void {
    this.removeExchange(exchange.name)
    this.exchanges.set(exchange.name, exchange)
    for (const binding of this.#around(exchange.name)) this.#start(binding)
  }

  /** Its bindings stay known, without effect. */
  removeExchange(name: string): void {
    if (!this.exchanges.has(name)) return
    for (const binding of this.#around(name)) this.#stop(binding)
    this.exchanges.delete(name)
  }

  bind(binding: Binding): void {
    if (this.bindings.get(bindingId(binding)) !== undefined) return
    this.bindings.add(binding)
    this.#start(binding)
  }

  unbind(id: string): void {
    const binding = this.bindings.get(id)
    if (binding === undefined) return
    this.#stop(binding)
    this.bindings.remove(binding)
  }

  /** Everything that goes with these: an exchange's bindings, and auto-delete exchanges whose last binding goes. */
  removal({
    bindings = [],
    exchanges = [],
  }: {
    readonly bindings?: Iterable<Binding>
    readonly exchanges?: Iterable<Exchange<Q>>
  }): Removal<Q> {
    const removal: Removal<Q> = { bindings: new Set(), exchanges: new Set(exchanges) }
    const left = new Map<string, number>()
    const drop = (binding: Binding): void => {
      if (removal.bindings.has(binding)) return
      removal.bindings.add(binding)
      const remaining = (left.get(binding.source) ?? this.bindings.from(binding.source).size) - 1
      left.set(binding.source, remaining)
      const source = this.exchanges.get(binding.source)
      if (remaining === 0 && source?.autoDelete) removal.exchanges.add(source)
    }
    for (const binding of bindings) drop(binding)
    // The set grows while it is walked: exchanges that go by themselves take their own bindings along.
    for (const { name } of removal.exchanges) for (const binding of this.#around(name)) drop(binding)
    return removal
  }

  *#around(exchange: string): Generator<Binding> {
    yield* this.bindings.from(exchange)
    yield* this.bindings.to('exchange', exchange)
  }

  #start(binding: Binding): void {
    const source = this.exchanges.get(binding.source)
    if (source === undefined || this.#working.has(binding)) return
    const target = this.#target(binding.kind, binding.destination)
    if (target === undefined) return
    if (target.kind === 'queue') target.bindings++
    this.#working.set(binding, target)
    source.router.bind(binding.key, binding.arguments, target)
  }

  #stop(binding: Binding): void {
    const target = this.#working.get(binding)
    if (target === undefined) return
    this.#working.delete(binding)
    this.exchanges.get(binding.source)?.router.unbind(binding.key, binding.arguments, target)
    if (target.kind === 'queue' && --target.bindings === 0) this.#queues.delete(target.name)
  }

  #target(kind: DestinationKind, name: string): Target<Q> | undefined {
    if (kind === 'exchange') return this.exchanges.get(name)
    const known = this.#queues.get(name)
    if (known !== undefined) return known
    const target: QueueTarget<Q> = { kind, vhost: this.vhost, name, queue: undefined, bindings: 0 }
    this.#queues.set(name, target)
    return target
  }
}
