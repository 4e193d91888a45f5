// What the verbs and connections of one Kafka head work with. The head is one; it stands apart, so that a verb does not
// import the head that imports it.

import type { Broker } from '../../broker/index.ts'
import type { Reporter, World } from '../../world/index.ts'
import type { Cluster } from './cluster.ts'
import type { Limits } from './limits.ts'
import type { RequestMetrics } from './metrics.ts'
import type { ShareSessions } from './share-sessions.ts'

export interface Serving {
  readonly broker: Broker
  readonly world: World
  readonly report: Reporter
  readonly cluster: Cluster
  readonly limits: Limits
  readonly metrics: RequestMetrics
  readonly shareSessions: ShareSessions
  /** Counts bytes of requests that are held in memory, partial ones included; gives those of all connections. */
  hold(bytes: number): number
  /** Counts partitions that fetch sessions have; gives those of all sessions. */
  remember(partitions: number): number
}
