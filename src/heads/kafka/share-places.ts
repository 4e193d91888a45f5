// What ShareFetch and ShareAcknowledge have in common: who asks, which partition is meant, and where else it is to be
// asked for when another virtual broker leads it.

import type { Partition, SharePartition } from '../../broker/index.ts'
import { BrokerError } from '../../broker/index.ts'
import { KafkaRefusal, kafkaErrors } from './errors.ts'
import { demand, failed, type Outcome, refused, succeeded } from './outcome.ts'
import { leadPartition } from './place.ts'
import type { ShareAsker } from './share-sessions.ts'
import type { Call } from './verb.ts'

/** Characters of a member's id. */
const MEMBER_ID_LENGTH_MAX = 1024

/** A partition of a request as the group reads it, or why not. */
export interface SharePlace {
  readonly topicId: string
  readonly index: number
  readonly share: SharePartition | undefined
  readonly outcome: Outcome
  readonly currentLeader: { readonly leaderId: number; readonly leaderEpoch: number }
}

const NO_LEADER = { leaderId: 0, leaderEpoch: 0 }

/** Errors: INVALID_REQUEST, GROUP_AUTHORIZATION_FAILED, GROUP_ID_NOT_FOUND. */
export function askerOf(
  { groupId, memberId }: { readonly groupId: string | null; readonly memberId: string | null },
  call: Call,
): ShareAsker {
  if (groupId === null || groupId === '') throw invalid('GroupId must not be empty.')
  if (memberId === null || memberId === '') throw invalid('MemberId must not be empty.')
  if (memberId.length > MEMBER_ID_LENGTH_MAX)
    throw invalid(`A member id of ${memberId.length} characters is longer than ${MEMBER_ID_LENGTH_MAX}.`)
  demand(call, 'read', 'group', groupId)
  if (!call.kafka.broker.shareGroups.has(groupId))
    throw new KafkaRefusal('GROUP_ID_NOT_FOUND', `There is no share group '${groupId}': join it first.`)
  return { groupId, memberId }
}

export async function sharePlace(
  { groupId }: ShareAsker,
  topicId: string,
  index: number,
  call: Call,
): Promise<SharePlace> {
  const { broker, cluster } = call.kafka
  const topic = broker.topics.byId(topicId)
  const without = { topicId, index, share: undefined, currentLeader: NO_LEADER }
  if (topic === undefined)
    return { ...without, outcome: refused('UNKNOWN_TOPIC_ID', 'There is no topic of this id.') }
  if (!call.allows('read', 'topic', topic.name))
    return {
      ...without,
      outcome: refused('TOPIC_AUTHORIZATION_FAILED', 'This client may not read the topic.'),
    }
  const partition = leadPartition(topic, index, call)
  if (typeof partition === 'number') {
    const isElsewhere = partition === kafkaErrors.NOT_LEADER_OR_FOLLOWER
    const leader = isElsewhere ? leaderOf(topic.partitions[index], cluster.leaderOf(topic, index)) : NO_LEADER
    return { ...without, outcome: { errorCode: partition, errorMessage: null }, currentLeader: leader }
  }
  try {
    const share = await broker.shareGroups.partition(groupId, partition)
    return { ...without, share, outcome: succeeded }
  } catch (error) {
    return { ...without, outcome: failed(call, error) }
  }
}

/** Where the leaders are that the answer names. */
export function leadersIn(places: Iterable<SharePlace>, { kafka, listener }: Call) {
  const ids = new Set<number>()
  for (const { outcome, currentLeader } of places)
    if (outcome.errorCode === kafkaErrors.NOT_LEADER_OR_FOLLOWER) ids.add(currentLeader.leaderId)
  return [...ids].flatMap(id => {
    const node = kafka.cluster.node(listener, id)
    return node === undefined ? [] : [{ nodeId: id, host: node.host, port: node.port }]
  })
}

/** Rows by topic, in the order in which the topics come first. */
export function rowsByTopic<Row>(
  rows: Iterable<readonly [topicId: string, row: Row]>,
): { readonly topicId: string; readonly partitions: Row[] }[] {
  const topics = new Map<string, Row[]>()
  for (const [topicId, row] of rows) {
    const known = topics.get(topicId)
    if (known === undefined) topics.set(topicId, [row])
    else known.push(row)
  }
  return Array.from(topics, ([topicId, partitions]) => ({ topicId, partitions }))
}

function leaderOf(partition: Partition | undefined, leaderId: number) {
  return { leaderId, leaderEpoch: partition?.log.epoch ?? 0 }
}

function invalid(message: string): BrokerError {
  return new BrokerError('REQUEST_INVALID', message)
}
