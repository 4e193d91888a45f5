// Replicas that a client names itself, broker by broker, checked as Kafka checks them. One process holds everything: what
// follows from them is which virtual broker serves a partition (cluster.ts).

import type { Replicas } from '../../broker/index.ts'
import type { Cluster } from './cluster.ts'
import { KafkaRefusal } from './errors.ts'

/** Throws INVALID_REPLICA_ASSIGNMENT unless these are different brokers of the cluster, at least one. */
export function checkReplicas(replicas: readonly number[], { size }: Cluster): void {
  if (replicas.length === 0) throw flaw('The manual partition assignment includes an empty replica list.')
  const unknown = replicas.find(id => id < 0 || id >= size)
  if (unknown !== undefined)
    throw flaw(
      `The manual partition assignment includes broker ${unknown}, but no such broker is registered.`,
    )
  const twice = replicas.find((id, at) => replicas.indexOf(id) !== at)
  if (twice !== undefined)
    throw flaw(`The manual partition assignment includes the broker ${twice} more than once.`)
}

/** As `checkReplicas` for several partitions, which must have the same number of replicas each. */
export function checkAssignments(assignments: readonly (readonly number[])[], cluster: Cluster): void {
  const [first] = assignments
  for (const replicas of assignments) {
    checkReplicas(replicas, cluster)
    if (replicas.length !== first?.length)
      throw flaw(
        `The manual partition assignment includes a partition with ${replicas.length} replica(s), ` +
          `but another has ${first?.length}.`,
      )
  }
}

/** The lists by partition, from this one on. */
export function replicasFrom(first: number, lists: readonly (readonly number[])[]): Replicas {
  return Object.fromEntries(lists.map((ids, at) => [String(first + at), ids] as const))
}

/** Throws INVALID_REPLICATION_FACTOR when there are fewer brokers than replicas. */
export function checkReplication(replication: number, { size }: Cluster): void {
  if (replication < 1)
    throw new KafkaRefusal(
      'INVALID_REPLICATION_FACTOR',
      'Replication factor must be larger than 0, or -1 to use the default value.',
    )
  if (replication > size)
    throw new KafkaRefusal(
      'INVALID_REPLICATION_FACTOR',
      `Unable to replicate the partition ${replication} time(s): The target replication factor of ${replication} ` +
        `cannot be reached because only ${size} broker(s) are registered.`,
    )
}

function flaw(message: string): KafkaRefusal {
  return new KafkaRefusal('INVALID_REPLICA_ASSIGNMENT', message)
}
