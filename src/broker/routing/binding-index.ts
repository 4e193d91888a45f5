// The bindings of one virtual host, found by where they lead from and where they lead to.

import { type Binding, bindingId, type DestinationKind } from './binding.ts'

type Group = Map<string, Set<Binding>>

const none: ReadonlySet<Binding> = new Set()

export class BindingIndex {
  readonly #byId = new Map<string, Binding>()
  readonly #bySource: Group = new Map()
  readonly #byDestination: Readonly<Record<DestinationKind, Group>> = {
    queue: new Map(),
    exchange: new Map(),
  }

  get size(): number {
    return this.#byId.size
  }

  get(id: string): Binding | undefined {
    return this.#byId.get(id)
  }

  all(): Iterable<Binding> {
    return this.#byId.values()
  }

  from(source: string): ReadonlySet<Binding> {
    return this.#bySource.get(source) ?? none
  }

  to(kind: DestinationKind, destination: string): ReadonlySet<Binding> {
    return this.#byDestination[kind].get(destination) ?? none
  }

  add(binding: Binding): void {
    this.#byId.set(bindingId(binding), binding)
    put(this.#bySource, binding.source, binding)
    put(this.#byDestination[binding.kind], binding.destination, binding)
  }

  /** `binding` as it was added. */
  remove(binding: Binding): void {
    this.#byId.delete(bindingId(binding))
    take(this.#bySource, binding.source, binding)
    take(this.#byDestination[binding.kind], binding.destination, binding)
  }
}

function put(group: Group, name: string, binding: Binding): void {
  const bindings = group.get(name)
  if (bindings === undefined) group.set(name, new Set([binding]))
  else bindings.add(binding)
}

function take(group: Group, name: string, binding: Binding): void {
  const bindings = group.get(name)
  if (bindings?.delete(binding) && bindings.size === 0) group.delete(name)
}
