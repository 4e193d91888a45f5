// All exchanges and bindings: declared, bound, routed through, removed. Those that outlive the process are two sections
// of the metadata log, those that do not are in memory only; the exchanges that every virtual host has are in no log.
// The rules are RabbitMQ's: a binding is kept if both its ends are, an exchange is in use while bindings lead from it.

import type { World } from '../../world/index.ts'
import { BrokerError } from '../errors.ts'
import type { FieldTable } from '../field-value.ts'
import type { Change, Journal, Json, Section } from '../journal.ts'
import { Writes } from '../writes.ts'
import {
  type Binding,
  bindingFromJson,
  bindingId,
  bindingOf,
  bindingToJson,
  type NewBinding,
} from './binding.ts'
import { ALTERNATE, definitionFromJson, Exchange, type ExchangeDefinition } from './exchange.ts'
import { exchangeKind } from './kinds.ts'
import { type Removal, Topology } from './topology.ts'
import { type Published, Walk } from './walk.ts'

const EXCHANGE = 'exchange'
const BINDING = 'binding'
/** Longest name and longest binding key in UTF-8 bytes: a short string of AMQP. */
export const EXCHANGE_NAME_BYTES_MAX = 255
/** Exchanges in all virtual hosts together, without the predeclared ones. Ours. */
export const EXCHANGES_MAX = 100_000
/** Bindings in all virtual hosts together. Ours. */
export const BINDINGS_MAX = 1_000_000

/** What routing needs to know of queues. */
export interface QueueLookup<Q> {
  get(vhost: string, name: string): Q | undefined
  /** Whether the queue's own definition is kept in the metadata log, so that its bindings are to be kept too. */
  isKept(queue: Q): boolean
}

export interface ExchangesParts<Q> {
  readonly world: Pick<World, 'random'>
  readonly queues: QueueLookup<Q>
  readonly vhosts: { has(name: string): boolean }
  /** The alternate exchange that a policy gives; ask again with `redefine`. */
  readonly alternateByPolicy?: (vhost: string, exchange: string) => string | undefined
}

export class Exchanges<Q> {
  /** The sections of the metadata log that this is kept in. */
  readonly sections: readonly Section[]
  readonly #parts: ExchangesParts<Q>
  readonly #random: () => number
  readonly #walk: Walk<Q>
  readonly #topologies = new Map<string, Topology<Q>>()
  readonly #writes = new Writes()
  /** What is in the metadata log. */
  readonly #keptExchanges = new Map<string, Json>()
  readonly #keptBindings = new Map<string, Binding>()
  #exchanges = 0
  #bindings = 0

