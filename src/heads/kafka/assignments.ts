// Replicas that a client names itself, broker by broker. One process holds everything, and the virtual brokers share it
// by a rule of their own (cluster.ts), so an assignment is checked as Kafka checks it and otherwise only counted.

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
