// How a member of a consumer group goes: for good, for a while (static), or because it was not heard of in time.

import type { Change } from '../../journal.ts'
import { memberUnknown } from '../refusals.ts'
import { NOTHING } from './assignment.ts'
import type { ConsumerGroup } from './group.ts'
import { checkInstance } from './heartbeat.ts'
import type { ConsumerHeartbeat } from './request.ts'
import { consumerMemberChange, headChange, LEFT_FOR_NOW } from './state.ts'

/** To write, for a member that asks to go. Errors: MEMBER_UNKNOWN, INSTANCE_FENCED. */
export function leave(group: ConsumerGroup, request: ConsumerHeartbeat, now: number): Change[] {
  const { memberId, memberEpoch, instanceId } = request
  if (instanceId !== null) checkInstance(group, instanceId, memberId)
  const member = group.members.get(memberId)
  if (member === undefined) throw memberUnknown(group.id, memberId)
  if (memberEpoch !== LEFT_FOR_NOW) return removal(group, memberId, now)
  return [consumerMemberChange(group.id, memberId, { ...member, epoch: LEFT_FOR_NOW, revoking: NOTHING })]
}

/** To write, so that the member is out: the epoch rises, and the next heartbeat of anybody shares out anew. */
export function removal(group: ConsumerGroup, memberId: string, now: number): Change[] {
  const isLast = group.members.size === 1
  const { head } = group
  const epoch = head.epoch + 1
  return [
    consumerMemberChange(group.id, memberId, null),
    headChange(group.id, {
      ...head,
      epoch,
      // With nobody left there is nothing to share out.
      ...(isLast ? { assignmentEpoch: epoch, emptySince: now, topics: {} } : {}),
    }),
  ]
}