  constructor(parts: ExchangesParts<Q>) {
    this.#parts = parts
    this.#random = () => parts.world.random()
    this.#walk = new Walk((vhost, name) => parts.queues.get(vhost, name))
    this.sections = [this.#exchangeSection(), this.#bindingSection()]
  }

  attach(journal: Journal): void {
    this.#writes.attach(journal)
  }

  /** Errors: VHOST_UNKNOWN. */
  get(vhost: string, name: string): Exchange<Q> | undefined {
    return this.#topology(vhost).exchanges.get(name)
  }

  /** Errors: VHOST_UNKNOWN, EXCHANGE_UNKNOWN. */
  require(vhost: string, name: string): Exchange<Q> {
    return found(this.#topology(vhost), name)
  }

  /** The exchange for a passive declaration. Errors: as `require`; EXCHANGE_RESERVED for the default exchange. */
  passive(vhost: string, name: string): Exchange<Q> {
    checkNotDefault(name)
    return this.require(vhost, name)
  }

  /** Errors: VHOST_UNKNOWN. */
  list(vhost: string): Exchange<Q>[] {
    return [...this.#topology(vhost).exchanges.values()]
  }

  /**
   * Makes the exchange, or finds it as it is wanted. Errors: VHOST_UNKNOWN, EXCHANGE_TYPE_UNKNOWN, ARGUMENT_INVALID,
   * EXCHANGE_DIFFERS, EXCHANGE_RESERVED, EXCHANGE_NAME_INVALID, LIMIT_EXCEEDED, STORAGE_*.
   */
  async declare(vhost: string, wanted: ExchangeDefinition): Promise<Exchange<Q>> {
    const topology = this.#topology(vhost)
    checkNotDefault(wanted.name)
    checkArguments(wanted)
    const known = topology.exchanges.get(wanted.name)
    if (known !== undefined) {
      known.checkSame(wanted)
      await this.#writes.settled(EXCHANGE, exchangeId(known))
      return known
    }
    checkNewName(wanted.name)
    if (this.#exchanges >= EXCHANGES_MAX)
      throw new BrokerError('LIMIT_EXCEEDED', `there are ${EXCHANGES_MAX} exchanges already; delete some`)
    const exchange = new Exchange<Q>(vhost, wanted, this.#random)
    if (!wanted.durable) return this.#put(topology, exchange)
    const key = exchangeId(exchange)
    await this.#writes.write([{ section: EXCHANGE, key, value: exchange.toJson() }])
    return found(topology, wanted.name)
  }

  /**
   * Deletes the exchange with its bindings; false when there is none. Errors: VHOST_UNKNOWN, EXCHANGE_RESERVED,
   * EXCHANGE_IN_USE (with `ifUnused`, while bindings lead from it), STORAGE_*.
   */
  async delete(vhost: string, name: string, { ifUnused = false } = {}): Promise<boolean> {
    const topology = this.#topology(vhost)
    checkNotDefault(name)
    const exchange = topology.exchanges.get(name)
    if (exchange?.predeclared || name.startsWith('amq.'))
      throw reserved(`deletion of system exchange '${name}' is not allowed`)
    if (exchange === undefined) return false
    if (ifUnused && topology.bindings.from(name).size > 0)
      throw new BrokerError('EXCHANGE_IN_USE', `exchange '${name}' in vhost '${vhost}' in use`)
    await this.#remove(topology, topology.removal({ exchanges: [exchange] }))
    return true
  }

  /**
   * Binds; what is bound already stays. Errors: VHOST_UNKNOWN, EXCHANGE_RESERVED, EXCHANGE_UNKNOWN, QUEUE_UNKNOWN,
   * ARGUMENT_INVALID, LIMIT_EXCEEDED, STORAGE_*.
   */
  async bind(wanted: NewBinding): Promise<Binding> {
    const topology = this.#topology(wanted.vhost)
    checkEnds(wanted)
    const source = found(topology, wanted.source)
    const kept = this.#keepsDestination(topology, wanted) && source.durable
    const binding = bindingOf(wanted)
    checkKey(binding.key)
    source.how.checkBinding?.(binding.key, binding.arguments, source.arguments)
    const id = bindingId(binding)
    const known = topology.bindings.get(id)
    if (known !== undefined) {
      await this.#writes.settled(BINDING, id)
      return known
    }
    if (this.#bindings >= BINDINGS_MAX)
      throw new BrokerError('LIMIT_EXCEEDED', `there are ${BINDINGS_MAX} bindings already; unbind some`)
    if (kept) await this.#writes.write([{ section: BINDING, key: id, value: bindingToJson(binding) }])
    else this.#bind(topology, binding)
    return binding
  }

  /** Takes the binding away; false when there is none. Errors: VHOST_UNKNOWN, EXCHANGE_RESERVED, STORAGE_*. */
  async unbind(wanted: NewBinding): Promise<boolean> {
    const topology = this.#topology(wanted.vhost)
    checkEnds(wanted)
    const binding = topology.bindings.get(bindingId(bindingOf(wanted)))
    if (binding === undefined) return false
    await this.#remove(topology, topology.removal({ bindings: [binding] }))
    return true
  }

  /** All bindings but those that queues have from the default exchange. Errors: VHOST_UNKNOWN. */
  bindings(vhost: string): Iterable<Binding> {
    return this.#topology(vhost).bindings.all()
  }
  bindingsFrom(vhost: string, source: string): ReadonlySet<Binding> {
    return this.#topology(vhost).bindings.from(source)
  }
  bindingsToQueue(vhost: string, queue: string): ReadonlySet<Binding> {
    return this.#topology(vhost).bindings.to('queue', queue)
  }
  bindingsToExchange(vhost: string, exchange: string): ReadonlySet<Binding> {
    return this.#topology(vhost).bindings.to('exchange', exchange)
  }

  /**
   * Puts the queues that the message goes to into the set. Delays and `internal` are the caller's to look at.
   * Errors: VHOST_UNKNOWN, EXCHANGE_UNKNOWN.
   */
  route(vhost: string, exchange: string, message: Published, into: Set<Q>): void {
    this.routeFrom(this.require(vhost, exchange), message, into)
  }

  /** As `route`, for a caller that has looked the exchange up: nothing is allocated. */
  routeFrom(exchange: Exchange<Q>, message: Published, into: Set<Q>): void {
    const before = into.size
    this.#walk.run(this.#topologyFor(exchange.vhost), exchange, message, into)
    exchange.counts.published++
    exchange.counts.routed += into.size - before
  }

  /**
   * What takes a queue's bindings out of the metadata log, to be written with the queue's own removal. Bindings that
   * are in memory only go at once, and do not come back should that write be refused.
   */
  forgetQueue(vhost: string, name: string): readonly Change[] {
    const topology = this.#topologies.get(vhost)
    if (topology === undefined) return []
    const removal = topology.removal({ bindings: topology.bindings.to('queue', name) })
    this.#removeTransient(topology, removal)
    return this.#changesOf(removal)
  }

  /** As `forgetQueue`, for everything of a virtual host. */
  forgetVhost(vhost: string): readonly Change[] {
    const topology = this.#topologies.get(vhost)
    if (topology === undefined) return []
    const exchanges = [...topology.exchanges.values()].filter(one => !one.predeclared)
    const removal = topology.removal({ bindings: topology.bindings.all(), exchanges })
    this.#removeTransient(topology, removal)
    return this.#changesOf(removal)
  }

  /** The virtual host is gone for good: what `forgetVhost` gave is durable. */
  dropVhost(vhost: string): void {
    this.#topologies.delete(vhost)
  }

  /** Asks again what policies say of the exchanges. */
  redefine(): void {
    for (const { exchanges } of this.#topologies.values())
      for (const one of exchanges.values()) this.#define(one)
  }

  #define(exchange: Exchange<Q>): void {
    exchange.definePolicy(this.#parts.alternateByPolicy?.(exchange.vhost, exchange.name))
  }

  /** Errors: QUEUE_UNKNOWN, EXCHANGE_UNKNOWN. */
  #keepsDestination(topology: Topology<Q>, { vhost, kind, destination }: NewBinding): boolean {
    if (kind === 'exchange') return found(topology, destination).durable
    const queue = this.#parts.queues.get(vhost, destination)
    if (queue === undefined)
      throw new BrokerError('QUEUE_UNKNOWN', `no queue '${destination}' in vhost '${vhost}'`)
    return this.#parts.queues.isKept(queue)
  }

  async #remove(topology: Topology<Q>, removal: Removal<Q>): Promise<void> {
    this.#removeTransient(topology, removal)
    try {
      await this.#writes.write(this.#changesOf(removal))
    } catch (error) {
      this.#restoreTransient(topology, removal)
      throw error
    }
  }

  #changesOf({ bindings, exchanges }: Removal<Q>): Change[] {
    const ids = [...bindings].map(bindingId).filter(id => this.#keptBindings.has(id))
    const keys = [...exchanges].filter(one => one.durable).map(exchangeId)
    return [
      ...ids.map(key => ({ section: BINDING, key, value: null })),
      ...keys.map(key => ({ section: EXCHANGE, key, value: null })),
    ]
  }

  #removeTransient(topology: Topology<Q>, { bindings, exchanges }: Removal<Q>): void {
    for (const binding of bindings)
      if (!this.#keptBindings.has(bindingId(binding))) this.#unbind(topology, bindingId(binding))
    for (const exchange of exchanges) if (!exchange.durable) this.#drop(topology, exchange.name)
  }

  #restoreTransient(topology: Topology<Q>, { bindings, exchanges }: Removal<Q>): void {
    for (const exchange of exchanges) if (!exchange.durable) this.#put(topology, exchange)
    for (const binding of bindings)
      if (!this.#keptBindings.has(bindingId(binding))) this.#bind(topology, binding)
  }

  #put(topology: Topology<Q>, exchange: Exchange<Q>): Exchange<Q> {
    if (!topology.exchanges.has(exchange.name)) this.#exchanges++
    topology.addExchange(exchange)
    this.#define(exchange)
    return exchange
  }

  #drop(topology: Topology<Q>, name: string): void {
    if (topology.exchanges.has(name)) this.#exchanges--
    topology.removeExchange(name)
  }

  #bind(topology: Topology<Q>, binding: Binding): void {
    const before = topology.bindings.size
    topology.bind(binding)
    this.#bindings += topology.bindings.size - before
  }

  #unbind(topology: Topology<Q>, id: string): void {
    const before = topology.bindings.size
    topology.unbind(id)
    this.#bindings += topology.bindings.size - before
  }

  /** Errors: VHOST_UNKNOWN. */
  #topology(vhost: string): Topology<Q> {
    if (this.#parts.vhosts.has(vhost)) return this.#topologyFor(vhost)
    throw new BrokerError('VHOST_UNKNOWN', `no vhost '${vhost}'`)
  }

  #topologyFor(vhost: string): Topology<Q> {
    const known = this.#topologies.get(vhost)
    if (known !== undefined) return known
    const topology = new Topology<Q>(vhost, this.#random)
    this.#topologies.set(vhost, topology)
    for (const exchange of topology.exchanges.values()) this.#define(exchange)
    return topology
  }

  #exchangeSection(): Section {
    const kept = this.#keptExchanges
    return {
      name: EXCHANGE,
      apply: (key, value) => {
        const json = value ?? kept.get(key)
        if (json === undefined) return
        const { vhost, definition } = definitionFromJson(json)
        const topology = this.#topologyFor(vhost)
        if (value === null) {
          kept.delete(key)
          this.#drop(topology, definition.name)
        } else {
          kept.set(key, value)
          this.#put(topology, new Exchange<Q>(vhost, definition, this.#random))
        }
      },
      entries: () => kept.entries(),
      valueOf: key => kept.get(key),
    }
  }

