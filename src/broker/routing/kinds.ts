// The types of exchanges by their names on the wire: how each is made, and what it asks of its arguments and bindings.

import { BrokerError } from '../errors.ts'
import type { FieldTable } from '../field-value.ts'
import { ConsistentHashRouter, hashedProperties, weightOf } from './consistent-hash.ts'
import { DirectRouter } from './direct.ts'
import { FanoutRouter } from './fanout.ts'
import { HeadersRouter, headerMatches, isHeaderMatch } from './headers.ts'
import { ModulusHashRouter } from './modulus-hash.ts'
import { RandomRouter } from './random.ts'
import type { Router, RouterContext } from './router.ts'
import { TopicRouter } from './topic.ts'

export interface ExchangeKind {
  create<D>(args: FieldTable, context: RouterContext<D>): Router<D>
  /** Whether each of several routing keys of a message is looked at; others look once, with the first. */
  readonly byKey: boolean
  /** Whether the queues' side is to hold messages back that carry a delay. */
  readonly delayed?: true
  /** Arguments in which a second declaration must not differ, besides `alternate-exchange`. */
  readonly fixed?: readonly string[]
  /** Errors: ARGUMENT_INVALID. */
  checkArguments?(args: FieldTable): void
  /** Errors: ARGUMENT_INVALID. `args` are those of the exchange, `binding` those of the binding. */
  checkBinding?(key: string, binding: FieldTable, args: FieldTable): void
}

/** Says what a delayed exchange is behind its delay. */
const DELAYED_TYPE = 'x-delayed-type'

const consistentHash: ExchangeKind = {
  create: (args, { nameOf }) => new ConsistentHashRouter(args, nameOf),
  byKey: false,
  fixed: ['hash-header', 'hash-property'],
  checkArguments: checkHashArguments,
  checkBinding(key) {
    if (weightOf(key) === undefined)
      throw invalid(`The binding key must be a whole number from 1 to 999999999, the weight; it is '${key}'`)
  },
}

const modulusHash: ExchangeKind = {
  create: (_args, { nameOf }) => new ModulusHashRouter(nameOf),
  byKey: false,
}

const random: ExchangeKind = { create: (_args, context) => new RandomRouter(context.random), byKey: false }

const headers: ExchangeKind = {
  create: () => new HeadersRouter(),
  byKey: false,
  checkBinding(_key, binding) {
    const match = binding.get('x-match')
    if (!isHeaderMatch(match))
      throw invalid(`Invalid x-match field value ${shown(match)}; expected ${headerMatches.join(', ')}`)
  },
}

/** What an `x-delayed-message` exchange is built of. */
const behindDelay: Readonly<Record<string, ExchangeKind>> = {
  direct: { create: () => new DirectRouter(), byKey: true },
  fanout: { create: () => new FanoutRouter(), byKey: false },
  topic: { create: () => new TopicRouter(), byKey: true },
  headers,
  'x-consistent-hash': consistentHash,
  'x-modulus-hash': modulusHash,
  'x-random': random,
  'x-local-random': random,
}

const delayedNames = Object.keys(behindDelay)

/** Names of all types, as they are listed to administrators. */
export const exchangeTypes: readonly string[] = [...delayedNames, 'x-delayed-message']

/** The kind that the type and the arguments name. Errors: EXCHANGE_TYPE_UNKNOWN, ARGUMENT_INVALID. */
export function exchangeKind(type: string, args: FieldTable): ExchangeKind {
  if (type === 'x-delayed-message') return delayedKind(args)
  const kind = named(type)
  if (kind === undefined)
    throw new BrokerError(
      'EXCHANGE_TYPE_UNKNOWN',
      `unknown exchange type '${type}'; there are ${exchangeTypes.join(', ')}`,
    )
  kind.checkArguments?.(args)
  return kind
}

function delayedKind(args: FieldTable): ExchangeKind {
  const type = args.get(DELAYED_TYPE)
  const kind = typeof type === 'string' ? named(type) : undefined
  if (kind === undefined)
    throw invalid(
      `Invalid argument, '${DELAYED_TYPE}' must be an existing exchange type: ${delayedNames.join(', ')}`,
    )
  kind.checkArguments?.(args)
  return { ...kind, delayed: true, fixed: [DELAYED_TYPE, ...(kind.fixed ?? [])] }
}

function named(type: string): ExchangeKind | undefined {
  return Object.hasOwn(behindDelay, type) ? behindDelay[type] : undefined
}

function checkHashArguments(args: FieldTable): void {
  const header = args.get('hash-header')
  const property = args.get('hash-property')
  if (header !== undefined && property !== undefined)
    throw invalid('hash-header and hash-property are mutually exclusive')
  if (header !== undefined && typeof header !== 'string')
    throw invalid(`hash-header must be the name of a header; it is ${shown(header)}`)
  if (property !== undefined && !hashedProperties.some(one => one === property))
    throw invalid(`hash-property must be ${hashedProperties.join(', ')}; it is ${shown(property)}`)
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value.slice(0, 80)}'` : `of type ${typeof value}`
}

function invalid(message: string): BrokerError {
  return new BrokerError('ARGUMENT_INVALID', message)
}
