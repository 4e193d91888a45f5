// An exchange: what was declared, and the router of its type. What a second declaration may not say differently is
// checked here, with RabbitMQ's words.

import { BrokerError } from '../errors.ts'
import {
  type FieldTable,
  type FieldValue,
  fieldsFromJson,
  fieldsToJson,
  isFieldTable,
  sameFieldValue,
} from '../field-value.ts'
import type { Json } from '../journal.ts'
import { type ExchangeKind, exchangeKind } from './kinds.ts'
import type { Router } from './router.ts'

export const ALTERNATE = 'alternate-exchange'

export interface ExchangeDefinition {
  readonly name: string
  /** `direct`, `fanout`, `topic`, `headers`, `x-...`: see kinds.ts. */
  readonly type: string
  /** Whether it outlives the broker's process. */
  readonly durable: boolean
  /** Whether it goes with the last binding that leads from it. */
  readonly autoDelete: boolean
  /** Whether clients may not publish to it; the caller of `route` looks. */
  readonly internal: boolean
  readonly arguments: FieldTable
}

/** A queue that is bound, its object looked up once. */
export interface QueueTarget<Q> {
  readonly kind: 'queue'
  readonly vhost: string
  readonly name: string
  queue: Q | undefined
  /** Bindings that lead here. */
  bindings: number
}

/** Where bindings lead. */
export type Target<Q> = QueueTarget<Q> | Exchange<Q>

export class Exchange<Q> implements ExchangeDefinition {
  readonly kind = 'exchange'
  readonly vhost: string
  readonly name: string
  readonly type: string
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly internal: boolean
  readonly arguments: FieldTable
  /** Whether it is there in every virtual host and cannot be deleted. */
  readonly predeclared: boolean
  /** What its type says. */
  readonly how: ExchangeKind
  readonly router: Router<Target<Q>>
  /** Where a message goes that this routes nowhere: from the arguments, else from a policy. */
  alternate: string | undefined
  /** Messages that were published here, and how many queues they went to from here, since the start. */
  readonly counts = { published: 0, routed: 0 }
  /** The number of the message that came here last. */
  visited = 0

  constructor(vhost: string, definition: ExchangeDefinition, random: () => number, predeclared = false) {
    this.vhost = vhost
    this.name = definition.name
    this.type = definition.type
    this.durable = definition.durable
    this.autoDelete = definition.autoDelete
    this.internal = definition.internal
    this.arguments = definition.arguments
    this.predeclared = predeclared
    this.how = exchangeKind(definition.type, definition.arguments)
    this.router = this.how.create<Target<Q>>(definition.arguments, {
      nameOf: ({ kind, name }) => `${kind} ${name}`,
      random,
    })
    this.definePolicy(undefined)
  }

  /** Whether a message may carry a delay, which the queues' side then holds it back for. */
  get delayed(): boolean {
    return this.how.delayed === true
  }

  /** Takes the alternate exchange of a policy; the exchange's own argument goes before it. */
  definePolicy(alternate: string | undefined): void {
    const own = this.arguments.get(ALTERNATE)
    this.alternate = typeof own === 'string' ? own : alternate
  }

  /** Errors: EXCHANGE_DIFFERS naming what differs. */
  checkSame(wanted: ExchangeDefinition): void {
    this.#same('type', wanted.type, this.type)
    this.#same('durable', wanted.durable, this.durable)
    this.#same('auto_delete', wanted.autoDelete, this.autoDelete)
    this.#same('internal', wanted.internal, this.internal)
    for (const name of [ALTERNATE, ...(this.how.fixed ?? [])]) {
      const [received, current] = [wanted.arguments.get(name), this.arguments.get(name)]
      if (!sameFieldValue(received, current))
        throw this.#differs(name, argumentText(received), argumentText(current))
    }
  }

  toJson(): Json {
    const { vhost, name, type, durable, autoDelete, internal } = this
    return { vhost, name, type, durable, autoDelete, internal, arguments: fieldsToJson(this.arguments) }
  }

  #same(name: string, received: string | boolean, current: string | boolean): void {
    if (received !== current) throw this.#differs(name, `'${received}'`, `'${current}'`)
  }

  #differs(argument: string, received: string, current: string): BrokerError {
    return new BrokerError(
      'EXCHANGE_DIFFERS',
      `inequivalent arg '${argument}' for exchange '${this.name}' in vhost '${this.vhost}': received ${received} but current is ${current}`,
    )
  }
}

/** What `toJson` gave. */
export function definitionFromJson(json: Json): {
  readonly vhost: string
  readonly definition: ExchangeDefinition
} {
  const {
    vhost,
    arguments: args,
    ...rest
  } = json as unknown as Omit<ExchangeDefinition, 'arguments'> & {
    readonly vhost: string
    readonly arguments: Json
  }
  return { vhost, definition: { ...rest, arguments: fieldsFromJson(args) } }
}

/** The exchanges that every virtual host has from its beginning. */
export const predeclaredExchanges: readonly ExchangeDefinition[] = [
  predeclared('', 'direct'),
  predeclared('amq.direct', 'direct'),
  predeclared('amq.fanout', 'fanout'),
  predeclared('amq.topic', 'topic'),
  predeclared('amq.headers', 'headers'),
  predeclared('amq.match', 'headers'),
  predeclared('amq.rabbitmq.trace', 'topic', true),
]

function predeclared(name: string, type: string, internal = false): ExchangeDefinition {
  return { name, type, durable: true, autoDelete: false, internal, arguments: new Map() }
}

function argumentText(value: FieldValue | undefined): string {
  if (value === undefined) return 'none'
  if (typeof value === 'string') return `the value '${value}' of type 'longstr'`
  if (value === null) return "the value 'undefined' of type 'void'"
  if (isFieldTable(value)) return "a value of type 'table'"
  return `the value '${String(value)}' of type '${typeof value === 'boolean' ? 'bool' : 'signedint'}'`
}
