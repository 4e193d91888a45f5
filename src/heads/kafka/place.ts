// Finding the partition that a request names, from the virtual broker that was asked.

import type { Operation } from '../../auth/index.ts'
import type { Partition, Topic } from '../../broker/index.ts'
import { BrokerError, checkTopicName } from '../../broker/index.ts'
import { kafkaErrors } from './errors.ts'
import type { Call } from './verb.ts'

/** The topic of this name. Errors: TOPIC_NAME_INVALID for what no topic can be named, TOPIC_UNKNOWN. */
export function topicNamed(name: string, { kafka }: Call): Topic {
  const { topics } = kafka.broker
  if (topics.get(name) === undefined) checkTopicName(name)
  return topics.require(name)
}

/**
 * The topic that a request names, by its id when there is one, and why the client is refused it, if so. A name of no
 * topic is not refused here.
 */
export function namedTopic(
  { name, id }: { readonly name: string; readonly id: string | undefined },
  operation: Operation,
  { kafka, allows }: Call,
): { readonly topic: Topic | undefined; readonly refused: number | undefined } {
  const { topics } = kafka.broker
  const topic = id === undefined ? topics.get(name) : topics.byId(id)
  if (topic === undefined && id !== undefined) return { topic, refused: kafkaErrors.UNKNOWN_TOPIC_ID }
  const isAllowed = allows(operation, 'topic', topic?.name ?? name)
  return { topic, refused: isAllowed ? undefined : kafkaErrors.TOPIC_AUTHORIZATION_FAILED }
}

/** The partition, or the error to answer with: it does not exist, or another virtual broker leads it. */
export function leadPartition(
  topic: Topic | undefined,
  index: number,
  { kafka, nodeId }: Call,
): Partition | number {
  const partition = topic?.partitions[index]
  if (topic === undefined || partition === undefined) return kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION
  if (kafka.cluster.leaderOf(topic, index) !== nodeId) return kafkaErrors.NOT_LEADER_OR_FOLLOWER
  return partition
}

/** Refuses the name of a broker that there is not; any virtual broker answers for every other. Errors: REQUEST_INVALID. */
export function checkNode(name: string, { kafka }: Call): void {
  if (kafka.cluster.nodeIds.some(id => String(id) === name)) return
  throw new BrokerError(
    'REQUEST_INVALID',
    `Unexpected broker id '${name}': brokers are ${kafka.cluster.nodeIds.join(', ')}`,
  )
}

/** Whether this virtual broker looks after a group or transactional id; NOT_COORDINATOR otherwise. */
export function coordinates(key: string, { kafka, nodeId }: Call): boolean {
  return kafka.cluster.size === 1 || kafka.cluster.coordinatorOf(key) === nodeId
}

/** Refuses a client whose picture of the partition's leader is older or newer than the truth (KIP-320); -1 does not say. */
export function checkLeaderEpoch(partition: Partition, clientEpoch: number): void {
  const { epoch } = partition.log
  if (clientEpoch < 0 || clientEpoch === epoch) return
  if (clientEpoch < epoch)
    throw new BrokerError('EPOCH_FENCED', `the leader epoch is ${epoch}, the client knows ${clientEpoch}`)
  throw new BrokerError('EPOCH_UNKNOWN', `the leader epoch is ${epoch}, the client says ${clientEpoch}`)
}
