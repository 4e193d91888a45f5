// Old offsets go: those of a group that has been empty for offsets.retention.minutes, those that a simple consumer
// committed so long ago, and those of topics that a group with members reads no more (KIP-211). A group that is empty
// and has no offsets goes with them.

import type { Change } from '../journal.ts'
import type { ConsumerGroup } from './consumer/group.ts'
import { groupChange } from './group-keys.ts'
import type { OffsetLife, Offsets } from './offsets.ts'
import type { PendingOffsets } from './pending-offsets.ts'
import { type Group, isClassic } from './registry.ts'

export interface ExpiryParts {
  readonly offsets: Offsets
  readonly pending: PendingOffsets
  readonly isSubscribed: (group: ConsumerGroup, topic: string) => boolean
}

export interface Expired {
  readonly changes: readonly Change[]
  /** Whether nothing is left of the group. */
  readonly isGone: boolean
}

/** What to write of one group, now. */
export function expire(
  group: Group,
  time: Pick<OffsetLife, 'now' | 'retentionMs'>,
  { offsets, pending, isSubscribed }: ExpiryParts,
): Expired {
  const rule = isClassic(group) ? classicRule(group) : consumerRule(group, isSubscribed)
  if (rule === undefined || pending.holds(group.id)) return { changes: [], isGone: false }
  const changes = offsets.forgetExpired(group.id, { ...time, ...rule })
  const left = [...offsets.of(group.id)].length - changes.length
  const isGone = group.state === 'Empty' && left === 0
  return { changes: isGone ? [...changes, groupChange(group.id, null)] : changes, isGone }
}

type Rule = Pick<OffsetLife, 'since' | 'keeps'>

const keepsNone = () => false

/** Undefined when nothing of the group may go. */
function classicRule(group: Extract<Group, { isSimple: boolean }>): Rule | undefined {
  const { emptySince } = group
  if (emptySince !== undefined)
    return {
      since: ({ committedAt }) => (group.isSimple ? committedAt : Math.max(committedAt, emptySince)),
      keeps: keepsNone,
    }
  const subscribed = group.state === 'Stable' ? group.subscribedTopics() : undefined
  return subscribed && { since: ({ committedAt }) => committedAt, keeps: topic => subscribed.has(topic) }
}

function consumerRule(group: ConsumerGroup, isSubscribed: ExpiryParts['isSubscribed']): Rule {
  return {
    since: ({ committedAt }) => Math.max(committedAt, group.head.emptySince),
    keeps: topic => isSubscribed(group, topic),
  }
}