  #bindingSection(): Section {
    const kept = this.#keptBindings
    return {
      name: BINDING,
      apply: (key, value) => {
        const known = kept.get(key)
        if (value !== null) {
          const binding = bindingFromJson(value)
          kept.set(key, binding)
          this.#bind(this.#topologyFor(binding.vhost), binding)
        } else if (known !== undefined) {
          kept.delete(key)
          this.#unbind(this.#topologyFor(known.vhost), key)
        }
      },
      entries: () => [...kept].map(([key, binding]) => [key, bindingToJson(binding)] as const),
      valueOf: key => {
        const known = kept.get(key)
        return known === undefined ? undefined : bindingToJson(known)
      },
    }
  }
}

/** What a queue has from the default exchange without anybody binding it. */
export function defaultBinding(vhost: string, queue: string): Binding {
  return bindingOf({ vhost, source: '', kind: 'queue', destination: queue, key: queue })
}

function exchangeId({ vhost, name }: { readonly vhost: string; readonly name: string }): string {
  return JSON.stringify([vhost, name])
}

function found<Q>({ exchanges, vhost }: Topology<Q>, name: string): Exchange<Q> {
  const exchange = exchanges.get(name)
  if (exchange === undefined)
    throw new BrokerError('EXCHANGE_UNKNOWN', `no exchange '${name}' in vhost '${vhost}'`)
  return exchange
}

