// LeaveGroup: members go, several at once if an administrator says so (KIP-345); the group rebalances once.

import { BrokerError } from '../../errors.ts'
import { memberUnknown } from '../refusals.ts'
import type { ClassicGroup } from './group.ts'
import { checkMember } from './identity.ts'
import type { Leaver, Left } from './request.ts'

/** Each with its own refusal: MEMBER_UNKNOWN, INSTANCE_FENCED. */
export function leave(group: ClassicGroup, leavers: readonly Leaver[]): Left[] {
  const left = leavers.map(leaver => leaveOne(group, leaver))
  if (left.some(one => one.error === undefined)) group.afterRemoval()
  return left
}

function leaveOne(group: ClassicGroup, { memberId, instanceId }: Leaver): Left {
  if (instanceId === null && group.expected.has(memberId)) {
    group.abandonJoin(memberId)
    return { memberId, instanceId }
  }
  // An administrator names a static member by its instance id alone.
  const id = memberId === '' && instanceId !== null ? group.instance(instanceId) : memberId
  try {
    if (id === undefined) throw memberUnknown(group.id, memberId)
    group.removeQuietly(checkMember(group, { memberId: id, instanceId }))
    return { memberId, instanceId }
  } catch (error) {
    if (error instanceof BrokerError) return { memberId, instanceId, error }
    throw error
  }
}
