// How one process shows itself as a Kafka cluster: one broker, or several virtual ones on ports of their own, so that
// client libraries meet leaders, coordinators and replicas spread as in a real one. All of them serve the same broker;
// asking the wrong one is refused, as a real one would.

import { createHash } from 'node:crypto'
import type { Topic } from '../../broker/index.ts'

/** Where a virtual broker can be reached, on one listener. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

export interface Node extends Endpoint {
  readonly id: number
}

export class Cluster {
  /** Kafka's textual UUID: the same over restarts. */
  readonly id: string
  readonly size: number
  readonly #endpoints = new Map<string, Endpoint[]>()

  constructor(id: string, size: number) {
    this.id = id
    this.size = size
  }

  /** Node ids, from 0. */
  get nodeIds(): readonly number[] {
    return Array.from({ length: this.size }, (_, id) => id)
  }

  /** Says where a node is reached on a listener; clients are told the addresses of the listener that they came by. */
  place(listener: string, nodeId: number, endpoint: Endpoint): void {
    const endpoints = this.#endpoints.get(listener) ?? []
    endpoints[nodeId] = endpoint
    this.#endpoints.set(listener, endpoints)
  }

  nodes(listener: string): readonly Node[] {
    return (this.#endpoints.get(listener) ?? []).map((endpoint, id) => ({ id, ...endpoint }))
  }

  node(listener: string, id: number): Node | undefined {
    const endpoint = this.#endpoints.get(listener)?.[id]
    return endpoint && { id, ...endpoint }
  }

  get controllerId(): number {
    return 0
  }

  /** The first replica where a client named them. Otherwise leaders go round the nodes, from a place that depends on the topic. */
  leaderOf(topic: Topic, partition: number): number {
    return this.#named(topic, partition)?.[0] ?? (spread(topic.id, this.size) + partition) % this.size
  }

  /** Those that a client named, or as many nodes as the topic asks for; the leader first. */
  replicasOf(topic: Topic, partition: number): readonly number[] {
    const named = this.#named(topic, partition)
    if (named !== undefined) return named
    const leader = this.leaderOf(topic, partition)
    return Array.from(
      { length: Math.min(topic.definition.replication, this.size) },
      (_, n) => (leader + n) % this.size,
    )
  }

  #named({ definition }: Topic, partition: number): readonly number[] | undefined {
    const replicas = definition.replicas?.[partition]
    // The process may have shown itself as more brokers when they were named.
    return replicas?.every(id => id < this.size) ? replicas : undefined
  }

  /** The coordinator of a group or of a transactional id. */
  coordinatorOf(key: string): number {
    return spread(key, this.size)
  }
}

function spread(key: string, size: number): number {
  return size === 1 ? 0 : createHash('md5').update(key).digest().readUInt32BE(0) % size
}
