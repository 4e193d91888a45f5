// What a consumer group (KIP-848) is, as the metadata log keeps it: one record for the group and one for each member.
// All of it is plain JSON that is replaced and never changed, so that the log's apply and undo are all there is.

import type { Change, Json } from '../../journal.ts'
import { groupChange, memberChange } from '../group-keys.ts'
import type { Assignment } from './assignment.ts'

export type ConsumerHead = {
  readonly type: 'consumer'
  /** Rises when the members, their subscriptions or the topics change. */
  readonly epoch: number
  /** The epoch that the members' target assignments are for. */
  readonly assignmentEpoch: number
  /** Who made the target assignments. */
  readonly assignor: string
  /** The subscribed topics with their partitions, as the last epoch saw them. */
  readonly topics: { readonly [topicId: string]: number }
  /** Since when it has no members, ms since 1970; 0 while it has. */
  readonly emptySince: number
}

/** Of a member that speaks the classic protocol: what it needs should the group become classic (again). */
export type ClassicSide = {
  readonly sessionTimeoutMs: number
  /** Name, and metadata in base64. */
  readonly protocols: readonly (readonly [string, string])[]
}

export type ConsumerMember = {
  readonly instanceId: string | null
  readonly rackId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeoutMs: number
  readonly topicNames: readonly string[]
  readonly pattern: string | null
  /** Its wish; null for the group's default. */
  readonly assignor: string | null
  /** The assignment epoch that it has reached; LEFT_FOR_NOW for a static member that is away. */
  readonly epoch: number
  /** The one before, should the answer that raised it have been lost. */
  readonly previousEpoch: number
  /**
   * stable: it has all of its target. unrevoked: it must first give up what is in `revoking`. unreleased: some of its
   * target is still held by others.
   */
  readonly state: 'stable' | 'unrevoked' | 'unreleased'
  /** What it may consume now. */
  readonly assigned: Assignment
  /** What it must give up and may still be consuming. */
  readonly revoking: Assignment
  /** What it is to have in the end. */
  readonly target: Assignment
  /** Null or missing for a member of the consumer protocol. */
  readonly classic?: ClassicSide | null
}

/** Member epoch of a request to join. */
export const JOIN_EPOCH = 0
/** Member epoch of a request to leave. */
export const LEAVE_EPOCH = -1
/** Member epoch of a static member that leaves for a while, and keeps its partitions until its session ends. */
export const LEFT_FOR_NOW = -2

export const NEW_HEAD: ConsumerHead = {
  type: 'consumer',
  epoch: 0,
  assignmentEpoch: 0,
  assignor: 'uniform',
  topics: {},
  emptySince: 0,
}

export function headChange(groupId: string, head: ConsumerHead | null): Change {
  return groupChange(groupId, head as Json)
}

export function consumerMemberChange(
  groupId: string,
  memberId: string,
  member: ConsumerMember | null,
): Change {
  return memberChange(groupId, memberId, member as Json)
}