function checkNotDefault(name: string): void {
  if (name === '') throw reserved('operation not permitted on the default exchange')
}

function checkEnds({ source, kind, destination }: NewBinding): void {
  checkNotDefault(source)
  if (kind === 'exchange') checkNotDefault(destination)
}

function checkNewName(name: string): void {
  if (name.startsWith('amq.')) throw reserved(`exchange name '${name}' contains reserved prefix 'amq.*'`)
  const bytes = Buffer.byteLength(name)
  if (bytes > EXCHANGE_NAME_BYTES_MAX)
    throw new BrokerError(
      'EXCHANGE_NAME_INVALID',
      `exchange name '${name.slice(0, 60)}...' has ${bytes} bytes, ${EXCHANGE_NAME_BYTES_MAX} are the most`,
    )
}

function checkKey(key: string): void {
  const bytes = Buffer.byteLength(key)
  if (bytes > EXCHANGE_NAME_BYTES_MAX)
    throw invalid(`the binding key has ${bytes} bytes, ${EXCHANGE_NAME_BYTES_MAX} are the most`)
}

/** Errors: EXCHANGE_TYPE_UNKNOWN, ARGUMENT_INVALID. */
function checkArguments({
  type,
  arguments: args,
}: {
  readonly type: string
  readonly arguments: FieldTable
}): void {
  exchangeKind(type, args)
  const alternate = args.get(ALTERNATE)
  if (alternate !== undefined && typeof alternate !== 'string')
    throw invalid(`invalid arg '${ALTERNATE}': it must be the name of an exchange`)
}

function reserved(message: string): BrokerError {
  return new BrokerError('EXCHANGE_RESERVED', message)
}

function invalid(message: string): BrokerError {
  return new BrokerError('ARGUMENT_INVALID', message)
}
