// ACL operations as Kafka numbers them, and the bit sets of what a client may do (KIP-430).

import type { Operation, ResourceType } from '../../auth/index.ts'
import type { Call } from './verb.ts'

/** Kafka's number of each operation (AclOperation). */
export const operationCodes: Readonly<Record<Operation, number>> = {
  all: 2,
  read: 3,
  write: 4,
  create: 5,
  delete: 6,
  alter: 7,
  describe: 8,
  cluster_action: 9,
  describe_configs: 10,
  alter_configs: 11,
  idempotent_write: 12,
  create_tokens: 13,
  describe_tokens: 14,
  two_phase_commit: 15,
}

const ofTopics: readonly Operation[] = [
  'read',
  'write',
  'create',
  'delete',
  'alter',
  'describe',
  'describe_configs',
  'alter_configs',
]
const ofGroups: readonly Operation[] = ['read', 'delete', 'describe', 'describe_configs', 'alter_configs']
const ofCluster: readonly Operation[] = [
  'create',
  'alter',
  'describe',
  'cluster_action',
  'describe_configs',
  'alter_configs',
  'idempotent_write',
]

export function topicOperations(name: string, call: Call): number {
  return bits(ofTopics, 'topic', name, call)
}
export function groupOperations(name: string, call: Call): number {
  return bits(ofGroups, 'group', name, call)
}
export function clusterOperations(call: Call): number {
  return bits(ofCluster, 'cluster', 'kafka-cluster', call)
}

function bits(of: readonly Operation[], type: ResourceType, name: string, { allows }: Call): number {
  let set = 0
  for (const operation of of) if (allows(operation, type, name)) set |= 1 << operationCodes[operation]
  return set
}
