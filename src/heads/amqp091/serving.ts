// What the connections and verbs of one AMQP 0-9-1 head work with. The head is one; it stands apart, so that a connection
// does not import the head that imports it.

import type { Broker } from '../../broker/index.ts'
import type { Reporter, World } from '../../world/index.ts'
import type { DirectReplies } from './direct-replies.ts'
import type { Limits } from './limits.ts'
import type { HeadMetrics } from './metrics.ts'

export interface Serving {
  readonly broker: Broker
  readonly world: World
  readonly report: Reporter
  readonly limits: Limits
  readonly metrics: HeadMetrics
  readonly replies: DirectReplies
  /** Why publishers must wait now, for connection.blocked; undefined when they need not. */
  readonly alarm: string | undefined
  /** Connections that are open in a virtual host. */
  connectionsIn(vhost: string): number
  /** Connections of a user that are open in some virtual host, and their channels. */
  connectionsOf(user: string): number
  channelsOf(user: string): number
  /** Counts bytes of unfinished frames and messages; gives those of all connections. */
  hold(bytes: number): number
}
