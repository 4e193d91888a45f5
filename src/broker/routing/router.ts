// What every type of exchange is: a table of bindings that, given a message, says where it goes. Routers are generic
// over the destination and know neither queues nor exchanges, so each can be tested and measured alone.

import type { FieldTable } from '../field-value.ts'

/** Properties of a message that an exchange may hash, by AMQP's names. */
export type HashedProperty = 'message_id' | 'correlation_id' | 'timestamp'

/** What routing looks at. */
export interface Routed {
  readonly routingKey: string
  /** May be a getter that decodes: only headers exchanges and hashes of a header ask for it. */
  readonly headers: FieldTable
  /** The property as text, undefined when the message has none. Absent: no message of this head has any. */
  property?(name: HashedProperty): string | undefined
}

/** Takes destinations; the same one twice counts once. A Set is one. */
export interface Collector<D> {
  add(to: D): unknown
}

export interface Router<D> {
  /** Adds a binding. The same destination may be bound again by another key or other arguments. */
  bind(key: string, args: FieldTable, to: D): void
  /** Takes away a binding that was made with exactly these; does nothing when there is none. */
  unbind(key: string, args: FieldTable, to: D): void
  route(message: Routed, into: Collector<D>): void
  /** Number of bindings. */
  readonly size: number
}

/** What some routers need besides their bindings. */
export interface RouterContext<D> {
  /** A name of the destination that is the same after a restart: what hashes choose by. */
  nameOf(to: D): string
  /** In [0, 1). */
  random(): number
}
