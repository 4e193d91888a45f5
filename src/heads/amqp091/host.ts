// What a channel needs of its connection.

import type { Rights } from '../../broker/access/rights.ts'
import type { Fields, InOf } from '../../bytes/index.ts'
import type { AmqpError } from './errors.ts'
import type { Content } from './frame.ts'
import type { Client } from './handshake.ts'
import type { Serving } from './serving.ts'
import type { Method } from './wire/method.ts'

export interface Host {
  readonly serving: Serving
  readonly vhost: string
  readonly user: string
  /** What the user may do. */
  readonly rights: Rights
  /** RabbitMQ's tags of the user. */
  readonly tags: readonly string[]
  readonly client: Client
  /** Exclusive queues belong to it. */
  readonly owner: object
  /** Sends before the end of the turn; false when the channel is not open. */
  send<F extends Fields>(channel: number, method: Method<F>, args: InOf<F>): boolean
  /** The same with content. Errors: RESOURCE_ERROR for properties that do not fit into a frame. */
  sendContent<F extends Fields>(channel: number, method: Method<F>, args: InOf<F>, content: Content): boolean
  /** Closes the channel, or the connection, for this error. */
  fail(channel: number, error: AmqpError): void
  /** The client's channel.close can be answered. */
  channelCloseOk(channel: number): void
  /** No method of the channel is under way any more. */
  freed(): void
  /** `tell` is called before the end of the turn. */
  beforeFlush(tell: () => void): void
  /** Whether the peer takes no more for now: `Channel.resume` follows. */
  readonly isFull: boolean
}
