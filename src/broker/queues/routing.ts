// What queues and exchanges need of each other: something takes messages, something finds who takes them.

import type { RecordHeader } from '../../log/record/records.ts'
import type { FieldTable } from '../field-value.ts'
import type { HashedProperty } from '../routing/router.ts'
import type { Publication, Receipt } from './message.ts'

/** Whatever messages can be routed to. */
export interface Target {
  readonly vhost: string
  readonly name: string
  /** Takes a message; `receipt` is told when it is as durable as it is kept here, or why it was refused. */
  put(publication: Publication, receipt: Receipt | undefined): void
}

/** A message on its way to an exchange. */
export interface Routable {
  readonly exchange: string
  readonly routingKey: string
  /** More keys to route by; a queue that several lead to gets one message. */
  readonly routingKeys?: readonly string[]
  readonly headers: FieldTable
  /** A property of the message that a hashing exchange may look at. */
  readonly property?: (name: HashedProperty) => string | undefined
  readonly publication: Publication
  /** Targets that are left out. */
  readonly except?: (target: Target) => boolean
}

export interface Routing {
  /**
   * Gives the message to every queue that the exchange leads to, and tells how many that are; the receipt is told once
   * all have it, also when there are none. Errors: EXCHANGE_UNKNOWN, VHOST_UNKNOWN.
   */
  publish(vhost: string, message: Routable, receipt?: Receipt): number
}

/** Record headers that say how a message was routed. */
export const routeHeaders = {
  exchange: 'amqp.exchange',
  routingKey: 'amqp.routing-key',
  cc: 'amqp.cc',
} as const

/** The time to live that a message's publisher asked for, decimal ms. */
export const TTL_HEADER = 'amqp.ttl'

/** By which exchange and keys a stored message came; nothing for one that came by another way. */
export function routeOf(headers: readonly RecordHeader[]): {
  readonly exchange: string
  readonly routingKeys: readonly string[]
} {
  let exchange = ''
  const routingKeys: string[] = []
  for (const { key, value } of headers) {
    if (key === routeHeaders.exchange) exchange = value?.toString() ?? ''
    else if (key === routeHeaders.routingKey) routingKeys.unshift(value?.toString() ?? '')
    else if (key === routeHeaders.cc) routingKeys.push(...listOf(value))
  }
  return { exchange, routingKeys }
}

/** The headers of a message that came by this exchange and key; `cc` keeps the further keys that its sender named. */
export function withRoute(
  headers: readonly RecordHeader[],
  {
    exchange,
    routingKey,
    cc,
  }: { readonly exchange: string; readonly routingKey: string; readonly cc: boolean },
): readonly RecordHeader[] {
  const route: RecordHeader[] = []
  if (exchange !== '') route.push({ key: routeHeaders.exchange, value: Buffer.from(exchange) })
  if (routingKey !== '') route.push({ key: routeHeaders.routingKey, value: Buffer.from(routingKey) })
  const isOld = (key: string): boolean =>
    key === routeHeaders.exchange || key === routeHeaders.routingKey || (!cc && key === routeHeaders.cc)
  return [...headers.filter(({ key }) => !isOld(key)), ...route]
}

function listOf(value: Buffer | null): string[] {
  try {
    const list: unknown = JSON.parse(value?.toString() ?? '[]')
    return Array.isArray(list) ? list.filter(one => typeof one === 'string') : []
  } catch {
    return [] // anybody can write the header through Kafka
  }
}
